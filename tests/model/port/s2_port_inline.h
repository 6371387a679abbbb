/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part for tests on the host: every access goes through the model.
 */
#ifndef S2_PORT_INLINE_H
#define S2_PORT_INLINE_H

#include "tests/model/model.h"

static inline u64 s2_port_load(const u64 *entry)
{
	return model_load(entry);
}

static inline void s2_port_store(u64 *entry, u64 value)
{
	model_store(entry, value);
}

static inline void s2_port_write(u64 *entry, u64 value)
{
	model_write(entry, value);
}

static inline void s2_port_write_run(u64 *entry, u64 n, u64 d, u64 step)
{
	for (; n; n--, d += step)
		model_write(entry++, d);
}

static inline bool s2_port_is_run(const u64 *entry, u64 n, u64 d, u64 step)
{
	for (; n; n--, d += step)
		if (model_load(entry++) != d)
			return false;
	return true;
}

static inline u64 s2_port_exchange(u64 *entry, u64 value)
{
	return model_exchange(entry, value);
}

static inline bool s2_port_cas(u64 *entry, u64 *expected, u64 value)
{
	return model_cas(entry, expected, value);
}

static inline u64 *s2_port_va(pa_t table)
{
	return model_va(table);
}

static inline pa_t s2_port_pa(const u64 *table)
{
	return model_pa(table);
}

#endif
