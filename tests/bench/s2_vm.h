/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM of the stage-2 rows: what rows begin and end with, and whether it is as it should be.
 */
#ifndef TESTS_BENCH_S2_VM_H
#define TESTS_BENCH_S2_VM_H

#include "tests/bench/s2_limits.h"

enum { BENCH_SPLIT_AT = 7 /* the page of each block that f1 makes read-only */ };

extern struct s2 bench_vm;
extern u64 bench_dirty[BENCH_PAGES / 64]; /* what h2 harvested */

static inline ipa_t bench_ipa(u64 page)
{
	return mk_ipa(BENCH_IPA + page * SIZE_4K);
}

/* The 1 GiB, with leaves of at most that size; its permissions. */
void vm_map_gib(u64 largest);
void vm_protect_gib(u8 perm);

void vm_empty(void);     /* 40 bits of IPA, nothing mapped */
void vm_pages(void);     /* the 1 GiB mapped with pages, writable */
void vm_deep(void);      /* the same with 48 bits, so 4 levels */
void vm_blocks(void);    /* the same with 2 MiB blocks */
void vm_read_only(void); /* pages, read-only */
void vm_hardware(void);  /* pages, and hardware keeps access flag and dirty state */
void vm_logged(void);    /* pages under a dirty log, one in BENCH_DIRTY_SHARE of them dirty */
void vm_end(void);       /* the VM is gone, if it was not already */

/* NULL where every descriptor is what the name says, else what is wrong. */
const char *verify_writable(void);   /* pages */
const char *verify_read_only(void);  /* pages */
const char *verify_split(void);      /* pages, writable but for page BENCH_SPLIT_AT of a block */
const char *verify_big_blocks(void); /* the 64 GiB with 2 MiB blocks */
const char *verify_blocks(void);     /* 2 MiB blocks, writable */
const char *verify_old(void);        /* pages, writable, no access flag */
const char *verify_harvest(void);    /* pages, clean, and the dirty ones in bench_dirty */
const char *verify_gone(void);       /* nothing, and no table */
const char *verify_destroyed(void);  /* no VM, and no table in use */

#endif
