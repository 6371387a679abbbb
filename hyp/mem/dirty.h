/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log of a guest's RAM, for who copies a running guest, and its age.
 *
 *	e = dirty_start(vm, S2_GRAIN_BLOCK);
 *	e = dirty_harvest(vm, &count);		vm->dirty.found says which
 *	e = dirty_stop(vm);
 *
 * The log is s2/log.h's over all of RAM; its bitmaps are the pool's spare memory, taken when the
 * log starts.  A write that a guest, or EL2 for it (guest_mem_at()), makes while the log runs is
 * in exactly one harvest, or in more than one, never in none.  What was there before is clean;
 * what is taken while it runs is dirty.  The caller has the VM to itself.
 */
#ifndef HYP_MEM_DIRTY_H
#define HYP_MEM_DIRTY_H

#include "s2/log.h"

struct vm;

struct dirty {
	struct s2_log log;
	u64 *bits;  /* the library's while a log runs; else NULL */
	u64 *found; /* of the last harvest: bit 0 is the first granule of RAM */
};

/* ERR_BUSY where one runs, ERR_NOMEM. */
must_check enum err dirty_start(struct vm *vm, enum s2_grain grain);

/* *count granules, all of them in vm->dirty.found.  ERR_NOENT where none runs. */
must_check enum err dirty_harvest(struct vm *vm, u64 *count);

/* Every page is writable again, and groups have their hint.  ERR_NOENT where none runs. */
must_check enum err dirty_stop(struct vm *vm);

/*
 * A write met a leaf that stage 2 does not let be written.  OK: it may now, and is in the log.
 * ERR_PERM and ERR_NOENT: the log has nothing to do with it.  Where grain page cannot have
 * the table that it needs, the log ends, and the console is told: OK, too.
 */
must_check enum err dirty_write(struct vm *vm, ipa_t ipa);

/*
 * Clears the access flag of all RAM.  Granules that had it: *young of them, and their bits in the
 * array returned, which the caller frees (kfree()).  NULL where there is no memory for it.
 */
u64 *dirty_age(struct vm *vm, u64 *young);

#endif
