/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's registers of the virtual CPU interface that more than one file looks at (Arm IHI
 * 0069, chapter 12): their encodings, which assemblers do not all know by name, and their fields.
 */
#ifndef HYP_DEV_ICH_H
#define HYP_DEV_ICH_H

#include "include/bits.h"

#define ICH_HCR_EL2 S3_4_C12_C11_0
#define ICH_VTR_EL2 S3_4_C12_C11_1
#define ICH_VMCR_EL2 S3_4_C12_C11_7
#define ICH_AP0R0_EL2 S3_4_C12_C8_0
#define ICH_AP1R0_EL2 S3_4_C12_C9_0

#define VMCR_VENG BITS(1, 0) /* VENG0, VENG1: a set of groups (vgic.h) */
#define VMCR_VCBPR BIT(4)
#define VMCR_VEOIM BIT(9)
#define VMCR_VBPR1 BITS(20, 18)
#define VMCR_VBPR0 BITS(23, 21)
#define VMCR_VPMR BITS(31, 24)

#endif
