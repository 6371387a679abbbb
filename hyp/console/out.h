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

/* Whole lines of every VM, and partial ones whose time has come or whose guest has stopped. */
void out_show_all(void);

/* The same for one; `partial` shows its last line in any case. */
void out_show(struct vm *vm, bool partial);

/* What vm has written and is not shown yet, as it stands. */
void out_raw(struct vm *vm);

/* Whether the cursor stands behind raw output that did not end in LF; asked once. */
bool out_raw_open(void);

/*
 * The guest has written a byte; true where that is worth a call of out_show_all() now; else it is
 * when the counter has come to *at.
 */
bool out_written(struct vm *vm, u64 *at);

/* When the next partial line's time comes; ~0 is never. */
u64 out_deadline(void);

struct display_ring out_ring(const struct vm *vm);

#endif
