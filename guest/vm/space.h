/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's address space: stage-1 tables of the TTBR1 half, and the rules of its ranges
 * (guest/vm/layout.h).  One CPU, no interrupts: nothing is locked yet.
 *
 * A range of the linear map can be mapped, but neither changed nor unmapped where that would
 * split a block: the tables themselves are reached through it (ERR_PERM).
 */
#ifndef GUEST_VM_SPACE_H
#define GUEST_VM_SPACE_H

#include "guest/vm/s1.h"

/* Before the MMU is on; tables come from the image's boot_tables. */
must_check enum err space_init(void);

/* First thing after the MMU is on: from now on tables are reached by the linear map. */
void space_go_linear(void);

pa_t space_root(void);
u64 space_table_count(void);

/* As s1_map() and so on. */
must_check enum err space_map(u64 va, pa_t pa, u64 size, unsigned int prot);
must_check enum err space_unmap(u64 va, u64 size);
must_check enum err space_protect(u64 va, u64 size, unsigned int prot);
must_check enum err space_walk(u64 va, struct s1_walk *w);
const char *space_check(u64 *va);

/* RAM [pa, pa + size) into the linear map, readable and writable; page-aligned. */
must_check enum err space_map_ram(pa_t pa, u64 size);

/* Registers [pa, pa + size) as Device memory; *va is where pa itself is seen. */
must_check enum err space_map_device(pa_t pa, u64 size, u64 *va);

#endif
