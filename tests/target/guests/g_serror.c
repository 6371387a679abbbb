/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SErrors, which the harsh machine gives to order (tests/target/harsh/orders.h): taken where this
 * guest is, or in the window behind its exit.  Each becomes this vCPU's virtual SError, once, and
 * what it exited for is done, once.  With mode=1 it orders none, and must get none; with
 * mode=2 it leaves one pending, masked, for whoever resets it.
 */
#include "tests/target/harsh/orders.h"

#include "abi/hypercall.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "tests/target/guests/rt.h"

enum {
	IBRD = UART_BASE + 0x24,
	NOWHERE = 0x50000000,
	VIRTUAL_TIMER = 27,
	ROUNDS = 20,
	INNOCENT = 1,
	PENDING = 2,
};

#define HVC_INSN 0xd4000002u

static void order(u64 how)
{
	serrors.count = 0;
	write_sysreg(tpidrro_el0, ORDER | how);
	isb();
}

static bool is_served(void)
{
	return read_sysreg(tpidrro_el0) == 0;
}

/* ISR_EL1.A: one is pending here. */
static bool is_pending(void)
{
	return (read_sysreg(isr_el1) & ISR_A) != 0;
}

static void spin_ms(u64 ms)
{
	u64 end = rt_time_ms() + ms;

	while (rt_time_ms() < end)
		;
}

/* ---- Exits: each does one thing that must be done once, and says whether it was -------------- */

static bool by_call(void)
{
	return hvc_call(PSCI_VERSION, 0, 0, 0) == PSCI_VERSION_1_1;
}

static bool by_call_with_lock(void)
{
	return hvc_call(PSCI_AFFINITY_INFO_64, 0, 0, 0) == PSCI_AFFINITY_ON;
}

static bool by_smc(void)
{
	return smc_call(PSCI_VERSION, 0, 0, 0) == PSCI_VERSION_1_1;
}

/* The instruction in front of it is executed once, too. */
static bool by_load(void)
{
	u64 n = 0;
	u32 value;

	__asm__ volatile("add %0, %0, #1\n\tldr %w1, [%2]"
			 : "+r"(n), "=&r"(value)
			 : "r"((u64)IBRD)
			 : "memory");
	return n == 1 && value == 0x1357;
}

static bool by_store(void)
{
	mmio_write32(IBRD, 0x1357);
	return true;
}

static bool by_register(void)
{
	return get(BITS(3, 0), read_sysreg(id_aa64pfr0_el1)) != 0;
}

static bool by_first_touch(void)
{
	static u64 next = RAM_BASE + 0x800000;

	next += 0x200000;
	return mmio_read64(next) == 0;
}

static bool by_abort(void)
{
	TRY(mmio_read32(NOWHERE));
	return taken.count == 1 && get(ESR_EC, taken.esr) == EC_DABT_CUR && taken.far == NOWHERE &&
	       get(ISS_FSC, taken.esr) == FSC_EXTERNAL;
}

static bool by_undefined(void)
{
	TRY(read_sysreg(pmcr_el0));
	return taken.count == 1 && get(ESR_EC, taken.esr) == EC_UNKNOWN;
}

/* Nothing else ends it: no interrupt is enabled. */
static bool by_wfi(void)
{
	wfi();
	return true;
}

static bool by_suspend(void)
{
	return hvc_call(PSCI_CPU_SUSPEND_64, 0, 0, 0) == PSCI_SUCCESS;
}

static bool at_once(void)
{
	__asm__ volatile("hvc %0" : : "i"(ORDER_NOW) : "memory");
	return true;
}

static const struct {
	const char *name;
	bool (*exit)(void);
} exits[] = {
	{ "a call", by_call },
	{ "a call under the lock", by_call_with_lock },
	{ "an SMC", by_smc },
	{ "a store to a device", by_store },
	{ "a load from a device", by_load },
	{ "a register", by_register },
	{ "a first touch", by_first_touch },
	{ "an abort", by_abort },
	{ "an undefined instruction", by_undefined },
	{ "a WFI", by_wfi },
	{ "a CPU_SUSPEND", by_suspend },
};

static bool is_serror(void)
{
	return serrors.count == 1 && get(ESR_EC, serrors.esr) == EC_SERROR && !is_pending();
}

static void say_more(bool ok, bool done)
{
	if (!ok)
		say("# done %u, served %u, count %lu, ESR 0x%lx, ELR 0x%lx, pending %u", done,
		    is_served(), serrors.count, serrors.esr, serrors.elr, is_pending());
}

/* Taken at once where PSTATE.A is clear. */
static void taken_behind(const char *name, bool (*exit)(void))
{
	char text[96];
	bool done, ok;

	rt_serrors(true);
	order(0);
	done = exit();
	ok = done && is_served() && is_serror();
	fmt(text, sizeof(text), "%s, and an SError behind it", name);
	rt_ok(ok, text);
	say_more(ok, done);
}

/* Pending while PSTATE.A is set, whoever else runs meanwhile; then taken once. */
static void taken_later(const char *name, bool (*exit)(void))
{
	char text[96];
	bool done, ok;

	rt_serrors(false);
	order(0);
	done = exit();
	ok = done && is_served() && serrors.count == 0 && is_pending();
	spin_ms(15); /* slices of others */
	ok = ok && serrors.count == 0 && is_pending();
	rt_serrors(true);
	ok = ok && is_serror();
	fmt(text, sizeof(text), "%s, and a masked SError behind it", name);
	rt_ok(ok, text);
	say_more(ok, done);
}

/* ISR_EL1 had said so, but then none comes. */
static void none_comes(const char *name, bool (*exit)(void))
{
	char text[96];
	bool done, ok;

	rt_serrors(true);
	order(ORDER_GONE);
	done = exit();
	ok = done && is_served() && serrors.count == 0 && !is_pending();
	fmt(text, sizeof(text), "%s, and an SError that goes away", name);
	rt_ok(ok, text);
	say_more(ok, done);
}

static void taken_here(void)
{
	rt_serrors(true);
	serrors.count = 0;
	at_once();
	OK_IF(is_serror(), "an SError is taken while the guest runs");
	OK_IF(*(const u32 *)(serrors.elr - 4) == (HVC_INSN | ORDER_NOW << 5),
	      "it goes on where it was");
	rt_serrors(false);
	serrors.count = 0;
	at_once();
	OK_IF(serrors.count == 0 && is_pending(), "masked it is pending");
	at_once();
	OK_IF(serrors.count == 0 && is_pending(), "a second one is the same one");
	rt_serrors(true);
	OK_IF(is_serror(), "which is taken once");
	order(ORDER_AT_INTERRUPT);
	at_once();
	OK_IF(is_served() && is_serror(), "and of one behind another");
}

/* Behind an exit by an interrupt: the hypervisor's own timer, or this guest's. */
static void behind_an_interrupt(void)
{
	u64 end = rt_time_ms() + 5000;

	rt_serrors(true);
	rt_gic_on();
	rt_gic_enable(VIRTUAL_TIMER, 0x80);
	rt_irqs(true);
	order(ORDER_AT_INTERRUPT);
	write_sysreg(cntv_cval_el0, read_sysreg(cntvct_el0) + 1000);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	while (irqs[0].count == 0 && rt_time_ms() < end)
		;
	rt_irqs(false);
	OK_IF(is_served() && is_serror(), "an interrupt, and an SError behind it");
	IS(irqs[0].of[VIRTUAL_TIMER], 1, "the interrupt has come, too");
}

/* Power-down with one pending: it begins anew, and has it still. */
static void behind_a_power_down(void)
{
	s64 r;

	rt_serrors(false);
	order(0);
	r = rt_suspend(PSCI_CPU_SUSPEND_64, PSCI_STATE_POWER_DOWN);
	OK_IF(r == 1 && is_pending(), "a power-down with an SError behind it begins anew");
	rt_serrors(true);
	OK_IF(is_serror(), "and takes it");
}

/* ---- While the vCPU is taken from its CPU ---------------------------------------------------- */

static volatile bool over;
static volatile u64 others;

/* Every write to the distributor asks for all vCPUs of this VM. */
static void ask(u32 n)
{
	(void)n;
	while (!over) {
		mmio_write32(GICD_BASE, 2);
		others += is_pending();
	}
}

static void nothing(u32 n)
{
	others += is_pending() + n - 2;
}

static bool start_third(void)
{
	bool once;

	while (hvc_call(PSCI_AFFINITY_INFO_64, 2, 0, 0) != PSCI_AFFINITY_OFF)
		;
	order(ORDER_WHEN_ASKED);
	once = rt_start_cpu(2, nothing) == PSCI_SUCCESS; /* a second time it would be on already */
	return once && is_served();
}

static void while_it_is_unloaded(void)
{
	u64 back = 0, behind = 0, wrong = 0;

	rt_serrors(true);
	OK_IF(rt_start_cpu(1, ask) == PSCI_SUCCESS, "another vCPU asks for this one");
	for (u32 i = 0; i < ROUNDS; i++) {
		bool done = start_third();
		u32 insn = *(const u32 *)serrors.elr;

		wrong += !done || !is_serror();
		back += insn == HVC_INSN;
		behind += insn != HVC_INSN;
		order(ORDER_WHEN_ASKED);
		done = i % 2 ? by_load() : by_abort();
		wrong += !done || !is_serror();
	}
	over = true;
	while (hvc_call(PSCI_AFFINITY_INFO_64, 1, 0, 0) != PSCI_AFFINITY_OFF)
		;
	IS(wrong, 0, "exits with SErrors behind them, asked for meanwhile: all once");
	IS(others, 0, "and no other vCPU has got any");
	OK_IF(back > 0, "calls taken back, the SError in front of them");
	say("# %lu calls taken back, %lu not", back, behind);
}

/* ---- What it is to do ------------------------------------------------------------------------ */

static void innocent(void)
{
	u64 seen = 0, end = rt_time_ms() + 1500;

	rt_serrors(true);
	while (rt_time_ms() < end) {
		spin_ms(1);
		rt_serrors(false);
		seen += is_pending();
		rt_serrors(true);
		by_call();
	}
	IS(seen + serrors.count, 0, "not one SError of its neighbours'");
}

static void pending(void)
{
	say("# pending %u at the entry", is_pending());
	order(0);
	by_call();
	say("# pending %u", is_pending());
	for (;;)
		by_call();
}

void guest(void)
{
	u64 mode = rt_arg("mode", 0);

	if (mode == INNOCENT) {
		innocent();
		return;
	}
	if (mode == PENDING)
		pending();
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++) {
		taken_behind(exits[i].name, exits[i].exit);
		taken_later(exits[i].name, exits[i].exit);
		if (exits[i].exit != by_wfi && exits[i].exit != by_suspend)
			none_comes(exits[i].name, exits[i].exit);
	}
	taken_here();
	behind_an_interrupt();
	behind_a_power_down();
	if (rt_arg("unload", 0))
		while_it_is_unloaded();
}
