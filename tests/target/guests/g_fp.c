/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP registers under time slicing: 32 vectors, FPSR and FPCR hold what this guest (id=N) put
 * there, however often others run in between; at first they hold nothing.  For half of the time it
 * sleeps now and then, so that others have the CPU alone, for the other half it never does.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

enum { RUN_MS = 400, WORDS = 64 };

#define EACH(text)                                                                                 \
	".irp r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t" text "\n\t.endr\n\t"    \
	".irp r, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t" text          \
	"\n\t.endr"

static void store(u64 to[WORDS])
{
	__asm__ volatile(EACH("str q\\r, [%0, #16 * \\r]") : : "r"(to) : "memory");
}

static void load(const u64 from[WORDS])
{
	__asm__ volatile(EACH("ldr q\\r, [%0, #16 * \\r]") : : "r"(from) : "memory");
}

static u64 mine[WORDS] aligned_to(16), now[WORDS] aligned_to(16);

static u64 differing(void)
{
	u64 bad = 0;

	store(now);
	for (int i = 0; i < WORDS; i++)
		bad += now[i] != mine[i];
	return bad;
}

void guest(void)
{
	u64 id = rt_arg("id", 1), rounds = 0, bad = 0, end;
	u64 fpcr = id % 4 << 22, fpsr = id & 0x1f;

	TRY(store(now));
	OK_IF(taken.count == 32 && taken.esr >> 26 == 7,
	      "without CPACR_EL1 it is the guest's trap");
	write_sysreg(cpacr_el1, 3UL << 20);
	isb();
	IS(differing() | read_sysreg(fpcr) | read_sysreg(fpsr), 0, "they are zero at first");
	for (u64 i = 0; i < WORDS; i++)
		mine[i] = id << 56 | i;
	load(mine);
	write_sysreg(fpcr, fpcr);
	write_sysreg(fpsr, fpsr);
	say("loaded");
	for (end = rt_time_ms() + RUN_MS; rt_time_ms() < end; rounds++) {
		bool busy = end - rt_time_ms() < RUN_MS / 2;

		bad += differing();
		bad += read_sysreg(fpcr) != fpcr || read_sysreg(fpsr) != fpsr;
		if (!busy && rounds % 64 == 0)
			rt_sleep_until(rt_time_ms() + 1);
	}
	IS(bad, 0, "they are mine all the time");
	say("# %lu rounds", rounds);
}
