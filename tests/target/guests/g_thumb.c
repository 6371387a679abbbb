/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An EL0 in AArch32, whose instructions of two bytes EL2 does in its stead: a wait, a device's
 * register, in an IT block and outside it.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum { UARTFR = 0x18, EMPTY = 0x90 };

#define SCTLR_NTWI BIT(16)
/* User, T32, interrupts masked. */
#define THUMB_USER 0x1f0UL

/* r0 = 0; a wait; one and two are added. */
static const u16 waits[] = { 0x2000, 0xbf30, 0x3001, 0x3002, 0xdf00 };

/* r1 is the address, r0 = 0; a load of two bytes and one of four; one and two are added. */
static const u16 loads[] = { 0x0001, 0x2000, 0x680a, 0x3001, 0xf8d1, 0x2000, 0x3002, 0xdf00 };

/* As `loads`, in a block of two: a load if equal, which it is; one is added if not; then two. */
static const u16 in_a_block[] = { 0x0001, 0x2000, 0x2800, 0xbf0c, 0x680a, 0x3001, 0x3002, 0xdf00 };

/* What a load has found comes back: r0 = r2. */
static const u16 gives[] = { 0x0001, 0x2200, 0x680a, 0x0010, 0xdf00 };

static u64 run(const u16 *code)
{
	return rt_el0_as((u64)code, UART_BASE + UARTFR, THUMB_USER);
}

void guest(void)
{
	if (get(PFR0_EL0, read_sysreg(id_aa64pfr0_el1)) != PFR0_EL0_AARCH32) {
		OK_IF(true, "EL0 has no AArch32 here");
		return;
	}
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | SCTLR_NTWI);
	isb();
	rt_gic_on();
	rt_gic_enable(0, 0x80);
	write_sysreg(icc_sgi1r_el1, 1);
	isb();
	IS(run(waits), 3, "behind a wait of two bytes");
	IS(run(loads), 3, "behind loads of two bytes and of four");
	IS(run(in_a_block), 2, "in an IT block: on to the other condition");
	IS(run(gives) & 0xff, EMPTY, "the load is done");
}
