/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug registers: kept in memory, for accesses always trap; in the machine as well from the
 * moment a guest switches debug exceptions on until it leaves the CPU; nothing is armed for
 * anybody else.
 */
#include "hyp/vm/debug.h"

#include <stdio.h>

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

enum { BREAKS = 6, WATCHES = 4, KINDS = 4 };

#define KEY_MDSCR SYS_KEY(2, 0, 0, 2, 2)

static const char *const kinds[KINDS] = { "DBGBVR", "DBGBCR", "DBGWVR", "DBGWCR" };

static u64 key(u32 kind, u32 n)
{
	return SYS_KEY(2, 0, 0, n, 4 + kind);
}

static u64 *at(u32 kind, u32 n)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%u_EL1", kinds[kind], n);
	return regs_at(name);
}

static u32 count(u32 kind)
{
	return kind < 2 ? BREAKS : WATCHES;
}

static bool is_trapped(void)
{
	return (regs_read("mdcr_el2") & MDCR_TDA) != 0;
}

static bool nothing_is_armed(void)
{
	u64 any = *regs_at("MDSCR_EL1");

	for (u32 kind = 0; kind < KINDS; kind++)
		for (u32 n = 0; n < count(kind); n++)
			any |= *at(kind, n);
	return any == 0;
}

static u64 value(u32 who, u32 kind, u32 n)
{
	return (u64)(who + 1) << 16 | kind << 8 | n | 0x80;
}

/* The guest's access, as it traps. */
static bool set(struct vcpu *v, u64 which, u64 x)
{
	EXPECT(is_trapped());
	return debug_write(v, which, x);
}

static u64 get_one(const struct vcpu *v, u64 which)
{
	u64 x = ~0UL;

	EXPECT(debug_read(v, which, &x));
	return x;
}

static void fill(struct vcpu *v, u32 who)
{
	for (u32 kind = 0; kind < KINDS; kind++)
		for (u32 n = 0; n < count(kind); n++)
			EXPECT(set(v, key(kind, n), value(who, kind, n)));
}

static bool has_all(u32 who)
{
	u32 wrong = 0;

	for (u32 kind = 0; kind < KINDS; kind++)
		for (u32 n = 0; n < count(kind); n++)
			wrong += *at(kind, n) != value(who, kind, n);
	return wrong == 0;
}

/* All sixteen numbers of each kind: those that the CPU has, and no others. */
static void which_there_are(void)
{
	struct vcpu *v = &vms[0].vcpu[0];
	u64 x = 0;

	vms_set_up(2, 1);
	vms_load(v);
	for (u32 kind = 0; kind < KINDS; kind++)
		for (u32 n = 0; n < 16; n++) {
			EXPECT_EQ(debug_write(v, key(kind, n), value(0, kind, n)), n < count(kind));
			EXPECT_EQ(debug_read(v, key(kind, n), &x), n < count(kind));
			EXPECT(n >= count(kind) || x == value(0, kind, n));
		}
	EXPECT(!debug_read(v, SYS_KEY(2, 0, 0, 0, 0), &x));
	EXPECT(!debug_write(v, SYS_KEY(2, 0, 0, 0, 0), 1));
	EXPECT(nothing_is_armed());
}

/* What is only written is in memory, and arms nothing; switched on, it is in the machine. */
static void armed_when_switched_on(void)
{
	struct vcpu *v = &vms[0].vcpu[0];

	vms_set_up(2, 1);
	EXPECT(is_trapped() && nothing_is_armed());
	vms_load(v);
	fill(v, 0);
	EXPECT(set(v, KEY_MDSCR, MDSCR_TDCC)); /* not an exception on */
	EXPECT(is_trapped() && nothing_is_armed());
	EXPECT(set(v, KEY_MDSCR, ~0UL));
	EXPECT(is_trapped() && has_all(0));
	EXPECT_EQ(*regs_at("MDSCR_EL1"), MDSCR_SS | MDSCR_TDCC | MDSCR_KDE | MDSCR_MDE);
}

/* Two that debug and one that does not, on two CPUs. */
static void ones_own(void)
{
	struct vcpu *a = &vms[0].vcpu[0], *b = &vms[1].vcpu[0], *c = &vms[2].vcpu[0];

	vms_set_up(3, 1);
	vms_load(a);
	fill(a, 0);
	EXPECT(set(a, KEY_MDSCR, MDSCR_MDE));
	vms_load(c);
	EXPECT(is_trapped() && nothing_is_armed());
	EXPECT_EQ(get_one(c, key(0, 1)) | get_one(c, KEY_MDSCR), 0);
	vms_load(b);
	EXPECT(is_trapped() && nothing_is_armed());
	fill(b, 1);
	EXPECT(set(b, KEY_MDSCR, MDSCR_SS)); /* single step alone is on as well */
	EXPECT(is_trapped() && has_all(1));
	vms_load(a);
	EXPECT(is_trapped() && has_all(0));
	EXPECT(set(a, key(1, BREAKS - 1), 0x123) && set(a, key(3, WATCHES - 1), 0x456));
	EXPECT_EQ(*at(1, BREAKS - 1), 0x123); /* at once */
	vms_load(NULL);
	EXPECT(is_trapped() && nothing_is_armed());
	regs_on(1);
	vms_load(b);
	EXPECT(is_trapped() && has_all(1));
	vms_load(a);
	EXPECT_EQ(*at(1, BREAKS - 1), 0x123);
	EXPECT_EQ(*at(3, WATCHES - 1), 0x456);
}

/* Switched off, nothing is armed at once; the registers are what they were. */
static void switched_off(void)
{
	struct vcpu *a = &vms[0].vcpu[0];

	vms_set_up(2, 1);
	vms_load(a);
	fill(a, 0);
	EXPECT(set(a, KEY_MDSCR, MDSCR_MDE));
	EXPECT(set(a, KEY_MDSCR, 0));
	EXPECT(nothing_is_armed());
	vms_load(&vms[1].vcpu[0]);
	vms_load(a);
	EXPECT(is_trapped() && nothing_is_armed());
	EXPECT_EQ(get_one(a, key(2, 3)), value(0, 2, 3));
	EXPECT_EQ(get_one(a, KEY_MDSCR), 0);
}

TESTS(T(which_there_are), T(armed_when_switched_on), T(ones_own), T(switched_off))
