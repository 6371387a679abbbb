/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only place that issues TLB maintenance.  It keeps true:
 * 1. a store that made an entry invalid is complete before the first TLBI: a walk that begins
 *    after the TLBI cannot load the old entry again (DSB ISHST);
 * 2. stage-2 entries are gone (DSB ISH) before combined entries, which a TLB may have made from
 *    them, are invalidated; an IPA says nothing about those, so all of the VMID's go (D8.14.5);
 * 3. all is complete (DSB ISH) and this CPU's context is synchronized (ISB) on return;
 * 4. the VTTBR that was current is current again;
 * 5. a level is hinted only where leaves of one level went and no table did.
 *
 * What is narrowest: few leaves go by address; where the CPU has ranges, what lies close together
 * goes by range, and what is too much for either goes with its VMID.
 */
#include "s2/tlb.h"

#include "arch/sysreg.h"
#include "include/bits.h"
#include "s2/port.h"

enum {
	UNIT_BITS = 5, /* SCALE counts in these, NUM has as many */
	MAX_SCALE = 3,
	RANGE_MAX_SHIFT = 21, /* granules that one instruction takes at most */
	WIDE_BASE_SHIFT = 16, /* with VTCR_EL2.DS the base counts 64 KiB */
};

void s2_tlb_add(struct s2_tlb *t, const struct s2 *s2, u64 ipa, u64 n, int level)
{
	u64 size = s2_level_size(&s2->geo, level);
	u64 last = ipa + (n * size - 1);

	if (t->count == 0) {
		t->first = ipa;
		t->last = last;
		t->level = (s8)level;
	} else {
		t->first = min_u64(t->first, ipa);
		t->last = max_u64(t->last, last);
		if (t->level != level)
			t->level = S2_TLB_MIXED;
	}
	t->bytes += n * size;
	if (t->count > S2_TLB_MAX || n > S2_TLB_MAX - t->count) {
		t->count = S2_TLB_MAX + 1;
		return;
	}
	for (; n; n--, ipa += size)
		t->ipa[t->count++] = ipa;
}

static unsigned int base_shift(const struct s2_geometry *g)
{
	return g->wide ? WIDE_BASE_SHIFT : g->granule_shift;
}

/*
 * (NUM + 1) * 2^(5 * SCALE + 1) granules: the largest scale that leaves nothing over-covered.
 * With a scale above 0 the rest begins at a multiple of 64 KiB again; with scale 0 at most one
 * granule is left.
 */
u64 s2_tlbi_range_operand(const struct s2_geometry *g, u64 *first, u64 last, int level)
{
	u64 base = align_down(*first, 1UL << base_shift(g));
	u64 n = ((last - base) >> g->granule_shift) + 1;
	unsigned int scale = MAX_SCALE;
	unsigned int unit;
	u64 num;

	while (scale && n >> (UNIT_BITS * scale + 1) == 0)
		scale--;
	unit = UNIT_BITS * scale + 1;
	num = min_u64(n >> unit, 1UL << UNIT_BITS);
	*first = base + (num << (unit + g->granule_shift));
	return put(TLBI_RANGE_TG, s2_tlbi_granule(g)) | put(TLBI_RANGE_SCALE, scale) |
	       put(TLBI_RANGE_NUM, num - 1) | put(TLBI_RANGE_TTL, s2_tlbi_hint(g, level)) |
	       put(TLBI_RANGE_BASE, base >> base_shift(g));
}

/* No level: of a table's pointers all must go, whatever level they stand at. */
static int level_of(const struct s2_tlb *t)
{
	return t->tables || t->level == S2_TLB_MIXED ? -1 : t->level;
}

static void flush_ipa(struct s2 *s2, const struct s2_tlb *t, u64 ipa)
{
	u64 xt = s2_tlbi_operand(&s2->geo, ipa, level_of(t));

	if (t->tables)
		s2_port_tlbi_ipas2e1is(xt);
	else
		s2_port_tlbi_ipas2le1is(xt);
	s2->tlbi.ipa++;
	s2->tlbis++;
}

static void flush_range(struct s2 *s2, const struct s2_tlb *t)
{
	u64 granule = 1UL << s2->geo.granule_shift;
	u64 first = t->first;

	while (t->last - first >= granule && first < t->last) {
		u64 xt = s2_tlbi_range_operand(&s2->geo, &first, t->last, level_of(t));

		if (t->tables)
			s2_port_tlbi_ripas2e1is(xt);
		else
			s2_port_tlbi_ripas2le1is(xt);
		s2->tlbi.range++;
		s2->tlbis++;
	}
	if (first < t->last)
		flush_ipa(s2, t, first);
}

static bool by_range(const struct s2_geometry *g, const struct s2_tlb *t)
{
	u64 span = t->last - t->first + 1;

	if (!(g->features & S2_TLBI_RANGE) || t->count <= S2_TLB_FEW)
		return false;
	if (span >> g->granule_shift > 1UL << RANGE_MAX_SHIFT)
		return false;
	/* More than single addresses can do; or close together, with few instructions. */
	return t->count > S2_TLB_MAX || span == t->bytes;
}

static void flush_some(struct s2 *s2, const struct s2_tlb *t)
{
	if (by_range(&s2->geo, t))
		flush_range(s2, t);
	else
		for (u32 i = 0; i < t->count; i++)
			flush_ipa(s2, t, t->ipa[i]);
	s2_port_dsb_ish();
	s2_port_tlbi_vmalle1is();
	s2->tlbis++;
}

void s2_tlb_flush(struct s2 *s2, struct s2_tlb *t)
{
	u64 old;

	if (s2_tlb_is_empty(t))
		return;
	s2_port_dsb_ishst();
	old = s2_port_vttbr_enter(s2_vttbr(s2));
	if (t->all || (t->count > S2_TLB_MAX && !by_range(&s2->geo, t))) {
		s2_port_tlbi_vmalls12e1is();
		s2->tlbi.vmid++;
		s2->tlbis++;
	} else {
		flush_some(s2, t);
	}
	s2_port_dsb_ish();
	s2_port_isb();
	s2_port_vttbr_leave(old);
	t->count = 0;
	t->all = false;
	t->tables = false;
	t->bytes = 0;
}
