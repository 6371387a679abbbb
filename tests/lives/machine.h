/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine on which hyp/mem and the lives of VMs run on the host, all of it as it ships: frames
 * that are seen in three ways, and a rule for each way a frame changes hands.
 *
 *	machine_open(&(struct machine_config){ .line = 64, .block = 64 });
 *	vm = machine_guest("tf.mem=4M tf.leaf=4k");
 *	EXPECT_EQ(vm_start(vm, why), OK);
 *	machine_close();
 *
 * A frame has what CPUs see through their caches (EL2, and a guest with its caches on), what stands
 * in memory (a guest with its caches off: changed by DC CVAC and such a guest only, line by line),
 * and what a fetch may find (old, until IC behind the clean).  A frame of the pool holds rubbish,
 * another one in each of them: FOUL and STALE.
 *
 * Judged, as a CHECK that fails:
 * 1. what is mapped for a guest is a whole block taken from its promise, in nobody's stage 2, all
 *    zeros in every way the guest can look, and every DC, IC and DSB for it is complete;
 * 2. what is put back to the promise was invalidated with its VMID, that TLBI complete, while no
 *    CPU had the VM's registers, and is all zeros; it is foul from then on;
 *    nothing that is put back, RAM or not, has MACHINE_SECRET in it, eight times in a row; and no
 *    frame is zeroed that is not taken, or that a guest can reach;
 * 3. a VMID is put back when nothing of its stage 2 is mapped any more;
 * 4. locks are taken in order and given back.
 */
#ifndef TESTS_LIVES_MACHINE_H
#define TESTS_LIVES_MACHINE_H

#include "hyp/vm/vm.h"

enum {
	MACHINE_FRAMES = 6144,
	MACHINE_FOUL = 0xa5,
	MACHINE_STALE = 0x5a,
	MACHINE_SECRET = 0xe7,
	MACHINE_MODULE = 8192
};

struct machine_config {
	u32 line, block; /* bytes of a cache line (DC CVAC), of DC ZVA; 0: DC ZVA is prohibited */
	bool no_ic;      /* CTR_EL0.DIC */
	bool fwb;        /* FEAT_S2FWB */
};

/* Everything anew: all frames are the pool's. */
void machine_open(const struct machine_config *config);

/* The pool and every VMID are as machine_open() left them, but for promises; no lock is held. */
void machine_close(void);

/*
 * A guest with these boot arguments, created, not started: the only one since machine_open().  Its
 * kernel is raw code of MACHINE_MODULE bytes: machine_module().
 */
struct vm *machine_guest(const char *args);
u8 machine_module(u64 at);

/* Two of them, vms[0] and vms[1], or one where the second is NULL: what vm_create_all() says. */
enum err machine_create(const char *args, const char *other, char why[VM_WHY]);

/* What machine_close() expects of the pool is what is free now. */
void machine_mark(void);

/* The guest's own accesses of a byte that is mapped, its caches on or off. */
void machine_store(struct vm *vm, u64 ipa, u8 value, bool cached);
u8 machine_load(struct vm *vm, u64 ipa, bool cached);

/* Whether [ipa, ipa + n) holds these bytes however the guest looks at it, as data and as code. */
bool machine_shows(struct vm *vm, u64 ipa, const void *bytes, u64 n);

/* Frames of the pool in which a byte of a guest's still stands, of n in a row at least. */
u64 machine_find(u8 value, u64 n);

/*
 * The n-th promise_take() of more than one frame from now on fails, and those behind it; 0: none.
 */
void machine_fail_takes(u64 n);

/* How often since machine_open(). */
struct machine_counts {
	u64 ic, cvac, zva, maps;
};

struct machine_counts machine_counts(void);

/* Frames that are free or cached; taken from a promise and not put back. */
u64 machine_free(void);
u64 machine_taken(void);

#endif
