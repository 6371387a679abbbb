/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests write, shown to the person: as `[name] line`, or raw for the one attached.
 */
#ifndef HYP_CONSOLE_OUT_H
#define HYP_CONSOLE_OUT_H

#include "hyp/console/display.h"
#include "hyp/vm/vm.h"

/*
 * A line that has not ended is shown when nothing has followed for so long and the guest waits;
 * while it runs, so many times as long: on a busy machine it may just not have had its turn.
 */
enum { OUT_PARTIAL_MS = 250, OUT_PATIENCE = 12 };

/* Called before the first byte of a batch is printed, and behind the last. */
struct out_hooks {
	void (*hide)(void);
	void (*show)(void);
};

void out_init(const struct out_hooks *hooks);

/*
 * All of these under print_lock, and none waits: what finds no room on its way to the UART stays
 * where it is, and out_wants_room() says so.
 *
 * Whole lines of every VM, and partial ones whose time has come or whose guest has stopped; a line
 * of each in turn, so that who writes much does not hold up the others.
 */
void out_show_all(void);

/* The same for one; `partial` shows its last line in any case. */
void out_show(struct vm *vm, bool partial);

/* What vm has written and is not shown yet, as it stands. */
void out_raw(struct vm *vm);

/* Whether the cursor stands behind raw output that did not end in LF; asked once. */
bool out_raw_open(void);

/* Whether all that vm has written is shown. */
bool out_is_shown(const struct vm *vm);

/* Something is to be shown and has found no room; and whether it would find some now. */
bool out_wants_room(void);
bool out_has_room(void);

/* When the next partial line's time comes; ~0 is never. */
u64 out_deadline(void);

/*
 * The VMs (a bit each) that wait for room and have it since this was last asked: their lock's
 * holder calls vuart_has_room().
 */
u32 out_relieved(void);

/*
 * Its VM's lock is held: the guest has written a byte; returns when out_show_all() must look at it
 * if it stays the last one.
 */
u64 out_written(struct vm *vm);

struct display_ring out_ring(const struct vm *vm);

#endif
