/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's workarounds for what speculation leaks (Arm DEN 0028, section 7:
 * SMCCC_ARCH_WORKAROUND_1, _2, _3): what each CPU needs of them, and what a guest is told.
 *
 * _1 (branch predictors) and _3 (branch history; it does _1 as well) protect whoever calls them
 * from what ran on this CPU before.  A CPU that needs one makes it at every exit of a guest, before
 * anything else: that protects EL2 from its guests, and guests from each other, for between two of
 * them there is an exit.  So a guest's own call has been served when it arrives.
 *
 * _2 (loads that overtake stores) is a state of the CPU.  Where it can be switched it is switched
 * on when the CPU starts and stays on: no guest can put another, or EL2, without it, and no switch
 * between vCPUs has to change it.  Guests are told that there is nothing to do.
 *
 * A vCPU runs on any CPU, so the worst CPU decides what a guest is told: NOT_SUPPORTED (a CPU of
 * which nobody knows), then 0 (needed), then 1 (not needed).  There is no answer for the SoC's
 * identity (SMCCC_ARCH_SOC_ID): a guest is not on it, and could tell machines apart by it.
 */
#ifndef HYP_VM_WORKAROUND_H
#define HYP_VM_WORKAROUND_H

#include "hyp/vm/call.h"

/*
 * Asks the firmware about the CPU this runs on and switches on what can be.  CPUs come one after
 * the other from 0 up; 0 begins anew.  Returns the function that each exit of a guest on this CPU
 * has to call, with nothing in x1 and up; 0 where there is none.
 */
u32 workaround_ask(u32 cpu);

/* What a guest's ARCH_FEATURES has to say; NOT_SUPPORTED of whatever is not a workaround. */
s64 workaround_answer(u32 function);

/* A guest's WORKAROUND_1 or _3: x0 is 0, or NOT_SUPPORTED where it was told so. */
call_fn workaround_call;

#endif
