/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever a guest may think of, at random, on two vCPUs: registers, calls, interrupt controllers,
 * devices by every form of load and store, page tables and vectors in nowhere, waiting with
 * everything masked.  Nothing here is expected to succeed; that EL2 lives is seen from outside.
 *
 * Boot arguments: seed=N actions=N (of both together).  It says what it did, by kind, and `# end`;
 * then one vCPU takes exceptions for ever whose vector is nowhere, the other waits with everything
 * masked, until somebody ends them from outside.
 *
 * 1. A vCPU comes back from each action by itself, by an exception's skip, or by its timer, which
 *    ends a WFI whatever is masked.
 * 2. What this program needs (SCTLR_EL1, VBAR_EL1, TTBR0_EL1 …) no action changes.
 */
#include "abi/hypercall.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum { CPUS = 2, TIMER_US = 200 };

#define MRS 0xd5200000u
#define MSR 0xd5000000u
#define VIRTIO_BASE 0x0a000000UL
#define NOWHERE 0x50000000UL

enum kind { REGISTERS, CALLS, PSCI, PLAIN, ODD, INTERRUPTS, TABLES, WAITS, KINDS };

struct hostile {
	u64 random;
	u64 done[KINDS];
	u32 page[1024] aligned_to(4096);
};

static struct hostile hostile[CPUS] aligned_to(4096);
static u64 actions;
static volatile u32 finished;

static u64 next(struct hostile *h)
{
	u64 x = h->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	h->random = x;
	return x * 0x2545f4914f6cdd1dUL;
}

/* Mostly what means something: small, near a power of two, an address of this guest's, or junk. */
static u64 word(struct hostile *h)
{
	u64 r = next(h);

	switch (r >> 61) {
	case 0: return r & 0xff;
	case 1: return 1UL << (r & 63);
	case 2: return (1UL << (r & 63)) - 1;
	case 3: return RAM_BASE + (r & (rt_ram_size() - 1));
	case 4: return GICD_BASE + (r & 0x1fffff);
	case 5: return ~(r & 0xffff);
	default: return r;
	}
}

/* ---- One instruction ------------------------------------------------------------------------- */

/* Not to be written at random: this program could not go on, or would end the machine's turn. */
static bool is_vital(u32 n)
{
	static const u16 keys[] = {
		0xc080, 0xc600, 0xc210, 0xc082,
		0xc100, 0xc102,                 /* SCTLR VBAR SPSel CPACR TTBR0 TCR */
		0xc201, 0xc200, 0xda11, 0x8012, /* ELR SPSR DAIF MDSCR */
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if ((n & 0xffff) == keys[i])
			return true;
	return (n & 0xffff) == 0xc208; /* SP_EL0 is nobody's */
}

static void run(struct hostile *h, u32 insn, u64 x0)
{
	u64 at = (u64)h->page;

	h->page[0] = insn;
	for (int i = 0; i < 3; i++)
		h->page[1 + i] = rt_stub_tail[i];
	dc_cvau(at);
	dsb_ish();
	ic_ivau(at);
	dsb_ish();
	isb();
	rt_run(at, x0);
}

/* Where a device is, or close to it; its own UART's data register is left to what this says. */
static u64 device(struct hostile *h)
{
	static const struct {
		u64 base, size;
	} places[] = {
		{ GICD_BASE, 0x10000 },          { GICR_BASE, 0x40000 },
		{ GICD_BASE, 0x1000 },           { GICR_BASE, 0x1000 },
		{ GICR_BASE + 0x10000, 0x1000 }, { UART_BASE + 8, 0xff8 },
		{ VIRTIO_BASE, 0x400 },          { NOWHERE, 0x10000 },
	};
	u64 i = next(h) % ARRAY_SIZE(places);
	u64 at = places[i].base + next(h) % places[i].size;

	/* A virtio device that is ready could write anywhere in this guest: g_virtio's business. */
	return at - VIRTIO_BASE < 0x400 && (at & 0x1f0) == 0x70 ? at - 0x20 : at;
}

/* MRS, MSR, and system instructions but op0 = 0. */
static void registers(struct hostile *h)
{
	u32 n = (1u << 14) + (u32)(next(h) % (3u << 14));
	bool read = next(h) & 1;

	if (n < 2u << 14) /* DC ZVA, and its like, of where nothing is lost */
		run(h, (read ? MRS : MSR) | n << 5, device(h));
	else if (!is_vital(n))
		run(h, (read ? MRS : MSR) | n << 5, word(h));
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* Those that end or suspend this guest, or start what is not ready, have a kind of their own. */
static bool is_an_end(u32 function)
{
	u32 f = function & ~0x40000000u;

	return f == PSCI_SYSTEM_OFF || f == PSCI_SYSTEM_RESET || f == PSCI_SYSTEM_RESET2_32 ||
	       f == PSCI_CPU_OFF || f == PSCI_CPU_SUSPEND_32 || f == PSCI_SYSTEM_SUSPEND_32 ||
	       f == PSCI_CPU_ON_32;
}

static void call(struct hostile *h)
{
	u64 regs[31];
	u64 function = next(h);

	if (function & 1)
		function = 0x80000000 | (function & 0x7f000000) | (function >> 8 & 0x7f);
	if (function & 2)
		function = 0x84000000 | (function & 0x40000000) | (function >> 8 & 0x5f);
	for (int i = 0; i < 31; i++)
		regs[i] = word(h);
	regs[0] = (regs[0] & ~0xffffffffUL) | (u32)function;
	if (!is_an_end((u32)function))
		rt_call(regs, next(h) & 1);
}

/* With arguments that are refused, each for another reason; or that come back by a timer. */
static void psci(struct hostile *h)
{
	static const u64 affinities[] = {
		0, 1, 2, 8, 0x100, 1UL << 31, 1UL << 32, 1UL << 40, ~0UL
	};
	u64 who = affinities[next(h) % ARRAY_SIZE(affinities)], size = rt_ram_size();
	u64 at = RAM_BASE + (next(h) & 1 ? size : 1);

	switch (next(h) % 8) {
	case 0: hvc_call(PSCI_CPU_ON_64, who, at, word(h)); break;
	case 1: hvc_call(PSCI_CPU_ON_64, rt_cpu(), RAM_BASE, word(h)); break;
	case 2: hvc_call(PSCI_AFFINITY_INFO_64, who, next(h) % 3, word(h)); break;
	case 3: hvc_call(PSCI_SYSTEM_SUSPEND_64, at, word(h), 0); break;
	case 4: smc_call(PSCI_SYSTEM_RESET2_64, 1 + next(h) % 3, word(h), 0); break;
	case 5: hvc_call(PSCI_CPU_SUSPEND_64, 0x10000 | (next(h) & 0xffff), at, 0); break;
	case 6: hvc_call(PSCI_CPU_SUSPEND_32, 0x20000 + word(h) % 0x1000000, at, 0); break;
	default: smc_call(PSCI_FEATURES, 0x84000000 | (next(h) & 0x4000001f), 0, 0); break;
	}
}

/* ---- Devices --------------------------------------------------------------------------------- */

static void plain_access(struct hostile *h)
{
	u64 at = device(h), value = word(h);

	switch (next(h) % 8) {
	case 0: mmio_read8(at); break;
	case 1: mmio_write8(at, (u8)value); break;
	case 2: __asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(at & ~1UL)); break;
	case 3: __asm__ volatile("strh %w0, [%1]" : : "r"(value), "r"(at & ~1UL)); break;
	case 4: mmio_read32(at & ~3UL); break;
	case 5: mmio_write32(at & ~3UL, (u32)value); break;
	case 6: mmio_read64(at & ~7UL); break;
	default: mmio_write64(at & ~7UL, value); break;
	}
}

/* Forms that have no syndrome, or an odd one: loads and stores of x1 … by x0. */
static void odd_access(struct hostile *h)
{
	static const u32 forms[] = {
		0xa9400801, 0xa9000801,
		0xa8c10801, 0xa9bf0801, /* LDP, STP, post-, pre-index */
		0x29400801, 0x69400801,
		0xa8400801, 0x28000801, /* LDP w, LDPSW, LDNP, STNP */
		0xf8408401, 0xf8008401,
		0xf8408c01, 0xf8008c01, /* LDR, STR post-, pre-index */
		0x38401401, 0x38001401,
		0x78402c01, 0xb8404401, /* of bytes, halfwords, words */
		0xc85f7c01, 0xc8027c01,
		0x885ffc01, 0xc87f0801, /* LDXR, STXR, LDAXR, LDXP */
		0x0c407000, 0x0c007000,
		0x4cdf2000, 0x0d40c000, /* LD1, ST1, four registers, LD1R */
		0x3d400000, 0x3dc00000,
		0xfd000000, 0xad400400, /* LDR b, q, STR d, LDP q */
		0xd50b7420, 0xd5087620,
		0xd50b7a20, 0xd50b7e20, /* DC ZVA, IVAC, CVAC, CIVAC */
		0xb900001f, 0xf900001f,
		0x3900001f, 0xb840001f, /* STR wzr, xzr, STRB wzr, LDUR wzr */
		0xf8600001, 0xb8a18002,
		0xc8a17c02, 0x48207c02, /* LDADD, SWPA, CAS, CASP */
		0xf8800000, 0xd50b7520,
		0xb8400801, 0xf8000801, /* PRFM, IC IVAU, LDTR, STTR */
	};
	u64 at = device(h);

	if (next(h) & 1)
		at &= ~15UL;
	run(h, forms[next(h) % ARRAY_SIZE(forms)], at);
}

/* The registers of interrupts by the width they have: state that means something. */
static void interrupts(struct hostile *h)
{
	static const u16 offsets[] = { 0x80,  0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400,
				       0xc00, 0xd00, 0xf00, 0xf10, 0xf20, 0x0,   0x14,  0x6000 };
	u64 at = offsets[next(h) % ARRAY_SIZE(offsets)] + (next(h) % 16) * 4;
	u64 base = next(h) & 1 ? GICD_BASE : GICR_BASE + (next(h) & 1) * 0x20000 + 0x10000;

	if (next(h) % 4 == 0)
		mmio_read32(base + at);
	else
		mmio_write32(base + at, (u32)word(h));
	if (next(h) % 4 == 0)
		write_sysreg(S3_0_C12_C11_5, word(h)); /* ICC_SGI1R_EL1 */
}

/* ---- The guest's own tables and vectors ------------------------------------------------------ */

static u64 nowhere(struct hostile *h)
{
	static const u64 places[] = { GICD_BASE,      UART_BASE,        NOWHERE,   0,
				      0x8000000000UL, 0xfffffffff000UL, GICR_BASE, VIRTIO_BASE };

	return places[next(h) % ARRAY_SIZE(places)];
}

/*
 * The tables of the upper half are devices, nothing, or random memory.  An access there walks them;
 * the lower half is not translated meanwhile, or as 1 GiB blocks where the MMU is on already.
 */
static void tables(struct hostile *h)
{
	u64 root = next(h) % 3 ? nowhere(h) : (u64)hostile | (next(h) & 0xfffe00000000f000UL);
	u64 va = ~0UL << 39 | (next(h) & ~7UL);

	rt_set_upper(root & 0xffff00fffffff000UL);
	if (next(h) & 1)
		mmio_read64(va);
	else
		mmio_write64(va, 0);
	run(h, 0xd5087800 | (u32)(next(h) % 4) << 5, va); /* AT S1E1R … S1E0W */
	rt_set_upper(0);
}

/* WFI and WFE with everything masked: the timer's interrupt ends the wait and is not taken. */
static void waits(struct hostile *h)
{
	rt_gic_on();
	rt_gic_enable(27, 0x80);
	write_sysreg(cntv_tval_el0, read_sysreg(cntfrq_el0) / 1000000 * (next(h) % TIMER_US));
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	if (next(h) & 1)
		wfi();
	else
		wfe();
	write_sysreg(cntv_ctl_el0, next(h) & 3);
	isb();
}

/* ---- Both of them ---------------------------------------------------------------------------- */

static void act(struct hostile *h)
{
	static void (*const kinds[KINDS])(struct hostile * h) = {
		[REGISTERS] = registers, [CALLS] = call,     [PSCI] = psci,
		[PLAIN] = plain_access,  [ODD] = odd_access, [INTERRUPTS] = interrupts,
		[TABLES] = tables,       [WAITS] = waits,
	};
	/* Waits take time: one in 64. */
	enum kind kind = next(h) % 64 == 0 ? WAITS : (enum kind)(next(h) % WAITS);

	kinds[kind](h);
	h->done[kind]++;
}

static void be_hostile(struct hostile *h)
{
	write_sysreg(cpacr_el1, 3UL << 20);
	isb();
	for (u64 i = 0; i < actions / CPUS; i++)
		act(h);
}

/* An exception whose vector cannot be fetched, which is an exception, and so on. */
static void be_lost(void)
{
	write_sysreg(vbar_el1, GICD_BASE);
	isb();
	__asm__ volatile("brk #0");
}

static void second(u32 n)
{
	be_hostile(&hostile[n]);
	dsb_sy();
	finished = 1;
	be_lost();
}

static no_return void report_and_rest(void)
{
	static const char *const names[KINDS] = { "registers", "calls",      "psci",   "plain",
						  "odd",       "interrupts", "tables", "waits" };

	mmio_write32(UART_BASE + 0x30, 0x301);
	for (u32 k = 0; k < KINDS; k++)
		say("# %s: %lu", names[k], hostile[0].done[k] + hostile[1].done[k]);
	say("# taken %lu", taken.count);
	say("# end");
	write_sysreg(cntv_ctl_el0, 0);
	for (;;)
		wfi();
}

void guest(void)
{
	u64 seed = rt_arg("seed", 1) * 0x9e3779b97f4a7c15UL;

	actions = rt_arg("actions", 10000);
	for (u32 i = 0; i < CPUS; i++)
		hostile[i].random = (seed ^ (u64)i << 32) | 1;
	rt_mmu_on(0);
	rt_arm_for_ever();
	say("# seed %lx", seed);
	rt_start_cpu(1, second);
	be_hostile(&hostile[0]);
	while (!finished)
		;
	report_and_rest();
}
