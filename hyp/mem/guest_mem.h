/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory: frames of the pool behind its stage 2.
 *
 * Order, always: scrub (or fill), clean to the point of coherency, invalidate the instruction
 * cache where CTR_EL0 asks, then map.  The frames and tables a guest may need are promised to
 * it when it is created, so a fault within its RAM cannot fail.
 */
#ifndef HYP_MEM_GUEST_MEM_H
#define HYP_MEM_GUEST_MEM_H

#include "hyp/vm/vm.h"

/* Frames to promise to a guest: RAM, and the tables that map it page by page. */
u64 guest_mem_frames(u64 ram, const struct s2_geometry *g);

/* Takes and maps what holds ipa, as large as leaf size, alignment and pool allow. */
void guest_mem_fault_in(struct vm *vm, ipa_t ipa);

/* All of the RAM that is not mapped yet. */
void guest_mem_populate(struct vm *vm);

/*
 * Copies into or out of guest RAM through its stage 2; pages that are not there are taken.
 * ERR_RANGE outside RAM; nothing is copied then.
 */
must_check enum err guest_mem_write(struct vm *vm, ipa_t to, const void *from, u64 n);
must_check enum err guest_mem_read(struct vm *vm, void *to, ipa_t from, u64 n);

/*
 * Where EL2 reaches guest RAM: the address of ipa, and in *got how many bytes from there on, n at
 * most, lie in the same leaf; memory that is not there is taken.  NULL outside RAM, and where stage
 * 2 does not give the guest itself what is asked (S2_R, S2_W): nobody reads or writes on its
 * behalf what it could not.  Good until stage 2 changes: the caller serialises the two.
 */
void *guest_mem_at(struct vm *vm, ipa_t ipa, u64 n, u8 want, u64 *got);

/* Whether [ipa, ipa + n) is all RAM; n is not 0. */
bool guest_mem_is_ram(const struct vm *vm, ipa_t ipa, u64 n);

/* Unmaps everything, scrubs it and gives it back, the tables and the VMID with it. */
void guest_mem_release(struct vm *vm);

/*
 * Cleans and invalidates by address at most `limit` bytes of mapped RAM from `from` on; returns
 * where to go on, 0 when all is done.
 */
u64 guest_mem_clean(struct vm *vm, u64 from, u64 limit);

/* CTR_EL0 on this machine. */
void guest_mem_init(void);

#endif
