/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk: both stages' walk of a VA in words, and the hardware's beside it.
 */
#include "hyp/console/cmd_walk.h"

#include "arch/desc_fields.h"
#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/vm/ident.h"
#include "lib/fields.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "s2/geometry.h"

/* ---- Stage 1 -------------------------------------------------------------------------------- */

/*
 * The hardware's own check of addresses goes by the machine's PARange, and so does the walk; what
 * the guest is shown is less, and what is beyond it stage 2 refuses.
 */
static void print_head(const struct vm *vm, const struct s1_walk *s1)
{
	u32 shown = s2_pa_bits((u32)ident_parange(vm));

	print("vm%u %s  vcpu 0  %s at %s  VA 0x%016lx\n", vm->number, vm->config.name,
	      s1->access & S1_WRITE ? "write" : "read", s1->access & S1_EL0 ? "EL0" : "EL1",
	      s1->va.v);
	if (s1->flat) {
		print("stage 1    off (SCTLR_EL1.M = 0): flat, VA = IPA\n");
		return;
	}
	print("stage 1    TTBR%u 0x%lx  %u-bit VA, %s granule%s, start level %d, output %u bits",
	      s1->upper, s1->upper ? s1->regime.ttbr1 : s1->regime.ttbr0, s1->va_bits,
	      size_text(1UL << s1->granule_shift),
	      s1->granule_fixed ? " (TCR's is reserved or not there)" : "", s1->start,
	      s1->output_bits);
	if (s1->output_bits > shown)
		print(", of which the guest is shown %u", shown);
	print("\n");
}

static void print_step(const struct s1_walk *s1, u32 i, pa_t table)
{
	const struct s1_step *s = &s1->step[i];
	enum desc_kind kind = desc_kind(s->desc, s->level, s1->top_block);
	char words[160] = "";

	if (kind == DESC_KIND_LEAF)
		fields_print(words, sizeof(words), s1_leaf_fields, s->desc);
	else if (kind == DESC_KIND_TABLE)
		fields_print(words, sizeof(words), s1_table_fields, s->desc);
	print("  level %d  table IPA 0x%lx PA 0x%lx  [%u:%u] = %lu  0x%016lx  %s%s%s\n", s->level,
	      s->table.v, table.v, s->hi, s->lo, s->index, s->desc,
	      desc_kind_name(s->desc, s->level, s1->top_block), *words ? ": " : "", words);
}

static const char *perm_text(u8 perm)
{
	static const char *const names[] = {
		"---", "--X", "-W-", "-WX", "R--", "R-X", "RW-", "RWX"
	};

	return names[perm & 7];
}

static void print_fault(const char *stage, u8 fsc, const char *why)
{
	print("%s %s, level %d: %s\n", stage, esr_fsc_name(fsc), esr_fsc_level(fsc), why);
}

static void print_stage1(const struct walk *w)
{
	const struct s1_walk *s1 = &w->s1;

	for (u32 i = 0; i < s1->steps; i++)
		print_step(s1, i, w->table_pa[i]);
	if (w->ptw)
		print("  level %d  table IPA 0x%lx  the entry's IPA 0x%lx is not to be had\n",
		      s1->level, s1->step[s1->steps].table.v, s1->entry.v);
	else if (s1->state == S1_WALK_FAULT)
		print_fault("          ", s1->fsc, s1->why);
	else
		print("           IPA 0x%lx  EL1 %s  EL0 %s  %s\n", s1->ipa.v, perm_text(s1->el1),
		      perm_text(s1->el0), s1->flat ? "Device-nGnRnE data" : mair_name(s1->attr));
}

/* ---- Stage 2 and both ----------------------------------------------------------------------- */

/* R, W, X of stage 2 as stage 1's permissions are written. */
static u8 stage2_perm(const struct s2_attr *a)
{
	return (u8)((a->perm & S2_R ? S1_PERM_R : 0) | (a->perm & S2_W ? S1_PERM_W : 0) |
		    (a->perm & S2_X ? S1_PERM_X : 0));
}

static void print_stage2(const struct walk *w)
{
	const struct walk_stage2 *s2 = &w->s2;
	char words[160];
	u8 perm;

	if (!w->stage1_ok && !w->ptw)
		return;
	if (s2->fsc != WALK_NO_FAULT) {
		print_fault(w->ptw ? "stage 2    of that table:" : "stage 2   ", s2->fsc, s2->why);
		return;
	}
	perm = stage2_perm(&s2->attr);
	walk_leaf_text(words, sizeof(words), s2->attr, s2->leaf.desc);
	print("stage 2    level %d, %s at IPA 0x%lx: %s\n", s2->leaf.level,
	      size_text(s2->leaf.size), s2->leaf.ipa.v, words);
	print("both       PA 0x%lx  EL1 %s  EL0 %s\n", w->pa.v, perm_text(w->s1.el1 & perm),
	      perm_text(w->s1.el0 & perm));
}

/* ---- The hardware's answer ------------------------------------------------------------------ */

static void print_par(u32 op, const struct at_result *r)
{
	u8 fst = (u8)get(PAR_FST, r->par);
	char words[96];

	if (r->aborted) {
		print("%s  the instruction took an abort at EL2\n", compare_op_name(op));
		return;
	}
	if (!(r->par & PAR_F)) {
		fields_print(words, sizeof(words), par_fields, r->par);
		print("%s  PAR 0x%016lx  F 0: %s 0x%lx, %s (%s)\n", compare_op_name(op), r->par,
		      op < AT_S1E1R ? "PA" : "IPA", r->par & PAR_PA, words,
		      mair_name((u8)get(PAR_ATTR, r->par)));
		return;
	}
	print("%s  PAR 0x%016lx  F 1: %s", compare_op_name(op), r->par, esr_fsc_name(fst));
	if (esr_fsc_level(fst) != FSC_NO_LEVEL)
		print(", level %d", esr_fsc_level(fst));
	print("%s%s\n", r->par & PAR_S ? ", of stage 2 (S)" : ", of stage 1",
	      r->par & PAR_PTW ? ", on a stage-1 table (PTW)" : "");
}

void compare_print(const struct vm *vm, const struct compare *c)
{
	print_head(vm, &c->walk.s1);
	print_stage1(&c->walk);
	print_stage2(&c->walk);
	print_par(c->op_both, &c->both);
	print_par(c->op_stage1, &c->stage1);
	print("%s%s\n", c->agree ? "software and hardware agree" : "SOFTWARE AND HARDWARE DISAGREE",
	      c->level_differs ? ", but for the level: the hardware gives stage 1's" : "");
}

/* ---- The command ---------------------------------------------------------------------------- */

static bool word_is(const struct word *w, const char *text)
{
	return word_match(w, text) == MATCH_WHOLE;
}

static bool read_access(const struct args *a, u8 *access)
{
	char shown[SHOWN_MAX];

	*access = S1_READ;
	for (u32 i = 2; i < a->count; i++) {
		const struct word *w = &a->word[i];

		if (word_is(w, "w")) {
			*access |= S1_WRITE;
		} else if (word_is(w, "el0")) {
			*access |= S1_EL0;
		} else if (!word_is(w, "r") && !word_is(w, "el1")) {
			command_fail("`%s` is none of r, w, el1, el0",
				     text_shown(shown, w->text, w->length));
			return false;
		}
	}
	return true;
}

enum command_result cmd_walk(const struct args *a)
{
	static struct compare c;
	struct s1_regime regime;
	struct vm *vm;
	u8 access;
	u64 va;

	if (!arg_vm_alive(a, 0, &vm) || !arg_number(a, 1, "VA", &va) || !read_access(a, &access))
		return COMMAND_FAILED;
	regime = hw_regime(&vm->vcpu[0]);
	compare_va(&c, vm, &regime, mk_va(va), access);
	compare_print(vm, &c);
	if (!c.agree)
		return command_fail("walk: software and hardware disagree");
	return COMMAND_OK;
}
