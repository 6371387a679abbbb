/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the device tree that a guest is given: memory, cpus, PSCI by hvc, a PL011 with its
 * fixed clock, chosen with boot arguments, ramdisk and seeds.
 *
 *	struct fdt_guest g = { .ram_base = mk_ipa(0x40000000), .ram_size = 128 << 20, .cpus = 1,
 *			       .uart_base = mk_ipa(0x09000000), .uart_size = 4096, .args = "" };
 *	e = fdt_guest_write(buf, sizeof(buf), &g, &n);
 *
 * GIC (v3, no ITS), timer and virtio nodes, and the PL011's interrupt, stand in it where gicd_size
 * says that there is a GIC.
 * At EL2 the caller owns the FP registers.
 */
#ifndef FDT_GUEST_H
#define FDT_GUEST_H

#include "include/err.h"
#include "include/types.h"

enum { FDT_GUEST_MAX_CPUS = 64, FDT_GUEST_VIRTIO = 8 };

/*
 * The affinity of the n-th CPU, as reg in the tree and MPIDR_EL1 in the CPU have it: 16 to a
 * cluster, as many as one SGI of a GICv3 reaches.
 */
static inline u32 fdt_guest_mpidr(u32 n)
{
	return n / 16 << 8 | n % 16;
}

/* A virtio-mmio device; its interrupt is level-sensitive. */
struct fdt_virtio {
	ipa_t base;
	u64 size;
	u32 spi; /* INTID */
};

struct fdt_guest {
	ipa_t ram_base;
	u64 ram_size;
	u32 cpus; /* 1 to FDT_GUEST_MAX_CPUS */
	ipa_t uart_base;
	u64 uart_size;
	u32 uart_spi; /* INTID, 32 and up; in the tree where there is a GIC */
	ipa_t rtc_base;
	u64 rtc_size; /* 0 where there is no PL031; its interrupt goes nowhere */
	ipa_t gicd_base, gicr_base;
	u64 gicd_size, gicr_size;                   /* gicd_size 0: no GIC, no timer */
	struct fdt_virtio virtio[FDT_GUEST_VIRTIO]; /* where there is a GIC */
	u32 virtio_count;
	ipa_t ramdisk;
	u64 ramdisk_size; /* 0 where there is none */
	const char *args; /* boot arguments, "" for none */
	bool seeded;      /* write kaslr-seed and rng-seed */
	u64 kaslr_seed;
	u8 rng_seed[32];
};

/*
 * Writes the tree into buf (8-byte aligned) and its size into *out.  ERR_NOMEM where it does
 * not fit into size, ERR_INVALID for a number of cpus or devices that cannot be, ERR_RANGE where
 * RAM or UART is empty or a range leaves the address space; buf is undefined then, *out unchanged.
 * Nothing outside [buf, buf + size) is ever written.
 */
must_check enum err fdt_guest_write(void *buf, size_t size, const struct fdt_guest *g, size_t *out);

#endif
