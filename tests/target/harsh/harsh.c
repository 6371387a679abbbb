/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the harsh machine does at every exit (tests/target/harsh/vectors.S).
 * 1. What the manual leaves UNKNOWN in the syndrome is junk in what the vectors saved; the
 *    registers themselves hold junk from then on, as after any exception at EL2.
 * 2. HCR_EL2 has every bit that keeps a guest where it belongs.
 * 3. No fixup stays armed behind what it was for, and SErrors are masked at EL2 but in the window.
 * 4. A guest is given the SErrors that it orders, and they come in the window behind its exit.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/panic.h"
#include "hyp/boot/percpu.h"
#include "hyp/vm/trap.h"
#include "tests/target/harsh/orders.h"

void harsh_exit(struct vcpu *v, u64 kind);
u64 harsh_window(const struct vcpu *v);
u64 __wrap_trap_serror_seen(struct vcpu *v, u64 kind, u64 esr);
u64 __real_trap_serror_seen(struct vcpu *v, u64 kind, u64 esr);

enum { SYNCHRONOUS, SERROR = 3, PSTATE_A = 1 << 8, WAIT_MS = 20 };

#define JUNK 0xfc0dead0fc0dead0

/* VM, SWIO, PTW, FMO, IMO, AMO, FB, TWI, TSC, TIDCP, TACR, TSW, RW; not DC, TGE, HCD, E2H. */
#define HCR_MUST (BITS(5, 0) | BIT(9) | BIT(13) | BITS(22, 19) | BIT(31))
#define HCR_MUST_NOT (BIT(12) | BIT(27) | BIT(29) | BIT(34))

static void check_state(const struct vcpu *v)
{
	u64 hcr = read_sysreg(hcr_el2);

	if (percpu()->fixup)
		panic("a fixup is left over");
	if ((hcr & (HCR_MUST | HCR_MUST_NOT)) != HCR_MUST)
		panic("vcpu %u ran with HCR_EL2 = 0x%lx", v->number, hcr);
}

/* Arm ARM, FAR_EL2: aborts, PC alignment, watchpoints; but for an external abort that says no. */
static bool tells_address(u64 esr)
{
	u64 ec = esr >> 26 & 0x3f;
	bool abort = ec == 0x20 || ec == 0x24;

	return abort ? !((esr & 0x3f) == 0x10 && (esr & BIT(10))) : ec == 0x22 || ec == 0x34;
}

/*
 * Arm ARM, HPFAR_EL2: a translation, access flag or address size fault of stage 2, and any fault of
 * stage 2 on a walk of stage 1.
 */
static bool tells_ipa(u64 esr)
{
	u64 ec = esr >> 26 & 0x3f, fsc = esr & 0x3f;
	bool walk = esr & BIT(7);

	if (ec != 0x20 && ec != 0x24)
		return false;
	if (fsc < 0x0c || fsc == 0x29 || fsc == 0x2b)
		return true;
	return walk && (fsc < 0x10 || fsc == 0x31);
}

static void spoil(struct regs *r, u64 kind)
{
	if (kind != SYNCHRONOUS && kind != SERROR)
		r->esr = JUNK;
	if (kind != SYNCHRONOUS || !tells_address(r->esr))
		r->far = JUNK;
	if (kind != SYNCHRONOUS || !tells_ipa(r->esr))
		r->hpfar = JUNK;
	write_sysreg(esr_el2, JUNK);
	write_sysreg(elr_el2, JUNK);
	write_sysreg(spsr_el2, JUNK);
	write_sysreg(far_el2, JUNK);
	write_sysreg(hpfar_el2, JUNK);
}

static bool is_ordered(u64 order, u64 kind)
{
	bool at_interrupt = order & ORDER_AT_INTERRUPT;

	return (order & ORDER_MASK) == ORDER && at_interrupt == (kind != SYNCHRONOUS);
}

void harsh_exit(struct vcpu *v, u64 kind)
{
	check_state(v);
	spoil(&v->regs, kind);
	write_sysreg(spsr_abt, 1);
	write_sysreg(spsr_und, is_ordered(read_sysreg(tpidrro_el0), kind) ? ISR_A : 0);
}

static void wait_until_asked(const struct vcpu *v)
{
	u64 end = read_sysreg(cntpct_el0) + read_sysreg(cntfrq_el0) / 1000 * WAIT_MS;

	while (!__atomic_load_n(&v->unload_request, __ATOMIC_ACQUIRE) &&
	       read_sysreg(cntpct_el0) < end)
		yield();
}

/* Whether the SError comes: it is let in, and v, the guest's vCPU, is as it was. */
u64 harsh_window(const struct vcpu *v)
{
	u64 order = read_sysreg(tpidrro_el0);

	if (read_sysreg(daif) & PSTATE_A)
		panic("the window for SErrors is shut");
	write_sysreg(tpidrro_el0, 0);
	if (order & ORDER_WHEN_ASKED)
		wait_until_asked(v);
	return !(order & ORDER_GONE);
}

u64 __wrap_trap_serror_seen(struct vcpu *v, u64 kind, u64 esr)
{
	if (!(read_sysreg(daif) & PSTATE_A))
		panic("SErrors are not masked behind one");
	return __real_trap_serror_seen(v, kind, esr);
}
