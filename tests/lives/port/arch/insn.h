/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch/insn.h on the machine of tests/lives/machine.h: found in place of it by include path.
 * System registers are variables; what orders, cleans or invalidates is a call, which that machine
 * remembers and judges.
 */
#ifndef TESTS_LIVES_PORT_ARCH_INSN_H
#define TESTS_LIVES_PORT_ARCH_INSN_H

#include "include/types.h"

extern u64 machine_ctr_el0, machine_dczid_el0, machine_tpidr_el2, machine_vttbr_el2, machine_daif;
extern u64 machine_id_aa64mmfr0_el1, machine_id_aa64mmfr1_el1, machine_id_aa64mmfr2_el1,
	machine_id_aa64isar0_el1;

#define read_sysreg(name) (machine_##name)
#define write_sysreg(name, value) (machine_##name = (value))

void isb(void);
void dsb_sy(void);
void dsb_ish(void);
void dsb_ishst(void);
void daif_mask_irq(void);
void daif_unmask_irq(void);

void tlbi_ipas2e1is(u64 xt);
void tlbi_ipas2le1is(u64 xt);
void tlbi_ripas2e1is(u64 xt);
void tlbi_ripas2le1is(u64 xt);
void tlbi_vmalle1is(void);
void tlbi_vmalls12e1is(void);
void tlbi_alle1is(void);

void dc_cvac(u64 address);
void dc_civac(u64 address);
void dc_zva(u64 address);
void ic_ialluis(void);

#endif
