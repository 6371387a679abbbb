/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the stage-1 tables ask of the program: memory, and the machine's barriers.  The kernel
 * implements it in guest/vm/space.c, the host's unit test by a model of a TLB.
 */
#ifndef GUEST_VM_PORT_H
#define GUEST_VM_PORT_H

#include "include/err.h"
#include "include/types.h"

/* A table page as memory: 512 descriptors. */
u64 *s1_port_table(pa_t table);

/* One descriptor, one 64-bit access. */
u64 s1_port_load(const u64 *slot);
void s1_port_store(u64 *slot, u64 desc);

/* A page of zeros for a table, and its return once no walk can reach it. */
must_check enum err s1_port_get(pa_t *out);
void s1_port_put(pa_t table);

/* What was stored is visible to every walk that starts afterwards. */
void s1_port_publish(void);

/* Forgets all that any CPU has cached for va, walks included; complete at s1_port_sync(). */
void s1_port_invalidate(u64 va);
void s1_port_sync(void);

#endif
