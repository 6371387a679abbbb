/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What else is each vCPU's own: breakpoints and watchpoints that fire here and nowhere else,
 * pointer-authentication keys, and what cannot be trapped on some CPU.  Two of these guests run
 * beside each other with another id each; each sleeps between its looks, so that the other runs.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum { ROUNDS = 50, BREAK = 0x31, WATCH = 0x35 };

#define BCR_EL1 (0xfUL << 5 | 1UL << 1 | 1UL)             /* four bytes, at EL1, enabled */
#define WCR_EL1 (0xffUL << 5 | 3UL << 3 | 1UL << 1 | 1UL) /* eight bytes, loads and stores */

static u64 id;
static volatile u64 watched, other;

static __attribute__((noinline)) void stopped_at(void)
{
	other++;
}

static __attribute__((noinline)) void not_stopped_at(void)
{
	other += 2;
}

static u64 exceptions_of(void (*what)(void))
{
	rt_arm();
	what();
	rt_disarm();
	return taken.count;
}

static void touch(void)
{
	watched = id;
}

/*
 * What a CPU has once for all its guests, claim tags and the channel, is out of reach: undefined,
 * or zero whatever is written.
 */
#define IS_OUT_OF_REACH(name, value)                                                               \
	__extension__({                                                                            \
		u64 left = 0;                                                                      \
		TRY(write_sysreg(name, value));                                                    \
		TRY(left = read_sysreg(name));                                                     \
		taken.count || left == 0;                                                          \
	})

static bool others_do_not_reach(void)
{
	TRY(write_sysreg(dbgclaimset_el1, id));
	return IS_OUT_OF_REACH(dbgclaimclr_el1, 0) && IS_OUT_OF_REACH(mdccint_el1, 3UL << 29) &&
	       IS_OUT_OF_REACH(osdtrrx_el1, id);
}

static void arm_debug(void)
{
	write_sysreg(dbgbvr0_el1, id & 1 ? (u64)stopped_at : (u64)not_stopped_at);
	write_sysreg(dbgbcr0_el1, BCR_EL1);
	write_sysreg(dbgwvr0_el1, (u64)&watched);
	write_sysreg(dbgwcr0_el1, id & 1 ? WCR_EL1 : 0);
	write_sysreg(dbgbvr1_el1, id << 12);
	write_sysreg(mdscr_el1, MDSCR_MDE | MDSCR_KDE);
	isb();
	__asm__ volatile("msr daifclr, #8" : : : "memory");
}

/* Whether the registers are this guest's, and do here what they should. */
static bool debug_is_own(void)
{
	void (*first)(void) = id & 1 ? stopped_at : not_stopped_at;
	void (*second)(void) = id & 1 ? not_stopped_at : stopped_at;
	bool ok = read_sysreg(dbgbvr1_el1) == id << 12 && read_sysreg(dbgbvr0_el1) == (u64)first;

	ok = ok && others_do_not_reach();
	ok = ok && exceptions_of(first) == 1 && get(ESR_EC, taken.esr) == BREAK;
	ok = ok && exceptions_of(second) == 0;
	ok = ok && exceptions_of(touch) == (id & 1);
	return ok && (!(id & 1) || get(ESR_EC, taken.esr) == WATCH);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static bool has_keys(void)
{
	return (read_sysreg(id_aa64isar1_el1) & (ISAR1_APA | ISAR1_API)) != 0;
}

static void set_keys(void)
{
	write_sysreg(S3_0_C2_C1_0, id * 0x1111);
	write_sysreg(S3_0_C2_C1_3, id * 0x2222);
	write_sysreg(S3_0_C2_C2_1, id * 0x3333);
	write_sysreg(S3_0_C2_C2_2, id * 0x4444);
	write_sysreg(S3_0_C2_C3_0, id * 0x5555);
	write_sysreg(S3_0_C2_C3_1, id * 0x6666);
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | 1UL << 31); /* EnIA */
	isb();
}

static u64 signed_pointer(void)
{
	register u64 x0 __asm__("x0") = 0x12345678;
	register u64 x1 __asm__("x1") = 42;

	__asm__ volatile(".inst 0xdac10020" : "+r"(x0) : "r"(x1)); /* PACIA x0, x1 */
	return x0;
}

static bool keys_are_own(u64 pointer)
{
	return read_sysreg(S3_0_C2_C1_0) == id * 0x1111 &&
	       read_sysreg(S3_0_C2_C1_3) == id * 0x2222 &&
	       read_sysreg(S3_0_C2_C2_1) == id * 0x3333 &&
	       read_sysreg(S3_0_C2_C2_2) == id * 0x4444 &&
	       read_sysreg(S3_0_C2_C3_0) == id * 0x5555 &&
	       read_sysreg(S3_0_C2_C3_1) == id * 0x6666 && signed_pointer() == pointer;
}

/* ---- Registers that one CPU cannot trap ------------------------------------------------------ */

static bool has_tpidr2;

static void set_others(void)
{
	TRY(write_sysreg(S3_3_C13_C0_5, id));
	has_tpidr2 = taken.count == 0;
	TRY(write_sysreg(S3_0_C12_C1_1, id & 1 ? 1UL << 31 : 0)); /* DISR_EL1 */
}

static bool others_are_own(void)
{
	bool ok = true;

	if (has_tpidr2)
		ok = read_sysreg(S3_3_C13_C0_5) == id;
	TRY(ok = ok && read_sysreg(S3_0_C12_C1_1) >> 31 == (id & 1));
	return ok || taken.count;
}

static void fresh(void)
{
	u64 left = read_sysreg(dbgbvr0_el1) | read_sysreg(dbgbcr0_el1) | read_sysreg(dbgwcr0_el1) |
		   read_sysreg(mdscr_el1);
	u64 one = 0;

	if (has_keys())
		left |= read_sysreg(S3_0_C2_C1_0) | read_sysreg(S3_0_C2_C3_1);
	TRY(one = read_sysreg(S3_0_C12_C1_1));
	left |= taken.count ? 0 : one;
	TRY(one = read_sysreg(S3_3_C13_C0_5));
	left |= taken.count ? 0 : one;
	IS(left, 0, "nothing is left of anybody");
}

void guest(void)
{
	u64 bad_debug = 0, bad_keys = 0, bad_others = 0, pointer = 0;

	id = rt_arg("id", 1);
	fresh();
	arm_debug();
	set_others();
	if (has_keys()) {
		set_keys();
		pointer = signed_pointer();
		OK_IF(pointer != 0x12345678, "pointers are signed");
	}
	for (u64 i = 0; i < ROUNDS; i++) {
		rt_sleep_until(rt_time_ms() + 2);
		bad_debug += !debug_is_own();
		bad_keys += has_keys() && !keys_are_own(pointer);
		bad_others += !others_are_own();
	}
	IS(bad_debug, 0, "breakpoints and watchpoints stay its own");
	IS(bad_keys, 0, "so do its keys");
	IS(bad_others, 0, "and all else");
}
