/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One address by software and by hardware, side by side.
 *
 *	struct compare c;
 *
 *	compare_va(&c, vm, &regime, mk_va(va), S1_WRITE);
 *	if (!c.agree)
 *		compare_print(&c, …);
 */
#ifndef HYP_CONSOLE_COMPARE_H
#define HYP_CONSOLE_COMPARE_H

#include "hyp/console/at.h"
#include "hyp/console/walk2.h"
#include "hyp/vm/vm.h"

struct compare {
	struct walk walk;
	struct at_result both, stage1; /* AT S12E…, AT S1E… */
	u32 op_both, op_stage1;        /* AT_… */
	bool agree;
	/*
	 * They agree but for the level of a stage-2 fault on a stage-1 table, where the hardware
	 * gives stage 1's level: QEMU up to 8 does; the Arm ARM wants stage 2's.
	 */
	bool level_differs;
};

/* The VM runs or is paused; its vCPU 0 is asked, whose registers regime holds. */
void compare_va(struct compare *c, struct vm *vm, const struct s1_regime *regime, va_t va,
		u8 access);

/* "AT S12E1R". */
const char *compare_op_name(u32 op);

#endif
