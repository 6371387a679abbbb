/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What VTTBR_EL2 points to while TLB maintenance for a VM is under way: nothing writes it.
 */
#include "include/types.h"
#include "s2/port.h"

u64 s2_empty_root[16 * 512] aligned_to(65536);
