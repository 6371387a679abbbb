/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every system register that a guest may name, and what it gets: the one table behind the traps
 * (sysreg.c), the console's `sysreg` and the test that executes all encodings.  What it does not
 * list is UNDEFINED.
 *
 *	const struct sysreg *r = sysreg_find(key);
 *	if (r && (r->access & SYSREG_R)) ...
 *
 * Plain data, no hardware.
 */
#ifndef HYP_VM_SYSREG_TABLE_H
#define HYP_VM_SYSREG_TABLE_H

#include "include/types.h"

enum sysreg_rule {
	SYSREG_GUEST,   /* the guest's own, in the machine: switched with the vCPU */
	SYSREG_MACHINE, /* the same for everybody: counters, caches, PSTATE's fields */
	SYSREG_ID,      /* an identification as the guest is to see it */
	SYSREG_ZERO,    /* reads as zero, ignores writes */
	SYSREG_DEVICE,  /* emulated: interrupts, the physical timer */
	SYSREG_DEBUG,   /* the guest's own once it uses it: debug.h */
	SYSREG_MAKER,   /* implementation defined: UNDEFINED, but where the CPU does not trap it */
	SYSREG_RULES,
};

enum { SYSREG_R = 1, SYSREG_W = 2, SYSREG_RW = SYSREG_R | SYSREG_W };

struct sysreg {
	u32 key; /* SYS_KEY() of arch/esr.h */
	u8 rule;
	u8 access;
	const char *name;
};

extern const struct sysreg sysregs[];
extern const u32 sysreg_count;

/* By key; NULL where it is not listed.  Of SYSREG_MAKER one row stands for all. */
const struct sysreg *sysreg_find(u64 key);

/* A rule in words. */
const char *sysreg_rule_text(enum sysreg_rule rule);

#endif
