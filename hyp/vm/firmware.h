/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's firmware, behind the SMC that its tree names (PSCI's method); a tree without PSCI,
 * or with the method "hvc", which cannot be meant for EL2, has none.
 */
#ifndef HYP_VM_FIRMWARE_H
#define HYP_VM_FIRMWARE_H

#include "include/types.h"

/* A call by the SMC Calling Convention; NOT_SUPPORTED where there is no firmware. */
s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3);

/*
 * Asks for this CPU's workarounds and has its exits make them (hyp/vm/workaround.h).  Once per CPU,
 * before it runs a guest, one CPU after the other from 0 up.  With tf.harden-exits among the
 * machine's arguments every exit calls the firmware, needed or not: what that costs can be
 * measured on any machine whose firmware keeps x4 and up.
 */
void firmware_init_cpu(void);

#endif
