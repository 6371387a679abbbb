/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C part of a raw guest.
 * 1. With the MMU off all memory is device memory: nothing here is unaligned or exclusive.
 * 2. An exception that nobody armed for is said in one line and ends the test: `Bail out!`.
 */
#include "tests/target/guests/rt.h"

#include "abi/hypercall.h"
#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

enum {
	IRQ_VECTOR = 5,
	FIQ_VECTOR = 6,
	SERROR_VECTOR = 3,
	UART_FR = 0x18,
	FR_RXFE = 0x10,
	MOST_TAKEN = 1000
};

struct frame {
	u64 x[31];
	u64 elr, spsr, esr, far;
};

_Static_assert(offsetof(struct frame, elr) == FRAME_ELR, "start.S stores it there");
_Static_assert(offsetof(struct frame, esr) == FRAME_ESR, "start.S stores it there");
_Static_assert(sizeof(struct frame) <= FRAME_SIZE, "start.S leaves that much room");

no_return void rt_main(void);
no_return void rt_secondary_main(void);
void rt_exception(struct frame *f, u64 vector);

struct taken taken;
struct serrors serrors;
u64 rt_entry[10];
u64 rt_resume; /* where rt_jump() goes on; 0 outside it */
u64 rt_el0_return;

static bool armed, for_ever;
static u32 tests;
static u64 table[512] aligned_to(4096);
static u64 random_state = 0x9e3779b97f4a7c15UL;

/* ---- Output ---------------------------------------------------------------------------------- */

void say(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	fmt_v(line, sizeof(line), format, args);
	va_end(args);
	for (const char *c = line; *c; c++)
		mmio_write32(UART_BASE, (u8)*c);
	mmio_write32(UART_BASE, '\n');
}

void rt_ok(bool ok, const char *name)
{
	say("%s %u - %s", ok ? "ok" : "not ok", ++tests, name);
}

void rt_is(u64 have, u64 want, const char *name)
{
	rt_ok(have == want, name);
	if (have != want)
		say("# have 0x%lx, want 0x%lx", have, want);
}

static no_return void rest(void)
{
	for (;;)
		wfi();
}

void rt_end(void)
{
	u32 size;
	const char *args = rt_prop("chosen", "bootargs", &size);
	const char *nonce = args ? strstr(args, "nonce=") : NULL;
	size_t n = 0;

	say("1..%u", tests);
	while (nonce && nonce[6 + n] && nonce[6 + n] != ' ')
		n++;
	if (nonce)
		say("# nonce %.*s", (int)n, nonce + 6);
	say("# end");
	rest();
}

void rt_off(void)
{
	hvc_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	say("Bail out! SYSTEM_OFF came back");
	rest();
}

void rt_reset(void)
{
	hvc_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	say("Bail out! SYSTEM_RESET came back");
	rest();
}

/* ---- Exceptions ------------------------------------------------------------------------------ */

void rt_arm(void)
{
	taken = (struct taken){ 0 };
	armed = true;
}

void rt_arm_for_ever(void)
{
	rt_arm();
	for_ever = true;
}

static u64 *log_esr, log_at, log_count;

void rt_log(u64 at, u64 *log, u64 n)
{
	log_at = at;
	log_esr = log;
	log_count = n;
}

static void note(const struct frame *f)
{
	u64 i = (f->elr - log_at) / 4;

	if (i < log_count)
		log_esr[i] = f->esr;
}

void rt_disarm(void)
{
	armed = false;
}

/* ---- Other CPUs, interrupts ------------------------------------------------------------------ */

enum {
	GICD_CTLR = 0,
	GICR_STRIDE = 0x20000,
	GICR_WAKER = 0x14,
	GICR_IGROUPR = 0x10080,
	GICR_ISENABLER = 0x10100,
	GICR_IPRIORITYR = 0x10400,
	VIRTUAL_TIMER = 27,
	PHYSICAL_TIMER = 30,
	STACK = 4096,
};

/* What a CPU finds at its stack pointer when it starts. */
struct rt_start {
	void (*run)(u32 n);
	u64 n;
};

struct irqs irqs[RT_CPUS], fiqs[RT_CPUS];

static u8 stacks[RT_CPUS][STACK] aligned_to(16);

u32 rt_cpu(void)
{
	return (u32)(read_sysreg(mpidr_el1) & 0xff);
}

static struct rt_start *start_of(u32 n)
{
	return (struct rt_start *)(stacks[n] + STACK) - 1;
}

u64 rt_start_context(u32 n, void (*run)(u32 n))
{
	struct rt_start *s = start_of(n);

	*s = (struct rt_start){ run, n };
	dsb_sy();
	return (u64)s;
}

s64 rt_start_cpu(u32 n, void (*run)(u32 n))
{
	return hvc_call(PSCI_CPU_ON_64, n, (u64)rt_secondary, rt_start_context(n, run));
}

void rt_secondary_main(void)
{
	struct rt_start *s = start_of(rt_cpu());

	s->run((u32)s->n);
	dsb_sy();
	hvc_call(PSCI_CPU_OFF, 0, 0, 0);
	for (;;)
		wfi();
}

u64 rt_gicr(void)
{
	return GICR_BASE + (u64)rt_cpu() * GICR_STRIDE;
}

void rt_gic_on(void)
{
	mmio_write32(GICD_BASE + GICD_CTLR, 1u << 4 | 1u << 1);
	mmio_write32(rt_gicr() + GICR_WAKER, 0);
	write_sysreg(icc_sre_el1, 1);
	write_sysreg(icc_pmr_el1, 0xff);
	write_sysreg(icc_igrpen1_el1, 1);
	isb();
}

void rt_gic_enable(u32 intid, u8 priority)
{
	u32 group = mmio_read32(rt_gicr() + GICR_IGROUPR);

	mmio_write32(rt_gicr() + GICR_IGROUPR, group | 1u << intid);
	mmio_write8(rt_gicr() + GICR_IPRIORITYR + intid, priority);
	mmio_write32(rt_gicr() + GICR_ISENABLER, 1u << intid);
}

/* The UART's interrupt ends a WFI, so that a key that comes just before it is not missed. */
static void let_keys_wake(void)
{
	enum { GICD_IGROUPR1 = 0x84, GICD_ISENABLER1 = 0x104, UART_BIT = 1 << 1 };
	enum { UART_IMSC = 0x38, IMSC_RX = 0x10, IMSC_RT = 0x40 };

	rt_gic_on();
	mmio_write32(GICD_BASE + GICD_IGROUPR1, UART_BIT);
	mmio_write32(GICD_BASE + GICD_ISENABLER1, UART_BIT);
	mmio_write32(UART_BASE + UART_IMSC, IMSC_RX | IMSC_RT);
}

char rt_key(void)
{
	let_keys_wake();
	while (mmio_read32(UART_BASE + UART_FR) & FR_RXFE)
		wfi();
	return (char)mmio_read32(UART_BASE);
}

void rt_irqs(bool on)
{
	if (on)
		__asm__ volatile("msr daifclr, #2" : : : "memory");
	else
		__asm__ volatile("msr daifset, #2" : : : "memory");
	isb();
}

void rt_fiqs(bool on)
{
	if (on)
		__asm__ volatile("msr daifclr, #1" : : : "memory");
	else
		__asm__ volatile("msr daifset, #1" : : : "memory");
	isb();
}

/* False for a spurious one, which has no end. */
static bool take(struct irqs *i, u32 intid)
{
	i->count++;
	i->last = intid;
	if (intid == RT_SPURIOUS)
		return false;
	if (intid < 32)
		i->of[intid]++;
	i->running = (u32)read_sysreg(icc_rpr_el1);
	if (intid == VIRTUAL_TIMER)
		write_sysreg(cntv_ctl_el0, 0);
	if (intid == PHYSICAL_TIMER)
		write_sysreg(cntp_ctl_el0, 0);
	isb();
	return true;
}

static void take_irq(void)
{
	u32 intid = (u32)read_sysreg(icc_iar1_el1);

	if (take(&irqs[rt_cpu()], intid))
		write_sysreg(icc_eoir1_el1, intid);
	isb();
}

static void take_fiq(void)
{
	u32 intid = (u32)read_sysreg(icc_iar0_el1);

	if (take(&fiqs[rt_cpu()], intid))
		write_sysreg(icc_eoir0_el1, intid);
	isb();
}

void rt_serrors(bool on)
{
	serrors.wanted |= on;
	if (on)
		daif_unmask_serror();
	else
		daif_mask_serror();
	isb();
}

static void take_serror(const struct frame *f)
{
	serrors.count++;
	serrors.esr = f->esr;
	serrors.elr = f->elr;
}

static bool is_fetch(u64 esr)
{
	u64 ec = get(ESR_EC, esr);

	return ec == EC_IABT_LOW || ec == EC_IABT_CUR || ec == EC_PC_ALIGN;
}

static void go_on(struct frame *f)
{
	if (rt_resume)
		f->elr = rt_resume;
	else if (is_fetch(f->esr))
		f->elr = f->x[30];
	else
		f->elr += 4;
}

void rt_exception(struct frame *f, u64 vector)
{
	u64 ec = get(ESR_EC, f->esr);

	if ((vector == 8 && ec == EC_SVC64) || (vector == 12 && ec == EC_SVC32)) {
		f->elr = rt_el0_return;
		f->spsr = 0x3c5;
		return;
	}
	if (vector == IRQ_VECTOR) {
		take_irq();
		return;
	}
	if (vector == FIQ_VECTOR) {
		take_fiq();
		return;
	}
	if (vector % 4 == SERROR_VECTOR && serrors.wanted) {
		take_serror(f);
		return;
	}
	if (!armed || (++taken.count > MOST_TAKEN && !for_ever)) {
		armed = false;
		say("Bail out! exception: vector %lu, ESR 0x%lx (%s), FAR 0x%lx, ELR 0x%lx", vector,
		    f->esr, esr_ec_name((unsigned int)get(ESR_EC, f->esr)), f->far, f->elr);
		rest();
	}
	taken.vector = vector;
	taken.esr = f->esr;
	taken.far = f->far;
	taken.elr = f->elr;
	taken.spsr = f->spsr;
	note(f);
	go_on(f);
}

/* ---- The tree -------------------------------------------------------------------------------- */

static u32 cell(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

const void *rt_prop(const char *node, const char *name, u32 *size)
{
	const u8 *tree = (const u8 *)rt_entry[0];
	const u8 *p = tree + cell(tree + 8);
	const char *strings = (const char *)tree + cell(tree + 12);
	bool inside = false;

	*size = 0;
	for (;; p += 4) {
		switch (cell(p)) {
		case 1:
			inside = strncmp((const char *)p + 4, node, strlen(node)) == 0;
			p += (strlen((const char *)p + 4) + 4) & ~3UL;
			break;
		case 3:
			*size = cell(p + 4);
			if (inside && strcmp(strings + cell(p + 8), name) == 0)
				return p + 12;
			p += 8 + ((*size + 3) & ~3u);
			break;
		case 2: inside = false; break;
		case 4: break;
		default: *size = 0; return NULL;
		}
	}
}

u64 rt_ram_size(void)
{
	u32 size;
	const u8 *reg = rt_prop("memory", "reg", &size);

	return size == 16 ? (u64)cell(reg + 8) << 32 | cell(reg + 12) : 0;
}

u64 rt_arg(const char *key, u64 otherwise)
{
	u32 size;
	const char *args = rt_prop("chosen", "bootargs", &size);
	char wanted[24], value[24];
	size_t n = 0;
	u64 number;

	fmt(wanted, sizeof(wanted), "%s=", key);
	args = args ? strstr(args, wanted) : NULL;
	if (!args)
		return otherwise;
	args += strlen(wanted);
	while (args[n] && args[n] != ' ' && n + 1 < sizeof(value))
		n++;
	memcpy(value, args, n);
	value[n] = '\0';
	return parse_size(value, &number) == OK ? number : otherwise;
}

/* ---- Stage 1 --------------------------------------------------------------------------------- */

#define MAIR_WB 0xffUL /* index 0: normal, write-back; index 1: device nGnRnE */
#define BLOCK_1G (DESC_VALID | DESC_AF | put(DESC_SH, DESC_SH_INNER))
#define TCR_39_39                                                                                  \
	(25UL | 1UL << 8 | 1UL << 10 | 3UL << 12 | 25UL << 16 | 1UL << 24 | 1UL << 26 |            \
	 3UL << 28 | 2UL << 30 | 2UL << 32)
#define SCTLR_M_C_I (1UL << 0 | 1UL << 2 | 1UL << 12)

static void new_tables(void)
{
	dsb_sy();
	tlbi_vmalle1();
	dsb_sy();
	isb();
}

void rt_mmu_on(u64 ttbr1)
{
	for (u64 i = 0; i < ARRAY_SIZE(table); i++)
		table[i] = i << 30 | BLOCK_1G | put(S1_DESC_ATTRINDX, i == 0);
	write_sysreg(mair_el1, MAIR_WB);
	write_sysreg(tcr_el1, TCR_39_39);
	write_sysreg(ttbr0_el1, (u64)table);
	write_sysreg(ttbr1_el1, ttbr1);
	new_tables();
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | SCTLR_M_C_I);
	isb();
}

void rt_set_upper(u64 ttbr1)
{
	write_sysreg(ttbr1_el1, ttbr1);
	new_tables();
}

void rt_devices_as_memory(void)
{
	table[0] = 0;
	new_tables();
	table[0] = BLOCK_1G;
	new_tables();
}

/* ---- The rest -------------------------------------------------------------------------------- */

u64 rt_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dUL;
}

u64 rt_time_ms(void)
{
	isb();
	return read_sysreg(cntvct_el0) / (read_sysreg(cntfrq_el0) / 1000);
}

void rt_sleep_until(u64 ms)
{
	rt_gic_on();
	rt_gic_enable(VIRTUAL_TIMER, 0x80);
	write_sysreg(cntv_cval_el0, (ms + 1) * (read_sysreg(cntfrq_el0) / 1000));
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	while (rt_time_ms() < ms)
		wfi();
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	if (read_sysreg(icc_iar1_el1) == VIRTUAL_TIMER)
		write_sysreg(icc_eoir1_el1, VIRTUAL_TIMER);
	isb();
}

void rt_main(void)
{
	guest();
	rt_end();
}
