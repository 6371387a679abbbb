/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identification registers as guests see them: of the machine's, what a guest may use.
 *
 *	value = ident_read(v->vm, key);
 *
 * A field is shown up to the largest value that is known to need nothing of EL2 that is not done:
 * no enable that is left off, no state that is not switched, no EL2 or EL3.  So a field that nobody
 * here knows, of a CPU that was not there yet, reads as "not there".
 */
#ifndef HYP_VM_IDENT_H
#define HYP_VM_IDENT_H

#include "include/types.h"

struct vm;

/*
 * The register with that key (SYS_KEY() of arch/esr.h); 0 where nothing of it is shown.  PARange is
 * the guest's, not the machine's: the least that covers its IPAs (the stage 2 it has, vm->geo).
 * Performance counters are shown to who has them.  AArch32's are 0 where EL0 has no AArch32.
 */
u64 ident_read(const struct vm *vm, u64 key);

/* The PARange that is shown: ID_AA64MMFR0_EL1's encoding. */
u64 ident_parange(const struct vm *vm);

#endif
