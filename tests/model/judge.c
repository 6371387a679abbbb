/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One valid entry becomes another where walks can see it (D8.16.1): what may change in place, what
 * needs break-before-make, and what FEAT_BBM relaxes of it.
 */
#include "tests/model/state.h"

u64 free_to_change(const struct model_root *r)
{
	u64 software = (r->state == 2 ? 7UL << 56 : 15UL << 55);

	return 3UL << 6 | 3UL << 53 | AF | DBM | PBHA | software;
}

/* The same output and attributes where both map; permissions and sizes may differ. */
static bool leaves_agree(const struct model_root *r, u64 a, int a_level, u64 a_ipa, u64 b,
			 int b_level, u64 b_ipa)
{
	u64 at = a_ipa > b_ipa ? a_ipa : b_ipa;
	struct model_walk wa = model_leaf(r, a, a_level, at - a_ipa);
	struct model_walk wb = model_leaf(r, b, b_level, at - b_ipa);

	return wa.pa == wb.pa && wa.type == wb.type && wa.sh == wb.sh && wa.output == wb.output;
}

bool maps_same(const struct model_root *r, u64 table, int level, u64 ipa, u64 leaf, int leaf_level,
	       u64 leaf_ipa)
{
	u64 size = model_entry_size(r, level);
	u64 leaf_size = model_entry_size(r, leaf_level);
	const u64 *entry = model_va(mk_pa(table));

	for (u64 i = 0; i < model_entries(r); i++) {
		u64 at = ipa + i * size;
		bool apart = at + (size - 1) < leaf_ipa || at > leaf_ipa + (leaf_size - 1);

		if (!(entry[i] & 1) || apart)
			continue;
		if (model_is_table(entry[i], level)) {
			if (!maps_same(r, model_table_address(r, entry[i]), level + 1, at, leaf,
				       leaf_level, leaf_ipa))
				return false;
		} else if (!leaves_agree(r, entry[i], level, at, leaf, leaf_level, leaf_ipa)) {
			return false;
		}
	}
	return true;
}

static void judge_tables(const struct model_root *r, u64 old, u64 value, u64 ipa)
{
	u64 ignored = (0x3ffUL << 2 & (r->ds ? ~(3UL << 8) : ~0UL)) | 0xffUL << 51;

	if ((old ^ value) & ~ignored)
		stop(MODEL_BBM, ipa, "a table descriptor changed without a break");
}

static void judge_size(const struct page *p, u64 *entry, u64 old, u64 value, u64 ipa)
{
	const struct model_root *r = &vms[p->vm].root;
	bool to_table = model_is_table(value, p->level);
	u64 table = model_table_address(r, to_table ? value : old);
	u64 leaf = to_table ? old : value;

	if (r->bbm < 2 && !(r->bbm == 1 && leaf & NT))
		stop(MODEL_BBM, ipa, "a table became a leaf, or a leaf a table, without a break");
	if (!maps_same(r, table, p->level + 1, ipa, leaf, p->level, ipa))
		stop(MODEL_BBM, ipa, "the sizes changed in place, and what they map with them");
	unlink_entry(p->vm, entry, old, p->level, ipa);
}

void judge_change(const struct page *p, u64 *entry, u64 old, u64 value, u64 ipa)
{
	const struct model_root *r = &vms[p->vm].root;
	u64 software = r->state == 2 ? 7UL << 56 : 15UL << 55;
	u64 sizes = r->bbm ? CONTIGUOUS | NT : 0; /* the hint: D8.17.2, R_KHRBC */

	if (model_is_table(old, p->level) != model_is_table(value, p->level)) {
		judge_size(p, entry, old, value, ipa);
		return;
	}
	if (model_is_table(old, p->level)) {
		judge_tables(r, old, value, ipa);
		return;
	}
	if ((old ^ value) & ~(free_to_change(r) | sizes))
		stop(MODEL_BBM, ipa, "a leaf changed output or attributes without a break");
	/* Without nT a block may be in a TLB beside what else is there for the address. */
	if (r->bbm == 1 && p->level < 3 && old & ~value & NT)
		tlb_check_make(p->vm, p->level, ipa, model_entry_size(r, p->level), value);
	/* DBM alone says nothing to hardware that does not look at it. */
	if ((old ^ value) & ~(software | PBHA | (r->dirty || vms[p->vm].late_dirty ? 0 : DBM)))
		unlink_entry(p->vm, entry, old, p->level, ipa);
}
