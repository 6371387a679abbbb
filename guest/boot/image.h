/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the parts of the kernel's image lie: the linker script's symbols.  They are addresses
 * without contents; hidden, so that they are found relative to the program counter and mean
 * the physical address while the MMU is off and the linear one afterwards.
 */
#ifndef GUEST_BOOT_IMAGE_H
#define GUEST_BOOT_IMAGE_H

#include "include/types.h"

/* A relocation of a static PIE (ELF64 Rela). */
struct rela {
	u64 offset;
	u64 info;
	u64 addend;
};

/* Where a fault is expected, and where to go on; both relative to the entry's own place. */
struct fixup {
	s32 pc;
	s32 go_on;
};

#pragma GCC visibility push(hidden)
extern char image_start[], text_end[], rodata_end[], image_end[]; /* R-X, R--, RW- */
extern char idmap_start[], idmap_end[];                           /* the switch to the MMU */
extern char boot_tables[], boot_tables_end[];                     /* pages, zero at entry */
extern char stack_guard[], stack_bottom[], stack_top[];           /* guard: one page, unmapped */
extern const struct rela rela_start[], rela_end[];
extern const struct fixup fixups_start[], fixups_end[];
extern char vectors[];
#pragma GCC visibility pop

#endif
