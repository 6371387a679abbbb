/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be asked of the guest: each prints what it did, or why it did not.
 */
#ifndef GUEST_KERNEL_ACTIONS_H
#define GUEST_KERNEL_ACTIONS_H

#include "include/types.h"

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXEC };

/* Zones, tables and demand paging, in figures. */
void action_mem(void);

/* The walk for va level by level, and the hardware's answer beside it. */
void action_map(u64 va);

/* Writes to n pages of a demand-paged region that nobody has touched yet. */
void action_touch(u64 n);

/*
 * Accesses an address, and tells what came back.  Below 2^48 it is an IPA, reached through a
 * window; else a kernel address, accessed as it is mapped.
 */
void action_fault(enum access how, u64 address);

/* A fault that nothing catches, or a stack that overflows: what a panic looks like. */
enum crash { CRASH_READ, CRASH_STACK };
no_return void action_crash(enum crash how);

/* Masks everything and spins for ever: a neighbour to be unfair to. */
no_return void action_spin(void);

#endif
