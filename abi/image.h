/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of an arm64 Image (Linux Documentation/arm64/booting.rst): what a boot loader
 * must know of a kernel.
 */
#ifndef ABI_IMAGE_H
#define ABI_IMAGE_H

#include "include/types.h"

struct image_header {
	u32 code[2];     /* executed at entry */
	u64 text_offset; /* from a 2 MiB-aligned base */
	u64 image_size;  /* what must be free from there, .bss included */
	u64 flags;
	u64 reserved[3];
	u32 magic; /* IMAGE_MAGIC */
	u32 reserved4;
};

#define IMAGE_MAGIC 0x644d5241u /* "ARM\x64", little-endian */
#define IMAGE_BIG_ENDIAN 1UL    /* flags, bit 0 */

_Static_assert(sizeof(struct image_header) == 64, "the header is 64 bytes");

#endif
