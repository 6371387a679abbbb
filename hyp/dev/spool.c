/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes on their way between two CPUs.
 * 1. taken <= written <= limit <= taken + size, as the writer knows `taken`: it may lag.
 * 2. The writer says that it waits before it looks for the last time, and the taker looks whether
 *    somebody waits after it has said what it took: one of them sees the other.
 * 3. A writer is not called for every byte: only where a quarter of the ring is free.  It comes to
 *    that, for the taker goes on taking.
 */
#include "hyp/dev/spool.h"

#include "include/check.h"

u64 spool_room(struct spool *s)
{
	s->limit = __atomic_load_n(&s->taken, __ATOMIC_ACQUIRE) + s->size;
	return s->limit - s->written;
}

bool spool_wants(struct spool *s, u64 n)
{
	if (spool_room(s) >= n)
		return true;
	__atomic_store_n(&s->stalled, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return spool_room(s) >= n;
}

size_t spool_put_some(struct spool *s, const char *text, size_t n)
{
	size_t some = min_u64(n, spool_room(s));

	for (size_t i = 0; i < some; i++)
		s->ring[(s->written + i) & (s->size - 1)] = text[i];
	__atomic_store_n(&s->written, s->written + some, __ATOMIC_RELEASE);
	return some;
}

bool spool_take(struct spool *s, u64 upto)
{
	u64 end = spool_end(s);

	CHECK(s->taken <= upto && upto <= end);
	__atomic_store_n(&s->taken, upto, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&s->stalled, __ATOMIC_RELAXED) || end - upto > s->size - s->size / 4)
		return false;
	return __atomic_exchange_n(&s->stalled, 0, __ATOMIC_RELAXED) != 0;
}
