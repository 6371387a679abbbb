/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small VM for the tests that judge the model itself, made by hand, without s2/: 40 bits of
 * IPA, two concatenated roots at level 1; a level-2 table for the first gigabyte, a level-3
 * table for its first 2 MiB with pages 0 and 1, a block after it.  Host only.
 */
#ifndef TESTS_HARNESS_MODEL_VM_H
#define TESTS_HARNESS_MODEL_VM_H

#include "tests/model/model.h"

#define VTCR 0x80043558UL /* 44 bits of PA, 4 KiB, start level 1, T0SZ 24 */
#define REGS(ttbr, tcr) ((struct model_regs){ .vttbr = (ttbr), .vtcr = (tcr) })
#define PAGE0 0x800007ffUL
#define PAGE1 0x800017ffUL
#define BLOCK 0x802007fdUL
#define READ_ONLY(d) ((d) & ~0x80UL)

struct model_vm {
	u64 *root, *middle, *pages;
	u64 vttbr;
};

extern struct model_vm vm;

/* The model forgets everything and has the VM; build alone adds one more. */
void model_vm_begin(void);
void model_vm_build(u64 vmid);

/* A table descriptor. */
u64 table_desc(const u64 *table);

/* The steps of an invalidation, each of which a test can leave out. */
enum {
	DSB1 = 1,
	ENTER = 2,
	STAGE2 = 4,
	DSB2 = 8,
	STAGE1 = 16,
	DSB3 = 32,
	ISB = 64,
	LEAVE = 128,
	ALL_STEPS = 255,
};

void invalidate(unsigned int steps, enum model_tlbi op, u64 ipa);

/* Runs what may break a rule; gives the rule. */
enum model_rule broken(void (*run)(void));

#endif
