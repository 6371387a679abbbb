/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the machine's device tree says, read once into plain data.
 *
 *	char why[FDT_WHY];
 *	if (fdt_machine_read(tree, limit, &m, why) != OK) panic("device tree: %s", why);
 *
 * The tree is input from outside: any bytes are fine, nothing outside [tree, tree + limit)
 * is read, and what is wrong is named with the path of its node.  Addresses are those the CPU
 * sees, translated by the ranges of the buses above.  Nodes with a status but "okay", and what
 * lies below them, are passed over; ranges of size 0 in memory and reservations are, too.
 * Follows the Devicetree Specification 0.4 and, for modules, Xen's multiboot bindings as QEMU's
 * guest-loader writes them.
 *
 * Also used by the small guest on its own tree (it has no modules).  At EL2 the caller owns
 * the FP registers: libfdt's archive uses them.
 */
#ifndef FDT_MACHINE_H
#define FDT_MACHINE_H

#include "include/err.h"
#include "include/types.h"

enum {
	FDT_WHY = 160,
	FDT_MAX_BANKS = 16,
	FDT_MAX_RESERVED = 32,
	FDT_MAX_CPUS = 64,
	FDT_MAX_MODULES = 32,
	FDT_MAX_ARGS = 1024,
	FDT_SEED = 64,
	FDT_MAX_NODES = 16,
};

struct fdt_range {
	pa_t base;
	u64 size;
};

enum fdt_module_kind { FDT_MODULE_KERNEL, FDT_MODULE_RAMDISK, FDT_MODULE_OTHER };

struct fdt_module {
	struct fdt_range range;
	enum fdt_module_kind kind;
	char args[FDT_MAX_ARGS]; /* its bootargs, "" where it has none */
};

struct fdt_machine {
	u64 tree_size; /* totalsize of the tree itself */
	/* Of memory; ascending; none overlaps, or touches one of its own node. */
	struct fdt_range banks[FDT_MAX_BANKS];
	u8 bank_node[FDT_MAX_BANKS]; /* the NUMA node of each */
	u32 bank_count;
	struct fdt_range reserved[FDT_MAX_RESERVED]; /* memreserve and /reserved-memory */
	u32 reserved_count;
	u64 cpu_mpidr[FDT_MAX_CPUS]; /* reg of each cpu node */
	u8 cpu_node[FDT_MAX_CPUS];   /* its NUMA node */
	u32 cpu_count;
	u32 node_count; /* NUMA nodes: one more than the highest that is named; at least 1 */
	u8 distance[FDT_MAX_NODES][FDT_MAX_NODES]; /* between nodes; 0: the tree does not say */
	u64 dma_last;    /* the last byte that the masters of every bus reach; ~0: all they like */
	u32 gic_version; /* 3, 2, or 0 where there is none */
	struct fdt_range gicd, gicr; /* gicr: the first region of redistributors; version 3 only */
	struct fdt_range uart;       /* the PL011 of stdout-path, or the first one; size 0: none */
	u32 uart_spi;                /* its interrupt as an INTID (SPI n is 32 + n); 0: none */
	struct fdt_range rtc;        /* the first PL031; size 0 where there is none */
	struct fdt_range pcie_ecam;  /* size 0 where there is none */
	struct fdt_range pcie_io;    /* CPU address of the PIO window */
	bool psci_smc;               /* PSCI's method is "smc" */
	struct fdt_range initrd;     /* linux,initrd-start/end; size 0 where there is none */
	char args[FDT_MAX_ARGS];     /* /chosen bootargs */
	u8 seed[FDT_SEED];           /* /chosen rng-seed and kaslr-seed, what there is of them */
	u32 seed_size;               /* bytes of it; 0 where the machine gives none */
	struct fdt_module modules[FDT_MAX_MODULES]; /* by ascending address; may still overlap */
	u32 module_count;
};

/*
 * Reads the tree.  ERR_FORMAT where it is malformed or lacks memory, ERR_FULL where it has
 * more of something than the tables above hold; why then says what and where, in printable
 * words, and *m is undefined.  limit bounds what may be read; tree is 8-byte aligned.
 */
must_check enum err fdt_machine_read(const void *tree, size_t limit, struct fdt_machine *m,
				     char why[FDT_WHY]);

#endif
