/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest that `con` has attached: where keys go, and how one gets away from it.  console.mode is
 * CONSOLE_ATTACHED; under print_lock.
 *
 * ^] stands behind what was typed before it, and waits until the guest has taken that.  From one
 * that takes nothing for ATTACH_MS it leaves all the same: then what stood before it is lost, and
 * counted.
 */
#ifndef HYP_CONSOLE_ATTACH_H
#define HYP_CONSOLE_ATTACH_H

#include "include/types.h"

enum { KEY_LEAVE = 0x1d, ATTACH_MS = 3000 };

/* Whether the first byte that was typed ahead can be used; there is one. */
bool attach_wants_byte(void);

/* That byte; the VM's lock is held.  True where it was ^], and nothing is attached any more. */
must_check bool attach_forward(u8 byte);

/* Back from it. */
void attach_end(void);

/* Whether ^] has waited long enough; when to ask again, or ~0. */
must_check bool attach_is_stuck(void);
u64 attach_deadline(void);

/* Leaves a guest that is stuck, and says what was lost. */
void attach_give_up(void);

#endif
