/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs, in two ways.  0 is never given out: it stands for "no VM" while tables change.
 *
 * One for life, as long as there are enough: struct s2_vmids, s2_vmid_take(), s2_vmid_put().
 *
 * For any number of VMs: struct s2_rollover.  A VM asks each time before it is entered:
 *
 *	lock(); s2_vmid_enter(&r, cpu, &vm->id); s2.vmid = s2_vmid_of(vm->id); unlock();
 *	... the guest runs on this CPU ...
 *	lock(); s2_vmid_leave(&r, cpu); unlock();
 *
 * When the VMIDs of a generation are used up a new one begins: those of VMs running at that moment
 * are theirs in the new one too, all others are free, and every TLB is emptied before the first
 * is given out.  So never have two VMs one VMID, nor one VM two.  TLB maintenance for a VM whose
 * id is of an older generation has nothing to do: s2_vmid_is_current() tells.
 */
#ifndef S2_VMID_H
#define S2_VMID_H

#include "include/err.h"
#include "include/types.h"

enum { S2_VMID_WORDS = 65536 / 64, S2_VMID_CPUS = 64 };

struct s2_vmids {
	u32 count; /* 2^bits */
	u32 next;  /* where the search begins: a number comes back as late as can be */
	u32 used;
	u64 map[S2_VMID_WORDS];
};

/* bits is 8 or 16 (2 in tests). */
void s2_vmids_init(struct s2_vmids *v, unsigned int bits);

/* ERR_FULL when all are in use. */
must_check enum err s2_vmid_take(struct s2_vmids *v, u16 *out);

/* The tables of that VMID have been destroyed, so that no TLB entry of it is left. */
void s2_vmid_put(struct s2_vmids *v, u16 vmid);

/* ---- Generations ---------------------------------------------------------------------------- */

/* A VM's VMID with its generation; 0 before the first. */
typedef u64 s2_vmid_t;

struct s2_rollover {
	struct s2_vmids ids;             /* of this generation */
	u64 generation;                  /* counts from 1 */
	s2_vmid_t *active[S2_VMID_CPUS]; /* of the VM on each CPU; NULL: none */
};

void s2_rollover_init(struct s2_rollover *r, unsigned int bits);

/*
 * The VM with that id is about to run on cpu (below S2_VMID_CPUS): *id is of this generation
 * afterwards, and kept up to date until s2_vmid_leave().  ERR_FULL where more VMs run at this
 * moment than there are VMIDs.  The caller holds the lock that protects r.
 */
must_check enum err s2_vmid_enter(struct s2_rollover *r, unsigned int cpu, s2_vmid_t *id);
void s2_vmid_leave(struct s2_rollover *r, unsigned int cpu);

/* The number of an id that has been entered.  It is not given out again in its generation. */
static inline u16 s2_vmid_of(s2_vmid_t id)
{
	return (u16)id;
}

static inline bool s2_vmid_is_current(const struct s2_rollover *r, s2_vmid_t id)
{
	return id >> 16 == r->generation;
}

#endif
