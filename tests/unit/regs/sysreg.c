/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped reads of identifications, on a CPU that has everything, more than there is a name for,
 * and on one that has nothing: a guest sees what it may use, and nothing the CPU has not.
 */
#include "hyp/vm/sysreg.h"

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

static struct vm vm;
static struct vcpu v;

/* MRS X3, by its key. */
static u64 read_id(u64 key)
{
	v.regs.esr = put(ESR_EC, EC_SYSREG) | ESR_IL | key | put(ISS_SYS_RT, 3) | ISS_SYS_READ;
	v.regs.spsr = SPSR_EL1H;
	v.regs.pc = 0x1000;
	v.vm = &vm;
	sysreg_trap(&v);
	EXPECT_EQ(v.regs.pc, 0x1004);
	return v.regs.x[3];
}

static u64 pfr0_of(u64 machines)
{
	regs_reset();
	*regs_at("ID_AA64PFR0_EL1") = machines;
	return read_id(SYS_KEY(3, 0, 0, 4, 0));
}

/* EL2, EL3, RAS, SVE, Secure EL2, MPAM, AMU, RME are hidden; CSV2 = 2 is SCXTNUM_EL1. */
static void what_speculation_leaks(void)
{
	const u64 shown = BITS(7, 0) | BITS(27, 16) | BITS(51, 48) | BITS(63, 60);

	EXPECT_EQ(pfr0_of(0), 0);
	EXPECT_EQ(pfr0_of(~0UL), shown | 1UL << 56);
	for (u64 csv2 = 0; csv2 < 16; csv2++)
		EXPECT_EQ(pfr0_of(csv2 << 56), csv2 ? 1UL << 56 : 0);
	EXPECT_EQ(pfr0_of(1UL << 60), 1UL << 60);
}

/* ICC_SRE_EL1: there is nothing but system registers, whatever is written. */
static void only_system_registers(void)
{
	const u64 key = SYS_KEY(3, 0, 12, 12, 5);

	regs_reset();
	EXPECT_EQ(read_id(key), ICC_SRE_ALL);
	v.regs.esr = put(ESR_EC, EC_SYSREG) | ESR_IL | key | put(ISS_SYS_RT, 31);
	v.regs.pc = 0x2000;
	sysreg_trap(&v);
	EXPECT_EQ(v.regs.pc, 0x2004);
	EXPECT_EQ(read_id(key), ICC_SRE_ALL);
}

TESTS(T(what_speculation_leaks), T(only_system_registers))
