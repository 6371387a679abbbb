/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory: frames of the pool behind its stage 2.
 *
 * Order, always: scrub (or fill), clean to where the guest looks, invalidate the instruction
 * cache where CTR_EL0 asks, then map.  The frames and tables a guest may need are promised to
 * it when it is created.  With a granule of 4 KiB a fault within its RAM therefore cannot fail;
 * a larger granule wants frames in a row, which a pool in pieces may not have: ERR_NOMEM then.
 */
#ifndef HYP_MEM_GUEST_MEM_H
#define HYP_MEM_GUEST_MEM_H

#include "hyp/vm/vm.h"

/* Tables below the root that map so much RAM page by page; each has the size of a granule. */
u64 guest_mem_tables(u64 ram, const struct s2_geometry *g);

/* Frames to promise to a guest: RAM, these tables, and the root. */
u64 guest_mem_frames(u64 ram, const struct s2_geometry *g);

/*
 * Takes and maps what holds ipa: 2 MiB in a row, as a block or as pages with the contiguous hint,
 * where the largest leaf wanted, alignment and pool allow; else a granule.
 */
must_check enum err guest_mem_fault_in(struct vm *vm, ipa_t ipa);

/* The same, quicker where nothing is mapped there, as after a translation fault. */
must_check enum err guest_mem_fault(struct vm *vm, ipa_t ipa);

/*
 * All of the RAM that is not mapped yet, in blocks as large as the largest leaf wanted, alignment
 * and pool allow: up to 1 GiB with a granule of 4 KiB, 32 MiB with 16, 512 MiB with 64.
 */
must_check enum err guest_mem_populate(struct vm *vm);

/* ---- EL2 and what is in it (guest_access.c) ------------------------------------------------- */

/*
 * Where EL2 reaches guest RAM: the address of ipa, and in *got how many bytes from there on, n at
 * most, lie in the same leaf; memory that is not there is taken.  NULL outside RAM, and where stage
 * 2 does not give the guest itself what is asked (S2_R, S2_W): nobody reads or writes on its
 * behalf what it could not.  Otherwise it is as if the guest had accessed all *got bytes: the
 * access flag is set, and with S2_W they are dirty, in the dirty log, too.  Good until stage 2
 * changes: the caller serialises the two.
 */
void *guest_mem_at(struct vm *vm, ipa_t ipa, u64 n, u8 want, u64 *got);

/*
 * Copies into or out of guest RAM by guest_mem_at().  ERR_RANGE outside RAM, and nothing is copied
 * then; ERR_PERM where stage 2 forbids it or memory is lacking: what is below that is copied.
 */
must_check enum err guest_mem_write(struct vm *vm, ipa_t to, const void *from, u64 n);
must_check enum err guest_mem_read(struct vm *vm, void *to, ipa_t from, u64 n);

/* Whether [ipa, ipa + n) is all RAM; n is not 0. */
bool guest_mem_is_ram(const struct vm *vm, ipa_t ipa, u64 n);

/* What EL2 wrote by its own mapping is what the guest, its instruction fetches too, will find. */
void guest_mem_publish(const struct vm *vm, pa_t pa, u64 size);

/* ---- The end --------------------------------------------------------------------------------- */

/* Ends a dirty log, unmaps everything and gives it back, the tables with it. */
void guest_mem_release(struct vm *vm);

/*
 * Cleans and invalidates by address at most `limit` bytes of mapped RAM from `from` on; returns
 * where to go on, 0 when all is done.  With S2_FWB there is nothing to do.
 */
u64 guest_mem_clean(struct vm *vm, u64 from, u64 limit);

/* CTR_EL0 on this machine. */
void guest_mem_init(void);

#endif
