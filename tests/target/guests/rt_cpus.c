/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other CPUs and interrupts of a raw guest (rt.h).
 * 1. Each CPU writes its own irqs[] and fiqs[], and has its own stack.
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

no_return void rt_secondary_main(void);

enum {
	UART_FR = 0x18,
	FR_RXFE = 0x10,
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

void rt_take_irq(void)
{
	u32 intid = (u32)read_sysreg(icc_iar1_el1);

	if (take(&irqs[rt_cpu()], intid))
		write_sysreg(icc_eoir1_el1, intid);
	isb();
}

void rt_take_fiq(void)
{
	u32 intid = (u32)read_sysreg(icc_iar0_el1);

	if (take(&fiqs[rt_cpu()], intid))
		write_sysreg(icc_eoir0_el1, intid);
	isb();
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

bool rt_comes(const volatile u32 *word, u32 value)
{
	u64 until = rt_time_ms() + RT_PATIENCE_MS;

	while (*word != value)
		if (rt_time_ms() > until)
			return false;
	return true;
}
