/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk check: software against hardware for many addresses.
 *
 * Random addresses alone would nearly all fault at the first level, so half of them lie at or
 * near addresses the guest's tables map: `anchors`, found by descending through valid
 * descriptors.  Bits are flipped, neighbours taken, boundaries of halves, pages and blocks tried.
 */
#include "arch/desc.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/console/cmd_walk.h"
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "mm/port.h"

enum { ANCHORS = 64, MOST_ENTRIES = 8192, MOST_ADDRESSES = 1000000 };

struct check {
	struct vm *vm;
	struct s1_regime regime;
	u64 random;
	u64 anchor[ANCHORS];
	u32 anchors;
	u64 agreed, translated, faulted, level_differs;
};

/* xorshift64*. */
static u64 next_random(struct check *c)
{
	c->random ^= c->random >> 12;
	c->random ^= c->random << 25;
	c->random ^= c->random >> 27;
	return c->random * 0x2545f4914f6cdd1dUL;
}

/* An address of the half with random bits below. */
static u64 in_half(struct check *c, bool upper)
{
	u64 n = next_random(c);

	return upper ? n | s1_upper_first(&c->regime) : n & s1_lower_last(&c->regime);
}

/* A valid entry of the table at which the walk ended, from a random place on; -1: none. */
static s64 find_valid(struct check *c, const struct s1_step *s)
{
	u64 entries = 1UL << (s->hi - s->lo + 1);
	u64 from = next_random(c);

	if (entries > MOST_ENTRIES)
		return -1;
	for (u64 i = 0; i < entries; i++) {
		u64 index = (from + i) % entries;
		struct walk_stage2 s2 =
			walk_stage2(&c->vm->s2, mk_ipa(s->table.v + index * 8), false);

		if (s2.fsc == WALK_NO_FAULT &&
		    (*(const volatile u64 *)mm_port_va(s2.pa) & DESC_VALID))
			return (s64)index;
	}
	return -1;
}

/* Descends from a random address of the half to one that stage 1 maps, if it finds one. */
static void find_anchor(struct check *c, bool upper)
{
	u64 va = in_half(c, upper);
	u64 hcr = read_sysreg(hcr_el2);
	struct walk w;

	for (u32 level = 0; level <= S1_MAX_STEPS && c->anchors < ANCHORS; level++) {
		const struct s1_step *s;
		s64 index;

		walk_both(&w, &c->vm->s2, &c->regime, mk_va(va), S1_READ, hcr);
		if (w.stage1_ok) {
			c->anchor[c->anchors++] = va;
			return;
		}
		if (w.s1.steps == 0)
			return;
		s = &w.s1.step[w.s1.steps - 1];
		index = find_valid(c, s);
		if (index < 0)
			return;
		va = replace(va, BITS(s->hi, s->lo), (u64)index);
	}
}

/* What the VM has at the same addresses while its MMU is off. */
static void add_flat_anchors(struct check *c)
{
	u64 ram = c->vm->config.mem;

	c->anchor[c->anchors++] = VM_UART_BASE;
	for (u32 i = 0; i < ANCHORS / 4; i++)
		c->anchor[c->anchors++] = VM_RAM_BASE + next_random(c) % ram;
	c->anchor[c->anchors++] = VM_RAM_BASE + ram - 1;
}

static void find_anchors(struct check *c)
{
	if (!(c->regime.sctlr & SCTLR_M))
		add_flat_anchors(c);
	for (u32 i = 0; i < 2 * ANCHORS; i++)
		find_anchor(c, i % 2);
}

/* At, near, or one bit away from something that is mapped. */
static u64 near_anchor(struct check *c)
{
	u64 va = c->anchors ? c->anchor[next_random(c) % c->anchors] : VM_RAM_BASE;
	u64 r = next_random(c);
	static const u64 steps[] = { 1, 8, 4096, 65536, 2UL << 20, 1UL << 30 };

	switch (r % 5) {
	case 0: return va;
	case 1: return va ^ BIT((r >> 8) % 64);
	case 2: return va + steps[(r >> 8) % ARRAY_SIZE(steps)];
	case 3: return va - steps[(r >> 8) % ARRAY_SIZE(steps)];
	default: return (va & ~0x1fffffUL) | ((r >> 8) & 0x1fffff);
	}
}

/* The edges of halves and of powers of two, and their neighbours. */
static u64 at_boundary(struct check *c)
{
	u64 r = next_random(c);
	u64 power = BIT((r >> 8) % 64);
	u64 offset = (r >> 16) % 3 - 1;

	switch (r % 6) {
	case 0: return s1_lower_last(&c->regime) + 1 + offset;
	case 1: return s1_upper_first(&c->regime) + offset;
	case 2: return power + offset;
	case 3: return 0 - power + offset;
	case 4: return in_half(c, false) & ~(power - 1);
	default: return in_half(c, true) | (power - 1);
	}
}

static u64 pick_va(struct check *c)
{
	switch (next_random(c) % 8) {
	case 0: return next_random(c);
	case 1: return in_half(c, false);
	case 2: return in_half(c, true);
	case 3: return at_boundary(c);
	default: return near_anchor(c);
	}
}

/* One address, read and written at both levels; false at the first disagreement, shown. */
static bool check_va(struct check *c, va_t va)
{
	static struct compare result;

	for (u8 access = 0; access < 4; access++) {
		compare_va(&result, c->vm, &c->regime, va, access);
		if (!result.agree) {
			compare_print(c->vm, &result);
			return false;
		}
		c->agreed++;
		c->translated += result.walk.fsc == WALK_NO_FAULT;
		c->faulted += result.walk.fsc != WALK_NO_FAULT;
		c->level_differs += result.level_differs;
	}
	return true;
}

enum command_result cmd_walk_check(const struct args *a)
{
	static struct check c;
	u64 n, seed;

	c = (struct check){ 0 };
	if (!arg_vm_alive(a, 0, &c.vm) || !arg_number(a, 1, "N", &n) ||
	    !arg_number(a, 2, "SEED", &seed))
		return COMMAND_FAILED;
	if (n > MOST_ADDRESSES)
		return command_fail("at most %u addresses: guests stand still meanwhile",
				    MOST_ADDRESSES);
	c.random = seed ? seed : 1;
	c.regime = hw_regime(&c.vm->vcpu[0]);
	find_anchors(&c);
	for (u64 i = 0; i < n; i++)
		if (!check_va(&c, mk_va(pick_va(&c))))
			return command_fail(
				"walk check: disagreement at address %lu of %lu, seed %lu", i + 1,
				n, seed);
	print("walk check: ok, %lu addresses, %lu walks: %lu translated, %lu faulted", n, c.agreed,
	      c.translated, c.faulted);
	if (c.level_differs)
		print(" (%lu with stage 1's level in a stage-2 fault on a table)", c.level_differs);
	print("\n");
	return COMMAND_OK;
}
