/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the image is linked; hyp.lds says the same.  It runs wherever it is loaded: start.S adds
 * the difference.  QEMU puts an ELF here and, as a raw Image, elsewhere (RAM base + 2 MiB), and
 * keeps the first MiB of RAM for its tree.
 */
#ifndef HYP_BOOT_LAYOUT_H
#define HYP_BOOT_LAYOUT_H

#define HYP_LINK_BASE 0x40400000
#define HYP_IMAGE_ALIGN 0x200000

#endif
