/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log and the guest's own accesses.  What must come out of a harvest is every granule
 * that the guest or the hardware wrote; what may come out besides is the rest of a block that was
 * written, and what was mapped writable meanwhile.
 */
#include <string.h>

#include "include/bits.h"
#include "s2/log.h"
#include "tests/harness/s2_now.h"

/* Whatever has DBM is for the guest to write, from now on. */
static void begin_reference(void)
{
	struct ref *r = &steps_vm->ref;

	for (size_t i = 0; i < r->n; i++) {
		struct ref_run *run = &r->run[i];

		if (run->tag)
			continue;
		if (run->attr.dbm)
			run->attr.perm |= S2_W;
		run->attr.dbm = false;
		run->loose |= run->attr.contiguous;
	}
	r->logged = true;
	memset(steps_vm->must, 0, sizeof(steps_vm->must));
	memset(steps_vm->may, 0, sizeof(steps_vm->may));
}

/* Blocks at the two ends are split; the group they are in loses its hint. */
static void log_start(void)
{
	u64 ipa = steps_ipa();
	u64 span = s2_level_size(&s2_now()->geo, 2);
	u64 size = steps_size(ipa, steps_below(2) ? granule() : span) %
		   (STEPS_LOG_WORDS * 64 * granule());
	enum s2_grain grain = steps_below(24) ? (enum s2_grain)steps_below(2) : (enum s2_grain)2;
	enum err expected = steps_range_error(ipa, size);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (grain == S2_GRAIN_PAGE && s2_now()->geo.features & S2_HW_DIRTY && !steps_may_hold())
		grain = S2_GRAIN_BLOCK;
	if (expected == OK && grain > S2_GRAIN_PAGE)
		expected = ERR_INVALID;
	if (expected == OK && steps_vm->ref.logged)
		expected = ERR_BUSY;
	if (expected == OK)
		ref_loosen(&steps_vm->ref, 0, s2_last_ipa(&s2_now()->geo));
	if (s2_cost_log_start(s2_now(), mk_ipa(ipa), size, grain, &cost) != expected)
		steps_fail("a cost with another error", ipa);
	b = steps_before();
	e = s2_log_start(s2_now(), &steps_vm->log, mk_ipa(ipa), size, grain, steps_vm->log_bits);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (e == OK)
		begin_reference();
	steps_compare_around(ipa, size);
}

static void log_stop(void)
{
	struct steps_before b = steps_before();
	enum err e = s2_log_stop(s2_now());

	steps_judge(&b, e, steps_vm->ref.logged ? OK : ERR_NOENT);
	if (e == OK)
		steps_vm->ref.logged = false;
	steps_compare_around(steps_vm->log.first, granule());
}

static bool bit(const u64 *bits, u64 i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

/* The part of a cut block that is outside keeps it dirty: all of it may come again. */
static void keep_ends(u64 ipa, u64 size)
{
	const u64 ends[] = { ipa, ipa + size - 1 };

	for (size_t i = 0; i < 2; i++) {
		struct model_walk w = model_translate(machine_regs(s2_now()), ends[i]);
		u64 base = ends[i] & ~(w.size - 1);

		if (w.desc & 1 && (base < ipa || base + (w.size - 1) > ipa + (size - 1)))
			steps_log_mark(steps_vm->may, base, w.size);
	}
}

static void judge_harvest(u64 ipa, u64 size, const u64 *out, u64 dirty)
{
	unsigned int shift = s2_now()->geo.granule_shift;
	u64 base = (ipa - steps_vm->log.first) >> shift;
	u64 n = 0;

	for (u64 i = 0; i < size >> shift; i++) {
		u64 at = base + i;

		n += bit(out, i);
		if (bit(steps_vm->must, at) && !bit(out, i))
			steps_fail("a write is lost", ipa + (i << shift));
		if (bit(out, i) && !bit(steps_vm->may, at))
			steps_fail("a granule dirty that nobody wrote", ipa + (i << shift));
		steps_vm->must[at / 64] &= ~BIT(at % 64);
		steps_vm->may[at / 64] &= ~BIT(at % 64);
	}
	if (n != dirty)
		steps_fail("another number of dirty granules", ipa);
	keep_ends(ipa, size);
}

/* Nobody writes between the last look and the judgement: hardware rests. */
static void log_harvest(void)
{
	static u64 out[STEPS_LOG_WORDS];
	const struct s2_log *log = &steps_vm->log;
	u64 unit = 64 * granule();
	u64 ipa = log->first + steps_below((log->last - log->first) / unit + 2) * unit;
	u64 size = steps_below(4) ? log->last + 1 - ipa : (steps_below(130) + 1) * granule();
	enum err expected = steps_range_error(ipa, size);
	u64 dirty = 0;
	struct steps_before b;
	enum err e;

	if (expected == OK && !steps_vm->ref.logged)
		expected = ERR_NOENT;
	else if (expected == OK && ipa + (size - 1) > log->last)
		expected = ERR_RANGE;
	memset(out, 0, sizeof(out));
	b = steps_before();
	e = s2_log_harvest(s2_now(), mk_ipa(ipa), size, out, &dirty);
	steps_judge(&b, e, expected);
	if (e == OK)
		judge_harvest(ipa, size, out, dirty);
	steps_compare_around(ipa, size);
}

void step_log(void)
{
	switch (steps_below(6)) {
	case 0: log_start(); break;
	case 1:
		if (steps_below(3) == 0)
			log_stop();
		break;
	default: log_harvest(); break;
	}
}

/* ---- The guest ---- */

/* A write that meets a permission fault while the log runs is served and tried again. */
static void guest_write(u64 ipa)
{
	struct model_regs regs = machine_regs(s2_now());
	unsigned int fault = model_access(regs, ipa, true);
	struct model_walk w;

	if (fault == 12) {
		u64 cost = UNKNOWN_COST;
		enum err could = s2_cost_log_write(s2_now(), mk_ipa(ipa), &cost);
		struct steps_before b = steps_before();
		enum err e = s2_log_write(s2_now(), mk_ipa(ipa));
		const struct ref_run *run = ref_find(&steps_vm->ref, ipa, ipa);
		enum err expected = !steps_vm->ref.logged   ? ERR_NOENT
				    : run->attr.perm & S2_W ? OK
							    : ERR_PERM;

		if (could != expected)
			steps_fail("a cost with another error", ipa);
		steps_judge(&b, e, expected);
		steps_judge_cost(&b, e, cost);
		if (e == OK && model_access(regs, ipa, true) != 0)
			steps_fail("a write faults again", ipa);
		if (e != OK)
			return;
	} else if (fault != 0) {
		return;
	}
	w = model_translate(regs, ipa);
	steps_log_mark(steps_vm->must, ipa & ~(granule() - 1), granule());
	steps_log_mark(steps_vm->may, ipa & ~(w.size - 1), w.size);
}

/* Sometimes a write where the guest has no business, to see what the log says. */
void step_guest(void)
{
	u64 ipa = steps_ipa() & s2_last_ipa(&s2_now()->geo);

	if (steps_vm->ref.logged && steps_below(2))
		ipa = steps_vm->log.first +
		      steps_below(steps_vm->log.last - steps_vm->log.first + 1);
	if (steps_below(3))
		guest_write(ipa);
	else
		model_access(machine_regs(s2_now()), ipa, false);
	steps_compare_around(ipa & ~(granule() - 1), granule());
}
