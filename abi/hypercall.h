/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls: the only header that guest and hypervisor share.
 *
 * HVC #0 by the SMC Calling Convention 1.1 (Arm DEN 0028): function in w0, arguments in x1 to
 * x6, result in x0, further results in x1 to x3; everything else is preserved.  An unknown
 * function returns TF_NOT_SUPPORTED in x0 and leaves the rest alone.  Our own calls are
 * vendor-specific hypervisor calls (owner 6), fast, 64-bit; errors are enum err.
 */
#ifndef ABI_HYPERCALL_H
#define ABI_HYPERCALL_H

/* PSCI 1.1 (Arm DEN 0022). */
#define PSCI_VERSION 0x84000000
#define PSCI_CPU_SUSPEND_32 0x84000001
#define PSCI_CPU_SUSPEND_64 0xc4000001
#define PSCI_CPU_OFF 0x84000002
#define PSCI_CPU_ON_32 0x84000003
#define PSCI_CPU_ON_64 0xc4000003
#define PSCI_AFFINITY_INFO_32 0x84000004
#define PSCI_AFFINITY_INFO_64 0xc4000004
#define PSCI_MIGRATE_INFO_TYPE 0x84000006
#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define PSCI_FEATURES 0x8400000a
#define PSCI_SYSTEM_SUSPEND_32 0x8400000e
#define PSCI_SYSTEM_SUSPEND_64 0xc400000e
#define PSCI_SYSTEM_RESET2_32 0x84000012
#define PSCI_SYSTEM_RESET2_64 0xc4000012

#define PSCI_SUCCESS 0
#define PSCI_INVALID_PARAMETERS (-2L)
#define PSCI_DENIED (-3L)
#define PSCI_ALREADY_ON (-4L)
#define PSCI_INVALID_ADDRESS (-9L)
#define PSCI_AFFINITY_ON 0
#define PSCI_AFFINITY_OFF 1
#define PSCI_VERSION_1_1 0x00010001
#define PSCI_NO_TRUSTED_OS 2 /* MIGRATE_INFO_TYPE: no migration, nothing to migrate */

/* CPU_SUSPEND's power_state: a type, an affinity level, a number; everything else is 0. */
#define PSCI_STATE_ID 0xffffUL
#define PSCI_STATE_POWER_DOWN 0x10000UL
#define PSCI_STATE_LEVEL 0x3000000UL

/* SYSTEM_RESET2's reset_type: the architecture's only one; a vendor's have bit 31. */
#define PSCI_RESET_WARM 0

/* SMCCC itself. */
#define SMCCC_VERSION 0x80000000
#define SMCCC_ARCH_FEATURES 0x80000001
#define SMCCC_ARCH_SOC_ID 0x80000002
#define SMCCC_VERSION_1_1 0x00010001

/*
 * What speculation leaks, and firmware mends (hyp/vm/workaround.h).  ARCH_FEATURES says of each: 0,
 * this CPU needs it; 1, it may be called and this CPU does not need it; NOT_SUPPORTED, it must not
 * be called and nobody knows.  Of _2 it may say NOT_REQUIRED: it must not be called, for it is on,
 * or not needed.
 */
#define SMCCC_ARCH_WORKAROUND_1 0x80008000 /* CVE-2017-5715: branch predictors */
#define SMCCC_ARCH_WORKAROUND_2 0x80007fff /* CVE-2018-3639: loads before stores; x1: on, off */
#define SMCCC_ARCH_WORKAROUND_3 0x80003fff /* CVE-2022-23960: branch history; does _1 as well */
#define SMCCC_NOT_REQUIRED (-2L)

/* TRNG 1.0 (Arm DEN 0098): entropy comes in x3, x2, x1, the lowest bits in x3. */
#define TRNG_VERSION 0x84000050
#define TRNG_FEATURES 0x84000051
#define TRNG_GET_UUID 0x84000052
#define TRNG_RND_32 0x84000053
#define TRNG_RND_64 0xc4000053
#define TRNG_VERSION_1_0 0x00010000
#define TRNG_INVALID_PARAMETERS (-2L)
#define TRNG_MOST_32 96 /* bits of one call */
#define TRNG_MOST_64 192

#define TF_NOT_SUPPORTED (-1L)

/*
 * TF_CALL_ABI: x0 = TF_ABI_VERSION, x1 = the caller's VM number.
 * TF_CALL_NULL: does nothing; x0 = 0.  What an exit costs at least.
 */
#define TF_CALL_ABI 0xc6000000
#define TF_CALL_NULL 0xc6000001
#define TF_ABI_VERSION 1

#endif
