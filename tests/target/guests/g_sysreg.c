/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers: all 2 * 2^14 encodings are read, written with zero and with random values;
 * all 2^14 system instructions and all hints are executed.  Each either works or is UNDEFINED
 * here, the PC moving on once; nothing of it reaches anybody else.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

#define MRS 0xd5200000u /* op0 below 2 is SYSL */
#define MSR 0xd5000000u

static u32 page[1024] aligned_to(4096);

static u64 undefined, worked, other, wrong;

static void run(u32 insn, u64 value)
{
	u64 steps, at = (u64)page;

	page[0] = insn;
	for (int i = 0; i < 3; i++)
		page[1 + i] = rt_stub_tail[i];
	dc_cvau(at);
	dsb_ish();
	ic_ivau(at);
	dsb_ish();
	isb();
	rt_arm();
	steps = rt_run(at, value);
	rt_disarm();
	if (taken.count == 0)
		worked++;
	else if (get(ESR_EC, taken.esr) == EC_UNKNOWN)
		undefined++;
	else
		other++;
	if (steps != 2 || taken.count > 1 || (taken.count && taken.elr != at)) {
		wrong++;
		say("# insn 0x%x: %lu steps, %lu exceptions, ESR 0x%lx at 0x%lx", insn, steps,
		    taken.count, taken.esr, taken.elr);
	}
}

static void begin(void)
{
	undefined = worked = other = wrong = 0;
}

static void end(const char *what)
{
	IS(wrong, 0, what);
	say("# %s: %lu worked, %lu undefined, %lu otherwise", what, worked, undefined, other);
}

/* op0, op1, CRn, CRm, op2 in n's bits, as in the instruction. */
static u32 encode(u32 base, u32 n)
{
	return base | n << 5;
}

/* The registers without which this test cannot go on: SCTLR_EL1, VBAR_EL1, SPSel. */
static bool is_vital(u32 n)
{
	u32 key = n & 0xffff;

	return key == 0xc080 || key == 0xc600 || key == 0xc210;
}

static void reads(void)
{
	begin();
	for (u32 n = 2 << 14; n < 4 << 14; n++)
		run(encode(MRS, n), 0);
	end("every register is read");
	OK_IF(undefined > 20000, "most of them do not exist");
	OK_IF(worked > 50, "some do");
}

static void writes(void)
{
	begin();
	for (u32 n = 2 << 14; n < 4 << 14; n++)
		if (!is_vital(n))
			run(encode(MSR, n), 0);
	end("every register is written with zero");
	begin();
	for (u32 i = 0; i < 20000; i++) {
		u32 n = (2u << 14) + (u32)(rt_random() % (2u << 14));

		if (!is_vital(n))
			run(encode(MSR, n), rt_random());
	}
	end("random registers are written with random values");
}

/* Executing all of AT, DC, IC and TLBI with an address where nothing is. */
static void instructions(void)
{
	begin();
	for (u32 n = 1 << 14; n < 2 << 14; n++)
		run(encode(MSR, n), 0x50000000);
	end("every system instruction is executed");
	begin();
	for (u32 n = 1 << 14; n < 2 << 14; n++)
		run(encode(MRS, n), 0);
	end("every one with a result");
	begin();
	for (u32 hint = 0; hint < 128; hint++)
		run(0xd503201f | hint << 5, 0);
	end("every hint");
}

static void id_registers(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);

	OK_IF(get(BITS(3, 0), pfr0) != 0 && get(BITS(7, 4), pfr0) != 0, "EL0 and EL1");
	IS(get(BITS(15, 8), pfr0), 0, "no EL2 and no EL3 are shown");
	OK_IF(get(BITS(3, 0), read_sysreg(id_aa64mmfr0_el1)) <= 6, "a size of PA");
	OK_IF(get(BITS(31, 28), read_sysreg(id_aa64mmfr0_el1)) != 0xf, "the 4 KiB granule");
	OK_IF(get(BITS(3, 0), read_sysreg(id_aa64dfr0_el1)) != 0, "a debug architecture");
	IS(get(BITS(11, 8), read_sysreg(id_aa64dfr0_el1)), 0, "no performance counters");
	IS(read_sysreg(S3_0_C0_C7_7) | read_sysreg(S3_0_C0_C4_7) | read_sysreg(S3_0_C0_C6_7), 0,
	   "what is not allocated is zero");
	OK_IF(read_sysreg(midr_el1) != 0, "somebody made it");
}

/* Set and way: the data stay (museum 105), the loop ends. */
static void set_way(void)
{
	volatile u64 *data = (volatile u64 *)(((u64)image_end + 0x1fffff) & ~0xfffffUL);
	u64 bad = 0;

	for (u64 i = 0; i < 4096; i++)
		data[i] = i * 0x9e3779b97f4a7c15UL;
	TRY({
		for (u64 set = 0; set < 4; set++) {
			__asm__ volatile("dc isw, %0" : : "r"(set << 6) : "memory");
			__asm__ volatile("dc csw, %0" : : "r"(set << 6) : "memory");
			__asm__ volatile("dc cisw, %0" : : "r"(set << 6 | 1UL << 30) : "memory");
		}
	});
	IS(taken.count, 0, "operations by set and way complete");
	for (u64 i = 0; i < 4096; i++)
		bad += data[i] != i * 0x9e3779b97f4a7c15UL;
	IS(bad, 0, "and lose nothing");
}

static void debug_registers(void)
{
	TRY(write_sysreg(oslar_el1, 0); write_sysreg(osdlr_el1, 0); write_sysreg(mdscr_el1, 0);
	    write_sysreg(dbgbcr0_el1, 0); read_sysreg(oslsr_el1));
	IS(taken.count, 0, "what a kernel does at boot is let pass");
	TRY(read_sysreg(pmcr_el0));
	IS(taken.esr >> 26, EC_UNKNOWN, "PMCR_EL0 is undefined");
	TRY(write_sysreg(S3_0_C12_C11_5, 0));
	IS(taken.esr >> 26, EC_UNKNOWN, "ICC_SGI1R_EL1 is undefined: there is no GIC");
	TRY(read_sysreg(S3_4_C1_C1_0));
	IS(taken.esr >> 26, EC_UNKNOWN, "HCR_EL2 is undefined");
}

void guest(void)
{
	id_registers();
	debug_registers();
	set_way();
	reads();
	writes();
	instructions();
	OK_IF(read_sysreg(sctlr_el1) == rt_entry[ENTRY_SCTLR], "SCTLR_EL1 is what it was");
}
