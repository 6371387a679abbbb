/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads and stores as the syndrome tells them.  A load of a W register clears its upper half;
 * sign extension goes up to the register's width and no further.
 */
#include "hyp/vm/mmio.h"

static u32 unused_bits(const struct mmio *m)
{
	return 64 - 8 * m->size;
}

u64 mmio_store_value(const struct mmio *m, const u64 x[31])
{
	return m->reg == 31 ? 0 : x[m->reg] << unused_bits(m) >> unused_bits(m);
}

void mmio_load_value(const struct mmio *m, u64 x[31], u64 value)
{
	u64 high = value << unused_bits(m);
	u64 extended = m->sign ? (u64)((s64)high >> unused_bits(m)) : high >> unused_bits(m);

	if (m->reg != 31)
		x[m->reg] = m->wide ? extended : (u32)extended;
}
