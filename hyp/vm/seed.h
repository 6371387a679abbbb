/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeds for guests, derived from the machine's (/chosen rng-seed, kaslr-seed, or tf.seed=):
 * different for each VM, each start, each use and each machine seed, and none tells of another.
 */
#ifndef HYP_VM_SEED_H
#define HYP_VM_SEED_H

#include "fdt/guest.h"
#include "hyp/vm/vm.h"

enum { SEED_SIZE = 32 };

enum seed_use { SEED_TREE, SEED_KASLR, SEED_VIRTIO_RNG, SEED_TRNG };

/*
 * tf.seed=NUMBER among the hypervisor's arguments is the machine's seed from here on, so that a run
 * can be repeated.  NULL, or what is wrong with it.
 */
const char *seed_init(void);

/* For one use of one VM; the machine has a seed (seed_size is not 0). */
void seed_derive(const struct vm *vm, enum seed_use use, u8 seed[SEED_SIZE]);

/* Fills in kaslr_seed and rng_seed.  A machine without a seed gives none: seeded is false. */
void seed_guest(const struct vm *vm, struct fdt_guest *g);

#endif
