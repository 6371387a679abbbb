/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contiguous groups (D8.7.1): the hint is legal only where all members are there, with outputs that
 * continue each other and equal attributes, as any TLB entry made from one may stand for
 * all.  While
 * an operation runs a group may be half there; when it has returned it may not.
 */
#include "tests/model/state.h"

enum { TOUCHED = 1 << 16 };

static struct {
	u64 *first;
	u64 ipa;
	u8 vm;
	s8 level;
} touched[TOUCHED];
static unsigned int count;

void groups_reset(void)
{
	count = 0;
}

u64 group_size(const struct model_root *r, int level)
{
	return model_contiguous(r, level) * model_entry_size(r, level);
}

u64 group_base(const struct model_root *r, int level, u64 ipa)
{
	return ipa & ~(group_size(r, level) - 1);
}

/* What members may differ in: the output, and what hardware or a fault sets in one of them. */
static u64 attributes(const struct model_root *r, u64 desc)
{
	u64 not_address = ~(((1UL << 50) - 1) & ~0xfffUL);
	u64 ignored = AF | (desc & DBM ? WRITE : 0);

	if (r->ds)
		ignored |= 3UL << 8;
	return desc & not_address & ~ignored;
}

void group_touch(unsigned int vm, u64 *entry, int level, u64 ipa)
{
	const struct model_root *r = &vms[vm].root;
	u64 base = group_base(r, level, ipa);
	u64 *first = entry - ((ipa - base) >> model_shift(r, level));

	if ((count && touched[count - 1].first == first) || count == TOUCHED)
		return; /* no test's operation has as many groups */
	touched[count].first = first;
	touched[count].ipa = base;
	touched[count].vm = (u8)vm;
	touched[count++].level = (s8)level;
}

static bool is_whole(const struct model_root *r, const u64 *first, int level)
{
	u64 pa = model_leaf_address(r, first[0], level);

	if (pa & (group_size(r, level) - 1))
		return false;
	for (u64 i = 0; i < model_contiguous(r, level); i++) {
		if (!(first[i] & 1) || model_is_table(first[i], level) || !(first[i] & CONTIGUOUS))
			return false;
		if (attributes(r, first[i]) != attributes(r, first[0]) ||
		    model_leaf_address(r, first[i], level) != pa + i * model_entry_size(r, level))
			return false;
	}
	return true;
}

bool group_says(const struct model_root *r, const u64 *first, int level, u64 desc)
{
	/* A whole group speaks for what is true: what a TLB loads from it is not old. */
	if (is_whole(r, first, level))
		return false;
	for (u64 i = 0; i < model_contiguous(r, level); i++)
		if (first[i] & 1 && first[i] & CONTIGUOUS && first[i] & AF &&
		    attributes(r, first[i]) == attributes(r, desc))
			return true;
	return false;
}

static bool has_hint(const struct model_root *r, const u64 *first, int level)
{
	for (u64 i = 0; i < model_contiguous(r, level); i++)
		if (first[i] & 1 && !model_is_table(first[i], level) && first[i] & CONTIGUOUS)
			return true;
	return false;
}

void groups_check(void)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct model_root *r = &vms[touched[i].vm].root;
		const u64 *first = touched[i].first;
		const struct page *p = page_at(model_pa(first).v);

		/* What is linked no more was judged when the TLBs forgot it. */
		if (p->state != PAGE_LINKED || p->vm != touched[i].vm ||
		    p->level != touched[i].level)
			continue;
		if (has_hint(r, first, touched[i].level) && !is_whole(r, first, touched[i].level))
			stop(MODEL_MALFORMED, touched[i].ipa,
			     "a contiguous group that is not whole");
	}
	count = 0;
}
