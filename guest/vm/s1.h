/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-1 tables of one half of EL1's address space: 48 bits, 4 KiB granule, levels 0 to 3
 * (Arm ARM D8.2, D8.3).  Written independently of s2/, so that each checks the other.
 *
 *	s1_init(&s, 0xffff000000000000);
 *	s1_map(&s, va, pa, 0x200000, S1_WRITE);
 *	s1_protect(&s, va, 0x1000, 0);                   now one page of it is read-only
 *	s1_walk(&s, va, &w);
 *	s1_unmap(&s, va, 0x200000);
 *
 * Every range is given in multiples of 4 KiB and lies inside the half.  Operations are all or
 * nothing: an error changes no translation.  Largest blocks are used that alignment and what
 * is there allow: 1 GiB, 2 MiB, pages.  A block that is changed in part is split by
 * break-before-make, so for a moment its whole range faults: the caller sees to it that
 * nobody, this code and its tables included, needs the range meanwhile.
 *
 * The caller serialises.  Tables are reached, had and given back through guest/vm/port.h.
 */
#ifndef GUEST_VM_S1_H
#define GUEST_VM_S1_H

#include "include/bits.h"
#include "include/err.h"

enum { S1_LEVELS = 4, S1_ENTRIES = 512 };
#define S1_PAGE 0x1000UL

/* What a mapping permits; reading always.  Writing and executing at once is refused. */
enum s1_prot {
	S1_WRITE = 1 << 0,
	S1_EXEC = 1 << 1,
	S1_DEVICE = 1 << 2, /* nGnRE; else Normal write-back, inner shareable */
	S1_PROT_ALL = S1_WRITE | S1_EXEC | S1_DEVICE,
};

/* MAIR_EL1's bytes, as guest/boot/head.S writes them. */
enum { S1_ATTR_NORMAL = 0, S1_ATTR_DEVICE = 1 };

struct s1 {
	pa_t root;
	u64 base;   /* lowest address of the half */
	u64 tables; /* pages held, the root included */
};

/* How a walk went: desc[l] for levels 0 to level, where it ended. */
struct s1_walk {
	u64 desc[S1_LEVELS];
	pa_t table[S1_LEVELS]; /* the table the descriptor was read from */
	int level;
	bool mapped;
	pa_t pa;           /* of the address itself; where mapped */
	unsigned int prot; /* enum s1_prot; where mapped */
};

/* An empty root.  base is 0 or 0xffff000000000000.  ERR_NOMEM. */
must_check enum err s1_init(struct s1 *s, u64 base);

/*
 * Maps [va, va + size) to pa onwards.  ERR_EXISTS where something is mapped in the range,
 * ERR_NOMEM, ERR_ALIGN, ERR_RANGE (outside the half; pa beyond 48 bits), ERR_INVALID (prot).
 */
must_check enum err s1_map(struct s1 *s, u64 va, pa_t pa, u64 size, unsigned int prot);

/* ERR_NOENT where a page of the range is not mapped; ERR_NOMEM where a split needs a table. */
must_check enum err s1_unmap(struct s1 *s, u64 va, u64 size);

/* Gives a mapped range other permissions, or another memory type; errors as s1_unmap(). */
must_check enum err s1_protect(struct s1 *s, u64 va, u64 size, unsigned int prot);

/* Walks the tables for va as the MMU would.  ERR_RANGE outside the half; w is written on OK. */
must_check enum err s1_walk(const struct s1 *s, u64 va, struct s1_walk *w);

/* True when a change of just this range would split a block. */
bool s1_would_split(const struct s1 *s, u64 va, u64 size);

/*
 * Re-derives everything: no reserved encodings, alignment, AF and shareability, nothing
 * writable and executable, no empty table below the root, the count of tables.  NULL when all
 * is right, else what is not, with *va the address.
 */
const char *s1_check(const struct s1 *s, u64 *va);

#endif
