/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP registers under time slicing: 32 vectors, FPSR and FPCR hold what this guest (id=N) put
 * there, however often others run in between; at first they hold nothing.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

enum { RUN_MS = 400, WORDS = 64 };

#define EACH_PAIR(X)                                                                               \
	X(0, 1)                                                                                    \
	X(2, 3)                                                                                    \
	X(4, 5)                                                                                    \
	X(6, 7) X(8, 9) X(10, 11) X(12, 13) X(14, 15) X(16, 17) X(18, 19) X(20, 21) X(22, 23)      \
		X(24, 25) X(26, 27) X(28, 29) X(30, 31)

static void store(u64 to[WORDS])
{
#define STORE(a, b) "stp q" #a ", q" #b ", [%0, #16 * " #a "]\n\t"
	__asm__ volatile(EACH_PAIR(STORE) : : "r"(to) : "memory");
}

static void load(const u64 from[WORDS])
{
#define LOAD(a, b) "ldp q" #a ", q" #b ", [%0, #16 * " #a "]\n\t"
	__asm__ volatile(EACH_PAIR(LOAD) : : "r"(from) : "memory");
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
	OK_IF(taken.count == 16 && taken.esr >> 26 == 7,
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
		bad += differing();
		bad += read_sysreg(fpcr) != fpcr || read_sysreg(fpsr) != fpsr;
		if (rounds % 64 == 0)
			wfi();
	}
	IS(bad, 0, "they are mine all the time");
	say("# %lu rounds", rounds);
}
