/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the first instruction to C with the MMU on.
 *
 * start.S checks the exception level, applies the image's relocations, clears .bss, sets the
 * stack and the vectors and calls boot_main(); that maps the image and the tree, turns the
 * MMU on, reads the tree, maps RAM and devices, and calls hyp_main(), which each program
 * linked with this folder (the hypervisor, a test image) defines.
 */
#ifndef HYP_BOOT_BOOT_H
#define HYP_BOOT_BOOT_H

#include "fdt/machine.h"
#include "include/types.h"

/* The image's parts, by the linker script; addresses are valid once relocations are applied. */
extern char image_start[], image_text_end[], image_rodata_end[], image_data_start[], image_end[];

/* What boot_main() found; valid from hyp_main() on. */
struct boot_info {
	const void *tree;
	struct fdt_machine machine;
};

extern struct boot_info boot_info;

no_return void boot_main(u64 tree_address);

/* The program.  Runs at EL2 with MMU and caches on, interrupts and SError masked. */
no_return void hyp_main(void);

/*
 * Says back the word that tf.nonce= of the boot arguments gave, as `# nonce WORD`: a guest can end
 * QEMU with status 0, but not that way.
 */
void boot_say_nonce(void);

/* Ends the machine with a status; the UART is drained first. */
no_return void machine_exit(u32 status);

#endif
