/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers: all 2 * 2^14 encodings are read, written with zero and with random values, at
 * EL1 and EL0; all 2^14 system instructions and all of op0 = 0 are executed.  Each either works,
 * and then the hypervisor's table lists it, or is UNDEFINED here, the PC moving on once; nothing of
 * it reaches anybody else.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "hyp/vm/sysreg_table.h"
#include "tests/target/guests/rt.h"

#define MRS 0xd5200000u /* op0 below 2 is SYSL */
#define MSR 0xd5000000u

static u32 page[1024] aligned_to(4096);

static u64 undefined, worked, other, wrong;

#define SVC_0 0xd4000001u

enum { COMPLAINTS = 20, EL0_BATCH = 512 };

static u64 outcomes[EL0_BATCH];

/* Makes `page` the instruction and what follows it. */
static void write_page(u32 insn, const u32 *tail, u32 n)
{
	u64 at = (u64)page;

	page[0] = insn;
	for (u32 i = 0; i < n; i++)
		page[1 + i] = tail[i];
	dc_cvau(at);
	dsb_ish();
	ic_ivau(at);
	dsb_ish();
	isb();
}

/* Counts how the last instruction ended. */
static void count(void)
{
	if (taken.count == 0)
		worked++;
	else if (get(ESR_EC, taken.esr) == EC_UNKNOWN)
		undefined++;
	else
		other++;
}

static void complain(u32 insn, const char *why)
{
	if (wrong++ < COMPLAINTS)
		say("# insn 0x%x: %s; %lu exceptions, ESR 0x%lx at 0x%lx", insn, why, taken.count,
		    taken.esr, taken.elr);
}

static void run(u32 insn, u64 value)
{
	u64 steps, at = (u64)page;

	write_page(insn, rt_stub_tail, 3);
	rt_arm();
	steps = rt_run(at, value);
	rt_disarm();
	count();
	if (steps != 2 || taken.count > 1 || (taken.count && taken.elr != at))
		complain(insn, "the PC");
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

/*
 * Refused: UNDEFINED, or a trap of the guest's own, by CPACR_EL1 or from EL0 to EL1, or in the
 * space of ID registers (FEAT_IDST).
 */
static bool is_refusal(u32 n, bool el0)
{
	u64 ec = get(ESR_EC, taken.esr);
	bool id_space = n >> 14 == 3 && (n >> 7 & 15) == 0;

	return ec == EC_UNKNOWN || ec == EC_FP || ec == EC_SVE || ec == EC_SME ||
	       ((el0 || id_space) && ec == EC_SYSREG);
}

/* What the table of the hypervisor says of the encoding is what just happened. */
static void judge(u32 insn, u32 n, bool read, bool el0)
{
	u64 key = SYS_KEY(n >> 14 & 3, n >> 11 & 7, n >> 7 & 15, n >> 3 & 15, n & 7);
	const struct sysreg *r = sysreg_find(key);
	bool listed = r && (r->access & (read ? SYSREG_R : SYSREG_W));

	if (el0)
		listed = listed && (n >> 11 & 7) == 3;
	if (taken.count == 0 && !listed)
		complain(insn, "works, and is not listed");
	if (taken.count && !is_refusal(n, el0))
		complain(insn, "another exception");
	if (taken.count && listed && !el0 && (r->rule == SYSREG_ID || r->rule == SYSREG_DEVICE))
		complain(insn, "is listed, and does not work");
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

/* MDSCR_EL1 with random values arms what was random before. */
static bool is_debug(u32 n)
{
	return (n & 0xffff) == 0x8012;
}

static void reads(void)
{
	begin();
	for (u32 n = 2 << 14; n < 4 << 14; n++) {
		run(encode(MRS, n), 0);
		judge(encode(MRS, n), n, true, false);
	}
	end("every register is read");
	OK_IF(undefined > 20000, "most of them do not exist");
	OK_IF(worked > 50, "some do");
}

static void writes(void)
{
	begin();
	for (u32 n = 2 << 14; n < 4 << 14; n++)
		if (!is_vital(n)) {
			run(encode(MSR, n), 0);
			judge(encode(MSR, n), n, false, false);
		}
	end("every register is written with zero");
	begin();
	for (u32 i = 0; i < 20000; i++) {
		u32 n = (2u << 14) + (u32)(rt_random() % (2u << 14));

		if (!is_vital(n) && !is_debug(n))
			run(encode(MSR, n), rt_random());
	}
	end("random registers are written with random values");
}

/*
 * A page of them runs at EL0 at once, each exception going on behind its instruction: what came of
 * each is in outcomes[], 0 where it worked.  All use X0, which is 0 unless they read.
 */
static void run_el0(u32 base, u32 n)
{
	u64 at = (u64)page;

	for (u32 i = 0; i < EL0_BATCH; i++) {
		page[i] = encode(base, n + i);
		outcomes[i] = 0;
	}
	page[EL0_BATCH] = SVC_0;
	for (u32 i = 0; i <= EL0_BATCH; i++)
		dc_cvau(at + 4 * i);
	dsb_ish();
	for (u32 i = 0; i <= EL0_BATCH; i++)
		ic_ivau(at + 4 * i);
	dsb_ish();
	isb();
	rt_log(at, outcomes, EL0_BATCH);
	rt_arm();
	rt_el0(at, 0);
	rt_disarm();
	rt_log(0, NULL, 0);
}

/* One after the other as if each had run alone; no exception came from anywhere else. */
static void judge_el0(u32 base, u32 n, bool read)
{
	u64 all = taken.count, seen = 0;

	for (u32 i = 0; i < EL0_BATCH; i++) {
		taken.count = outcomes[i] != 0;
		taken.esr = outcomes[i];
		seen += taken.count;
		count();
		judge(encode(base, n + i), n + i, read, true);
	}
	if (seen != all)
		complain(encode(base, n), "the PC");
}

static void from_el0(void)
{
	u64 began = rt_time_ms();

	begin();
	for (u32 n = 2 << 14; n < 4 << 14; n += EL0_BATCH) {
		run_el0(MRS, n);
		judge_el0(MRS, n, true);
		run_el0(MSR, n);
		judge_el0(MSR, n, false);
	}
	end("EL0 reads and writes all of them");
	say("# in %lu ms", rt_time_ms() - began);
	IS(worked + undefined + other, 4 << 14, "each was tried both ways");
	OK_IF(worked > 5, "some are its own");
}

/* A timer that is due: what waits for an interrupt goes on at once. */
static void make_interrupt(void)
{
	mmio_write32(GICD_BASE, 2);
	mmio_write32(GICR_BASE + 0x10080, ~0u);
	mmio_write32(GICR_BASE + 0x10100, 1u << 27);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
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
	make_interrupt();
	begin();
	for (u32 hint = 0; hint < 128; hint++)
		run(0xd503201f | hint << 5, 0);
	end("every hint");
}

/* Everything with op0 = 0 but what changes the stack pointer: barriers, MSR of PSTATE's fields. */
static void immediates(void)
{
	const u32 spsel = 0xd50040bf;

	begin();
	for (u32 n = 0; n < 1 << 14; n++) {
		u32 insn = encode(MSR, n) | 31;

		if ((insn & ~0xf00u) != spsel)
			run(insn, 0);
	}
	write_sysreg(daif, 0x3c0);
	end("every instruction with op0 = 0");
}

/* With all that CPACR_EL1 can open, what is hidden is UNDEFINED. */
static void hidden(void)
{
	static const u16 keys[] = {
		0xc090, 0xc096, 0xda12,         /* ZCR, SMCR, SVCR */
		0xc085, 0xc086, 0xc2b0, 0xc804, /* RGSR, GCR, TFSR, GMID */
		0xc806, 0xc091, 0xde87, 0xc687, /* SMIDR, TRFCR, SCXTNUM */
		0xc298, 0xc299, 0xc2a2,         /* ERRIDR, ERRSELR, ERXSTATUS */
		0xc520, 0xc523, 0xc527,         /* LORSA, LORC, LORID */
		0xc528, 0xc524, 0xc4c8, 0xc4d8, /* MPAM1, MPAMIDR, PMSCR, TRBLIMITR */
		0xde90, 0xdea0, 0xdce0, 0xdce8, /* AMCR, AMEVCNTR00, PMCR, PMCCNTR */
		0xe088, 0xe200, 0xf088, 0xe708, /* HCR_EL2, SPSR_EL2, SCR_EL3, CNTHCTL_EL2 */
	};
	static const u32 insns[] = { 0x04bf5020, 0x04bf5820,
				     0xd503477f }; /* RDVL, RDSVL, SMSTART */
	u64 bad = 0;

	write_sysreg(cpacr_el1, 3UL << 16 | 3UL << 20 | 3UL << 24);
	isb();
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		begin();
		run(encode(MRS, keys[i]), 0);
		bad += taken.count == 0 || !is_refusal(keys[i], false);
		run(encode(MSR, keys[i]), 0);
		bad += undefined == 0 || taken.count == 0;
		if (taken.count == 0)
			say("# 0x%x works", keys[i]);
	}
	begin();
	for (size_t i = 0; i < ARRAY_SIZE(insns); i++)
		run(insns[i], 0);
	IS(bad, 0, "registers of features that are hidden are undefined");
	IS(undefined, ARRAY_SIZE(insns), "instructions of theirs, too");
	IS(wrong, 0, "each where it stands");
}

static void id_registers(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);

	OK_IF(get(BITS(3, 0), pfr0) != 0 && get(BITS(7, 4), pfr0) != 0, "EL0 and EL1");
	IS(get(BITS(15, 8), pfr0), 0, "no EL2 and no EL3 are shown");
	IS(get(BITS(3, 0), read_sysreg(id_aa64mmfr0_el1)), rt_arg("parange", 2),
	   "a size of PA that is its own IPA's");
	IS(get(BITS(43, 32), read_sysreg(id_aa64mmfr0_el1)), 0x111, "no stage 2");
	IS(get(BITS(7, 4), pfr0), 1, "EL1 has no AArch32");
	OK_IF(get(BITS(31, 28), read_sysreg(id_aa64mmfr0_el1)) != 0xf, "the 4 KiB granule");
	OK_IF(get(BITS(3, 0), read_sysreg(id_aa64dfr0_el1)) != 0, "a debug architecture");
	IS(get(BITS(11, 8), read_sysreg(id_aa64dfr0_el1)), 0, "no performance counters");
	IS(pfr0 & (BITS(47, 28) | BITS(55, 52)), 0, "no SVE, RAS, MPAM, AMU");
	OK_IF(get(BITS(59, 56), pfr0) <= 1, "no SCXTNUM_EL1");
	IS(read_sysreg(id_aa64pfr1_el1) & ~BITS(7, 0), 0, "no MTE, SME, NMI");
	IS(read_sysreg(id_aa64dfr0_el1) & (BITS(63, 40) | BITS(35, 32) | BITS(11, 4)), 0,
	   "no trace, SPE, TRBE");
	IS(get(BITS(39, 36), read_sysreg(id_aa64dfr0_el1)), 15, "nor OS Double Lock");
	IS(read_sysreg(S3_0_C0_C4_4) | read_sysreg(S3_0_C0_C4_5), 0, "nor of their details");
	IS(read_sysreg(S3_0_C0_C7_7) | read_sysreg(S3_0_C0_C4_7) | read_sysreg(S3_0_C0_C6_7), 0,
	   "what is not allocated is zero");
	OK_IF(read_sysreg(midr_el1) != 0, "somebody made it");
}

/* AArch32's, by what every CPU that has it has at least, and what nobody has at EL0 only. */
static void id_registers_32(void)
{
	bool has = get(BITS(3, 0), read_sysreg(id_aa64pfr0_el1)) == 2;
	u64 security = read_sysreg(id_pfr1_el1) & (BITS(27, 20) | BITS(15, 0));
	u64 all = read_sysreg(id_isar0_el1) | read_sysreg(id_isar5_el1) | read_sysreg(id_pfr0_el1) |
		  read_sysreg(mvfr0_el1) | read_sysreg(id_mmfr0_el1);

	IS(all != 0, has, "AArch32 is described where EL0 has it");
	IS(read_sysreg(id_dfr0_el1) | read_sysreg(id_afr0_el1), 0, "without its debug");
	IS(security, 0, "nor what is EL1's, EL2's and EL3's");
	IS(get(BITS(15, 12), read_sysreg(id_isar4_el1)), 0, "no SMC");
	if (!has)
		return;
	IS(get(BITS(7, 0), read_sysreg(id_pfr0_el1)), 0x31, "A32 and T32");
	IS(get(BITS(27, 24), read_sysreg(id_isar0_el1)), 2, "division in both");
	IS(get(BITS(3, 0), read_sysreg(mvfr0_el1)), 2, "32 SIMD registers");
	IS(get(BITS(31, 28), read_sysreg(mvfr1_el1)), 1, "fused multiplication, as Linux asks");
	IS(get(BITS(7, 4), read_sysreg(id_isar5_el1)) != 0,
	   get(BITS(7, 4), read_sysreg(id_aa64isar0_el1)) != 0, "AES as in AArch64");
	IS(get(BITS(19, 16), read_sysreg(id_isar5_el1)),
	   get(BITS(19, 16), read_sysreg(id_aa64isar0_el1)), "CRC32 as in AArch64");
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
	TRY(write_sysreg(S3_0_C12_C11_5, 1UL << 32));
	IS(taken.count, 0, "ICC_SGI1R_EL1 takes an SGI to nobody");
	TRY(read_sysreg(S3_0_C12_C11_5));
	IS(taken.esr >> 26, EC_UNKNOWN, "but is not read");
	TRY(write_sysreg(cntp_ctl_el0, 2); read_sysreg(cntp_cval_el0); read_sysreg(cntp_tval_el0));
	IS(taken.count, 0, "the physical timer is there");
	TRY(read_sysreg(S3_4_C1_C1_0));
	IS(taken.esr >> 26, EC_UNKNOWN, "HCR_EL2 is undefined");
}

void guest(void)
{
	id_registers();
	id_registers_32();
	debug_registers();
	set_way();
	reads();
	writes();
	instructions();
	immediates();
	from_el0();
	hidden();
	OK_IF(read_sysreg(sctlr_el1) == rt_entry[ENTRY_SCTLR], "SCTLR_EL1 is what it was");
}
