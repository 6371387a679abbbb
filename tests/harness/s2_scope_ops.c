/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations: which, where, what each should answer, as the reference and a walk by the model
 * foretell it.
 */
#include "tests/harness/s2_scope.h"

#include <string.h>

#include "include/bits.h"
#include "s2/fault.h"
#include "tests/harness/machine.h"

const struct scope_op scope_ops[] = {
	{ "map a page", MAP, ZERO, P, P5, NO, 0 },
	{ "map a block", MAP, ZERO, B, B, NO, 0 },
	{ "map a large block", MAP, ZERO, U, U, NO, 0 },
	{ "map over a table's end", MAP, AT_P, B, P, NO, 0 },
	{ "map two pages over it", MAP, BEFORE_B, P2, NO, NO, 0 },
	{ "map unaligned", MAP, ZERO, B2, P, NO, 0 },
	{ "map pages over the root's end", MAP, B_BEFORE_ROOT, B2, NO, P, 0 },
	{ "map blocks over it", MAP, U_BEFORE_ROOT, U2, NO, NO, 0 },
	{ "map the last page", MAP, LAST_P, P, NO, NO, 0 },
	{ "map the last blocks", MAP, LAST_U, U, NO, B, 0 },
	{ "map a group", HINTED, ZERO, G, B, NO, 0 },
	{ "map a table of groups", HINTED, AT_B, B, B3, P, 0 },
	{ "remap a page", REMAP, ZERO, P, P9, NO, 0 },
	{ "remap a block", REMAP, ZERO, B, B3, NO, 0 },
	{ "remap over a table's end", REMAP, AT_P, B, P, NO, 0 },
	{ "remap over the root's end", REMAP, BEFORE_ROOT, P2, P9, NO, 0 },
	{ "unmap a page", UNMAP, ZERO, P, NO, NO, 0 },
	{ "unmap the next", UNMAP, AT_P, P, NO, NO, 0 },
	{ "unmap over a table's end", UNMAP, BEFORE_B, P2, NO, NO, 0 },
	{ "unmap a block", UNMAP, ZERO, B, NO, NO, 0 },
	{ "unmap from a page on", UNMAP, AT_P, U, NO, NO, 0 },
	{ "unmap over the root's end", UNMAP, BEFORE_ROOT, P2, NO, NO, 0 },
	{ "unmap the last page", UNMAP, LAST_P, P, NO, NO, 0 },
	{ "unmap all", UNMAP, ZERO, TO_END, NO, NO, 0 },
	{ "protect a page", PROTECT, ZERO, P, NO, NO, S2_R },
	{ "protect over a table's end", PROTECT, BEFORE_B, P2, NO, NO, S2_R },
	{ "protect over the root's end", PROTECT, BEFORE_ROOT, B, NO, NO, 0 },
	{ "protect the last block", PROTECT, LAST_B, B, NO, NO, S2_R | S2_X },
	{ "permit all", PROTECT, ZERO, TO_END, NO, NO, S2_R | S2_W | S2_X },
	{ "note a page", ANNOTATE, ZERO, P, NO, NO, 0 },
	{ "note a block", ANNOTATE, ZERO, B, NO, NO, 0 },
	{ "note over a table's end", ANNOTATE, AT_P, B, NO, NO, 0 },
	{ "note the last blocks", ANNOTATE, LAST_U, U, NO, NO, 0 },
	{ "split a block", SPLIT, ZERO, B, P, NO, 0 },
	{ "split a large block", SPLIT, ZERO, U, B, NO, 0 },
	{ "split over the root's end", SPLIT, B_BEFORE_ROOT, B2, P, NO, 0 },
	{ "merge", MERGE, ZERO, U, NO, NO, 0 },
	{ "merge all to blocks", MERGE, ZERO, TO_END, B, NO, 0 },
	{ "age a block", AGE, ZERO, B, NO, NO, 0 },
	{ "age all", AGE, ZERO, TO_END, NO, NO, 0 },
	{ "install a page", INSTALL, ZERO, P, NO, NO, 0 },
	{ "install a block", INSTALL, AT_B, B, NO, NO, 0 },
	{ "install the last page", INSTALL, LAST_P, P, NO, NO, 0 },
	{ "relax", RELAX, ZERO, NO, NO, NO, S2_W | S2_X },
	{ "relax the last page", RELAX, LAST_P, NO, NO, NO, S2_W },
	{ "accessed", ACCESSED, AT_P, NO, NO, NO, 0 },
	{ "log by pages", LOG_PAGES, ZERO, B2, NO, NO, 0 },
	{ "log by blocks", LOG_BLOCKS, AT_B, B2, NO, NO, 0 },
	{ "write under the log", LOG_WRITE, AT_P, P, NO, NO, 0 },
	{ "write its second block", LOG_WRITE, AT_B, P, NO, NO, 0 },
	{ "harvest", HARVEST, ZERO, NO, NO, NO, 0 },
	{ "end the log", LOG_STOP, ZERO, NO, NO, NO, 0 },
};

unsigned int scope_operations(void)
{
	return ARRAY_SIZE(scope_ops);
}

const char *scope_name(unsigned int i)
{
	return scope_ops[i].name;
}

/* ---- Places and sizes ---- */

static u64 granule(void)
{
	return 1UL << scope_vm.geo.granule_shift;
}

u64 scope_space(void)
{
	return s2_last_ipa(&scope_vm.geo) + 1;
}

static u64 span_above(void)
{
	return min_u64(s2_level_size(&scope_vm.geo, 1), scope_space() / 4);
}

static u64 root_span(void)
{
	return scope_space() / scope_vm.geo.root_pages * (scope_vm.geo.root_pages > 1 ? 1 : 0) +
	       scope_space() / 2 * (scope_vm.geo.root_pages == 1);
}

u64 scope_amount(enum scope_unit u)
{
	u64 page = granule();
	u64 block = s2_level_size(&scope_vm.geo, 2);

	switch (u) {
	case NO: return 0;
	case P: return page;
	case P2: return 2 * page;
	case P5: return 5 * page;
	case P9: return 9 * page;
	case G: return page * s2_contiguous(&scope_vm.geo, 3);
	case B: return block;
	case B2: return 2 * block;
	case B3: return 3 * block;
	case U: return span_above();
	case U2: return 2 * span_above();
	case TO_END: break;
	}
	return scope_space();
}

u64 scope_place(enum scope_place at)
{
	switch (at) {
	case ZERO: return 0;
	case AT_P: return scope_amount(P);
	case AT_B: return scope_amount(B);
	case BEFORE_B: return scope_amount(B) - scope_amount(P);
	case ROOT: return root_span();
	case BEFORE_ROOT: return root_span() - scope_amount(P);
	case B_BEFORE_ROOT: return root_span() - scope_amount(B);
	case U_BEFORE_ROOT: return root_span() - scope_amount(U);
	case LAST_P: return scope_space() - scope_amount(P);
	case LAST_B: return scope_space() - scope_amount(B);
	case LAST_U: break;
	}
	return scope_space() - scope_amount(U);
}

struct s2_attr scope_attr(const struct scope_op *o)
{
	struct s2_attr a = ram();

	a.accessed = o->kind == HINTED;
	a.contiguous = o->kind == HINTED;
	a.sw = 5;
	return a;
}

/* ---- What comes of an operation ---- */

bool scope_is_leaf(const struct model_walk *w)
{
	return (w->desc & 1) && w->fault != MODEL_TRANSLATION;
}

static bool may_write(u64 ipa)
{
	const struct ref_run *run = ref_find(&scope_ref, ipa, ipa);

	return run && !run->tag && run->attr.perm & S2_W;
}

static enum err foretell_log(const struct scope_call *c)
{
	if (c->op->kind == LOG_PAGES || c->op->kind == LOG_BLOCKS)
		return scope_vm.log ? ERR_BUSY : OK;
	if (!scope_vm.log)
		return ERR_NOENT;
	if (c->op->kind == LOG_WRITE && !scope_is_leaf(&c->walk))
		return ERR_NOENT;
	return c->op->kind == LOG_WRITE && !may_write(c->ipa) ? ERR_PERM : OK;
}

enum err scope_foretell(const struct scope_call *c)
{
	switch (c->op->kind) {
	case MAP:
	case HINTED: return ref_find(&scope_ref, c->ipa, c->last) ? ERR_EXISTS : OK;
	case INSTALL: return c->walk.desc || c->walk.size < c->size ? ERR_AGAIN : OK;
	case RELAX:
		if (!scope_is_leaf(&c->walk))
			return ERR_NOENT;
		return c->walk.contiguous ? ERR_BUSY : OK;
	case ACCESSED: return scope_is_leaf(&c->walk) ? OK : ERR_NOENT;
	case LOG_PAGES:
	case LOG_BLOCKS:
	case LOG_WRITE:
	case HARVEST:
	case LOG_STOP: return foretell_log(c);
	case REMAP:
	case UNMAP:
	case PROTECT:
	case ANNOTATE:
	case SPLIT:
	case MERGE:
	case AGE: break;
	}
	return OK;
}

static enum err perform_log(struct scope_call *c)
{
	enum s2_grain grain = c->op->kind == LOG_PAGES ? S2_GRAIN_PAGE : S2_GRAIN_BLOCK;
	u64 first = scope_vm.log ? scope_log.first : 0;
	u64 size = scope_vm.log ? scope_log.last + 1 - first : scope_amount(P);

	if (c->op->kind == LOG_PAGES || c->op->kind == LOG_BLOCKS)
		return s2_log_start(&scope_vm, &scope_log, mk_ipa(c->ipa), c->size, grain,
				    scope_log_bits);
	if (c->op->kind == LOG_WRITE)
		return s2_log_write(&scope_vm, mk_ipa(c->ipa));
	if (c->op->kind == LOG_STOP)
		return s2_log_stop(&scope_vm);
	memset(scope_out, 0, sizeof(scope_out));
	return s2_log_harvest(&scope_vm, mk_ipa(first), size, scope_out, &c->told);
}

enum err scope_do(struct scope_call *c)
{
	const struct scope_op *o = c->op;
	ipa_t ipa = mk_ipa(c->ipa);
	pa_t pa = mk_pa(scope_amount(o->arg));

	switch (o->kind) {
	case MAP:
	case HINTED:
		return s2_map(&scope_vm, ipa, c->size, pa, scope_attr(o), scope_amount(o->largest));
	case REMAP:
		return s2_remap(&scope_vm, ipa, c->size, pa, scope_attr(o),
				scope_amount(o->largest));
	case UNMAP: return s2_unmap(&scope_vm, ipa, c->size);
	case PROTECT: return s2_protect(&scope_vm, ipa, c->size, o->perm);
	case ANNOTATE: return s2_annotate(&scope_vm, ipa, c->size, 7, 0x123456789abc);
	case SPLIT: return s2_split(&scope_vm, ipa, c->size, scope_amount(o->arg));
	case MERGE: return s2_merge(&scope_vm, ipa, c->size, scope_amount(o->arg), &c->told);
	case AGE:
		return s2_age(&scope_vm, ipa, c->size,
			      c->size == scope_space() ? NULL : scope_young, &c->told);
	case INSTALL: return s2_install(&scope_vm, ipa, c->size, pa, scope_attr(o));
	case RELAX: return s2_relax(&scope_vm, ipa, o->perm);
	case ACCESSED: return s2_mark_accessed(&scope_vm, ipa);
	case LOG_PAGES:
	case LOG_BLOCKS:
	case LOG_WRITE:
	case HARVEST:
	case LOG_STOP: break;
	}
	return perform_log(c);
}
