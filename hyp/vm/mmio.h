/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's access to a device, decoded from the syndrome (Arm ARM, ISS encoding for a data
 * abort).  Only accesses with ISV = 1 can be: pairs, exclusives, SIMD, write-back forms and
 * DC ZVA have none.
 *
 * Plain data, no hardware: the same code runs in the host's tests.
 */
#ifndef HYP_VM_MMIO_H
#define HYP_VM_MMIO_H

#include "arch/esr.h"
#include "include/types.h"

struct mmio {
	u32 size; /* 1, 2, 4, 8 */
	bool write;
	bool sign; /* a load extends the sign */
	bool wide; /* of a 64-bit register */
	u8 reg;    /* 31 is the zero register, never the stack pointer */
};

/* False where ISV = 0: the access cannot be emulated. */
static always_inline bool mmio_decode(u64 esr, struct mmio *m)
{
	if (!(esr & ISS_ISV))
		return false;
	*m = (struct mmio){
		.size = 1u << get(ISS_SAS, esr),
		.write = (esr & ISS_WNR) != 0,
		.sign = (esr & ISS_SSE) != 0,
		.wide = (esr & ISS_SF) != 0,
		.reg = (u8)get(ISS_SRT, esr),
	};
	return true;
}

/* The value that a store writes: the low size bytes of the register. */
u64 mmio_store_value(const struct mmio *m, const u64 x[31]);

/* Puts what the device gave into the register as the load asks; x31 is dropped. */
void mmio_load_value(const struct mmio *m, u64 x[31], u64 value);

#endif
