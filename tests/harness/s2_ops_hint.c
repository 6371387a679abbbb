/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contiguous hints that are given: which groups may have one is seen by the model's walker.
 */
#include "include/bits.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/s2_steps.h"

#define AF (1UL << 10)
#define WRITE (1UL << 7)

enum { LEAVES = 1024 }; /* at most: a walk each, and one more for each member of a group */

static struct model_walk walk(u64 ipa)
{
	return model_translate(machine_regs(&steps_vm->s2), ipa);
}

static bool is_leaf(const struct model_walk *w)
{
	return w->fault == MODEL_NO_FAULT || w->fault == MODEL_ACCESS_FLAG;
}

/* The leaf at ipa begins a group that may be joined. */
static bool may_join(u64 ipa, const struct model_walk *first, u64 n)
{
	if (first->contiguous || first->pa % (n * first->size) ||
	    (steps_vm->s2.geo.features & S2_HW_DIRTY && first->dbm && !(first->desc & WRITE)))
		return false;
	for (u64 i = 1; i < n; i++) {
		struct model_walk w = walk(ipa + i * first->size);
		u64 other = w.desc ^ (first->desc + i * first->size);

		if (!is_leaf(&w) || w.level != first->level || other & ~AF)
			return false;
	}
	return true;
}

struct groups {
	u64 leaves, hinted, joinable;
};

/* Every leaf that meets the range, and the groups whole in it; flags are a group's from then on. */
static struct groups survey(u64 ipa, u64 size, bool loosen)
{
	const struct s2_geometry *g = &steps_vm->s2.geo;
	struct groups all = { 0 };
	u64 last = ipa + (size - 1);

	for (u64 at = ipa; at <= last && all.leaves < LEAVES; all.leaves++) {
		struct model_walk w = walk(at);
		u64 base = at & ~(w.size - 1), step = w.size;
		u64 n = is_leaf(&w) ? s2_contiguous(g, w.level) : 1;

		if (n > 1 && at == base && at % (n * w.size) == 0 && last - at >= n * w.size - 1) {
			all.hinted += w.contiguous;
			if (may_join(at, &w, n)) {
				all.joinable++;
				step = n * w.size;
				if (loosen)
					ref_loosen(&steps_vm->ref, at, at + (step - 1));
			}
		}
		if (base + (step - 1) >= last)
			break;
		at = base + step;
	}
	return all;
}

/* What hardware marks meanwhile may make one more group equal, never one fewer. */
static void judge(const struct groups *before, u64 ipa, u64 size, u64 hinted)
{
	struct groups after = survey(ipa, size, false);

	if (hinted != before->joinable &&
	    (hinted < before->joinable || !(steps_vm->s2.geo.features & S2_HW_DIRTY)))
		steps_fail("another number of groups hinted", hinted);
	if (after.hinted != before->hinted + hinted)
		steps_fail("hints that are not where they should be", ipa);
	if (hinted > before->joinable)
		ref_loosen(&steps_vm->ref, ipa, ipa + (size - 1));
}

/* Often some groups of pages: those of chance seldom are whole, and without a hint. */
void step_hint(void)
{
	struct s2 *s2 = &steps_vm->s2;
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 1UL << s2->geo.granule_shift);
	enum err expected;
	struct groups before = { 0 };
	struct steps_before b;
	u64 hinted = 0;
	enum err e;

	if (steps_below(2)) {
		size = LEAVES / 2UL << s2->geo.granule_shift;
		ipa = align_down(ipa, size);
	}
	expected = steps_range_error(ipa, size);
	model_hardware_rests(true);
	if (expected == OK)
		before = survey(ipa, size, true);
	model_hardware_rests(false);
	if (before.leaves == LEAVES)
		return;
	if (expected == OK && steps_vm->ref.logged)
		expected = ERR_BUSY;
	b = steps_before();
	e = s2_hint(s2, mk_ipa(ipa), size, &hinted);
	b.may_fail = false;
	steps_judge(&b, e, expected);
	if (model_allocations() != b.asked)
		steps_fail("hints that take memory", ipa);
	model_hardware_rests(true);
	if (e == OK)
		judge(&before, ipa, size, hinted);
	model_hardware_rests(false);
	steps_compare_around(ipa, size);
}
