/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 aborts: what the table of abort.h says, done, and what broke a rule, reported.
 */
#ifndef HYP_VM_FAULT_H
#define HYP_VM_FAULT_H

#include "hyp/vm/vcpu.h"

/* Handles the instruction or data abort that v has just taken. */
void fault_handle(struct vcpu *v);

#endif
