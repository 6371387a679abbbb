/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of the image's own functions, for what a panic prints.
 *
 *	u64 start;
 *	const char *name = symbol_find(pc - (u64)image_start, &start);
 *	if (name) print("%s+0x%lx", name, pc - (u64)image_start - start);
 *
 * tools/symbols writes the table when it links, as the read-only section .symbols, which the
 * linker script places behind all code.  It is 32-bit words, little-endian, 4-byte aligned:
 *
 *	symbol_table:	count of rows
 *			count rows: { offset from image_start, where the name begins in names }
 *			names, each ended by a NUL
 *
 * Rows ascend by offset, which are all different.  The last is where the code ends; its name
 * is empty.  The table holds no address, so it needs no relocation and can be read at any time.
 */
#ifndef HYP_BOOT_SYMBOLS_H
#define HYP_BOOT_SYMBOLS_H

#include "include/types.h"

/*
 * The function that holds the byte at `offset` from image_start, and in *start its own offset;
 * NULL, and *start as it was, where no function is there.
 */
const char *symbol_find(u64 offset, u64 *start);

#endif
