/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads and stores as the syndrome tells them.  A load of a W register clears its upper half;
 * sign extension goes up to the register's width and no further.
 */
#include "hyp/vm/mmio.h"

#include "arch/esr.h"

static u64 low_bytes(u64 value, u32 size)
{
	return size == 8 ? value : value & (BIT(size * 8) - 1);
}

bool mmio_decode(u64 esr, struct mmio *m)
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

u64 mmio_store_value(const struct mmio *m, const u64 x[31])
{
	return m->reg == 31 ? 0 : low_bytes(x[m->reg], m->size);
}

void mmio_load_value(const struct mmio *m, u64 x[31], u64 value)
{
	u64 v = low_bytes(value, m->size);

	if (m->sign && m->size < 8 && (v & BIT(m->size * 8 - 1)))
		v |= ~0UL << (m->size * 8);
	if (!m->wide)
		v = low_bytes(v, 4);
	if (m->reg != 31)
		x[m->reg] = v;
}
