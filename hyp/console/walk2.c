/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both stages of a translation in software.  It keeps true:
 * 1. a stage-1 entry is read only where stage 2 lets the guest's own walk read it;
 * 2. the fault told is the first that hardware meets, with its stage and level;
 * 3. nothing is written: no access flag, no dirty state.
 */
#include "hyp/console/walk2.h"

#include "arch/desc.h"
#include "arch/desc_fields.h"
#include "arch/esr.h"
#include "arch/sysreg.h"
#include "lib/fields.h"
#include "lib/fmt.h"
#include "mm/port.h"

static void refuse(struct walk_stage2 *a, u8 kind, int level, const char *why)
{
	a->fsc = s1_fsc(kind, level);
	a->why = why;
}

struct walk_stage2 walk_stage2(const struct s2 *s2, ipa_t ipa, bool write)
{
	struct walk_stage2 a = { .fsc = WALK_NO_FAULT, .why = "" };
	enum err e = s2_lookup(s2, ipa, &a.leaf);
	u8 perm;

	if (e == ERR_RANGE) {
		refuse(&a, FSC_TRANSLATION_L0, 0, "the IPA lies beyond the guest's address space");
		return a;
	}
	if (e != OK) {
		refuse(&a, FSC_TRANSLATION_L0, a.leaf.level, "stage 2 maps nothing there");
		return a;
	}
	a.pa = mk_pa(a.leaf.pa.v + (ipa.v - a.leaf.ipa.v));
	a.attr = s2_leaf_attr(s2, &a.leaf);
	perm = a.attr.perm;
	/* A clean leaf of the dirty log is made writable by the hardware where it can. */
	if ((a.leaf.desc & DESC_DBM) && (s2->geo.vtcr & VTCR_HD))
		perm |= S2_W;
	if (!a.attr.accessed && !(s2->geo.vtcr & VTCR_HA))
		refuse(&a, FSC_ACCESS_L0, a.leaf.level, "stage 2's access flag is clear");
	else if (!(perm & (write ? S2_W : S2_R)))
		refuse(&a, FSC_PERMISSION_L0, a.leaf.level,
		       write ? "stage 2 does not let it be written"
			     : "stage 2 does not let it be read");
	return a;
}

static bool is_device(const struct walk_stage2 *s2)
{
	return s2->attr.mem <= S2_MEM_DEVICE_GRE;
}

/* The descriptor that stage 1 wants next, through stage 2; false where that faults. */
static bool read_entry(struct walk *w, const struct s2 *s2, u64 hcr, u64 *desc)
{
	struct s1_walk *s1 = &w->s1;
	struct s1_step *step = &s1->step[s1->steps];
	ipa_t entry = mk_ipa(s1->entry.v & ~7UL);

	w->s2 = walk_stage2(s2, entry, false);
	if (w->s2.fsc == WALK_NO_FAULT && (hcr & HCR_PTW) && is_device(&w->s2))
		refuse(&w->s2, FSC_PERMISSION_L0, w->s2.leaf.level,
		       "a stage-1 table in Device memory, refused by HCR_EL2.PTW");
	if (w->s2.fsc != WALK_NO_FAULT)
		return false;
	w->table_pa[s1->steps] = mk_pa(w->s2.pa.v - (entry.v - step->table.v));
	*desc = *(const volatile u64 *)mm_port_va(w->s2.pa);
	return true;
}

void walk_both(struct walk *w, const struct s2 *s2, const struct s1_regime *regime, va_t va,
	       u8 access, u64 hcr)
{
	u64 desc;

	*w = (struct walk){ .fsc = WALK_NO_FAULT };
	w->s1 = s1_walk_begin(regime, va, access);
	while (w->s1.state == S1_WALK_READ) {
		if (!read_entry(w, s2, hcr, &desc)) {
			w->stage2_fault = w->ptw = true;
			w->fsc = w->s2.fsc;
			return;
		}
		s1_walk_feed(&w->s1, desc);
	}
	if (w->s1.state == S1_WALK_FAULT) {
		w->fsc = w->s1.fsc;
		return;
	}
	w->stage1_ok = true;
	w->s2 = walk_stage2(s2, w->s1.ipa, access & S1_WRITE);
	w->pa = w->s2.pa;
	w->stage2_fault = w->s2.fsc != WALK_NO_FAULT;
	w->fsc = w->s2.fsc;
}

static const char *mem_text(u8 mem)
{
	switch (mem) {
	case S2_MEM_DEVICE_NGNRNE: return "Device-nGnRnE";
	case S2_MEM_DEVICE_NGNRE: return "Device-nGnRE";
	case S2_MEM_DEVICE_NGRE: return "Device-nGRE";
	case S2_MEM_DEVICE_GRE: return "Device-GRE";
	case S2_MEM_NORMAL_NC: return "Normal NC";
	case S2_MEM_NORMAL_WT: return "Normal WT";
	case S2_MEM_NORMAL_WB: return "Normal WB";
	case S2_MEM_STAGE1: return "as stage 1 says";
	default: return "reserved";
	}
}

static const char *sh_text(u8 sh)
{
	switch (sh) {
	case S2_SH_NONE: return "non-shareable";
	case S2_SH_OUTER: return "outer";
	case S2_SH_INNER: return "inner";
	default: return "reserved";
	}
}

void walk_leaf_text(char *buf, size_t size, struct s2_attr attr, u64 desc)
{
	size_t used = fmt(buf, size, "mem %s, sh %s, ", mem_text(attr.mem), sh_text(attr.sh));

	if (used < size)
		fields_print(buf + used, size - used, s2_leaf_fields, desc);
}
