/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeds for guests' trees, derived from the machine's (/chosen rng-seed, kaslr-seed).
 */
#ifndef HYP_VM_SEED_H
#define HYP_VM_SEED_H

#include "fdt/guest.h"
#include "hyp/vm/vm.h"

/*
 * Fills in kaslr_seed and rng_seed: different for each VM, each start and each machine seed.
 * A machine without a seed gives none: g->seeded is false.
 */
void seed_guest(const struct vm *vm, struct fdt_guest *g);

#endif
