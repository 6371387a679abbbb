/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs for any number of VMs.  It keeps true:
 * 1. ids of this generation are each one VM's: a number is given out once a generation;
 * 2. the id of a VM that runs while a generation begins is kept for it, with the new generation,
 *    and is nobody else's in it;
 * 3. before the first number of a generation is given out, every TLB is empty of all VMIDs.
 */
#include "include/bits.h"
#include "include/check.h"
#include "s2/port.h"
#include "s2/vmid.h"

enum { VMID_BITS = 16 };

static s2_vmid_t id_of(const struct s2_rollover *r, u16 vmid)
{
	return r->generation << VMID_BITS | vmid;
}

void s2_rollover_init(struct s2_rollover *r, unsigned int bits)
{
	s2_vmids_init(&r->ids, bits);
	r->generation = 1;
	for (unsigned int i = 0; i < S2_VMID_CPUS; i++)
		r->active[i] = NULL;
}

/* A VM that runs now has its number in the new generation, too; it may run on several CPUs. */
static void keep(struct s2_rollover *r, s2_vmid_t *id)
{
	u16 vmid = s2_vmid_of(*id);
	u64 *word = &r->ids.map[vmid / 64];

	r->ids.used += !(*word >> (vmid % 64) & 1);
	*word |= BIT(vmid % 64);
	*id = id_of(r, vmid);
}

/* The numbers of VMs that run now, and 0, are taken; all others are free. */
static void begin_generation(struct s2_rollover *r)
{
	struct s2_vmids *v = &r->ids;

	r->generation++;
	for (size_t i = 0; i < S2_VMID_WORDS; i++)
		v->map[i] = 0;
	v->map[0] = 1;
	v->used = 1;
	v->next = 1;
	for (unsigned int i = 0; i < S2_VMID_CPUS; i++)
		if (r->active[i])
			keep(r, r->active[i]);
	s2_port_dsb_ishst();
	s2_port_tlbi_alle1is();
	s2_port_dsb_ish();
	s2_port_isb();
}

enum err s2_vmid_enter(struct s2_rollover *r, unsigned int cpu, s2_vmid_t *id)
{
	u16 vmid;

	CHECK(cpu < S2_VMID_CPUS);
	if (!s2_vmid_is_current(r, *id)) {
		if (s2_vmid_take(&r->ids, &vmid) != OK) {
			begin_generation(r);
			if (s2_vmid_take(&r->ids, &vmid) != OK)
				return ERR_FULL;
		}
		*id = id_of(r, vmid);
	}
	r->active[cpu] = id;
	return OK;
}

void s2_vmid_leave(struct s2_rollover *r, unsigned int cpu)
{
	CHECK(cpu < S2_VMID_CPUS);
	r->active[cpu] = NULL;
}
