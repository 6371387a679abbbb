/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the device tree that a guest is given: memory, cpus, PSCI by hvc, a PL011 with its
 * fixed clock, chosen with boot arguments, ramdisk and seeds.  GIC and timer nodes come when
 * the devices do.  At EL2 the caller owns the FP registers.
 */
#ifndef FDT_GUEST_H
#define FDT_GUEST_H

#include "include/err.h"
#include "include/types.h"

struct fdt_guest {
	ipa_t ram_base;
	u64 ram_size;
	u32 cpus;
	ipa_t uart_base;
	u64 uart_size;
	u32 uart_spi; /* INTID, 32 and up */
	ipa_t ramdisk;
	u64 ramdisk_size; /* 0 where there is none */
	const char *args; /* boot arguments, "" for none */
	bool seeded;      /* write kaslr-seed and rng-seed */
	u64 kaslr_seed;
	u8 rng_seed[32];
};

/*
 * Writes the tree into buf (8-byte aligned) and its size into *out.  ERR_NOMEM where it does
 * not fit into size; buf is undefined then.
 */
must_check enum err fdt_guest_write(void *buf, size_t size, const struct fdt_guest *g, size_t *out);

#endif
