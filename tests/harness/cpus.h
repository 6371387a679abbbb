/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs that tests on the host pretend to run on, as their ID registers read.
 */
#ifndef TESTS_HARNESS_CPUS_H
#define TESTS_HARNESS_CPUS_H

#include "s2/geometry.h"

/* ID_AA64MMFR0: PARange, 64 KiB by the stage-1 field (0 is "yes"), 16 KiB, then stage 2's own. */
#define CPU_MMFR0(parange) ((u64)(parange) | 1UL << 20)
#define CPU_LPA2 (3UL << 40 | 3UL << 32 | 2UL << 36)
#define CPU_VMID16 (2UL << 4)
#define CPU_XNX (1UL << 28)
#define CPU_HAF 1UL
#define CPU_HAFDBS 2UL
#define CPU_TTST (1UL << 28)
#define CPU_FWB (1UL << 40)
#define CPU_TTL (1UL << 48)
#define CPU_BBM(level) ((u64)(level) << 52)
#define CPU_RANGE (2UL << 56)

/* The first Armv8.0: nothing but tables (Cortex-A72 lacks the 16 KiB granule besides). */
static inline struct s2_cpu cpu_plain(void)
{
	return (struct s2_cpu){ .mmfr0 = CPU_MMFR0(5) };
}

/* Neoverse N1: hardware access flag and dirty state, XNX, 16-bit VMIDs. */
static inline struct s2_cpu cpu_n1(void)
{
	return (struct s2_cpu){ .mmfr0 = CPU_MMFR0(5), .mmfr1 = CPU_HAFDBS | CPU_VMID16 | CPU_XNX };
}

/* QEMU's max: everything. */
static inline struct s2_cpu cpu_max(void)
{
	return (struct s2_cpu){ .mmfr0 = CPU_MMFR0(6) | CPU_LPA2,
				.mmfr1 = CPU_HAFDBS | CPU_VMID16 | CPU_XNX,
				.mmfr2 = CPU_TTST | CPU_FWB | CPU_TTL | CPU_BBM(2),
				.isar0 = CPU_RANGE };
}

#endif
