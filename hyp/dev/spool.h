/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes from one who writes to one who takes, on different CPUs, without a lock between them: what
 * a guest writes until the screen has room, what the screen has until the UART has room, what is
 * typed.  Nothing is ever overwritten before it was taken.
 *
 *	if (!spool_put(&s, byte))       the writer: full; it is called when there is room again
 *		wait();
 *
 *	for (p = s.taken; p < spool_end(&s); p++)
 *		use(spool_at(&s, p));   the taker
 *	if (spool_take(&s, p))
 *		call_the_writer();
 *
 * Bytes have positions, which only grow; position p is at ring[p % size], and stays readable for
 * the taker until `size` more have been written.  Writers among each other, and takers, are
 * serialised by who owns the spool.
 */
#ifndef HYP_DEV_SPOOL_H
#define HYP_DEV_SPOOL_H

#include "include/bits.h"
#include "include/types.h"

struct spool {
	char *ring;
	u64 size;    /* a power of two */
	u64 written; /* the writer's: positions below this have been written */
	u64 limit;   /* the writer's: it may write below this without asking how much was taken */
	u64 taken;   /* the taker's: positions below this may be overwritten */
	u32 stalled; /* the writer has found no room, and waits to be called */
};

#define SPOOL_INIT(r)                                                                              \
	{                                                                                          \
		.ring = (r), .size = sizeof(r), .limit = sizeof(r)                                 \
	}

/* ---- The writer's ---------------------------------------------------------------------------- */

/* How many bytes find room. */
u64 spool_room(struct spool *s);

/*
 * The same where fewer than n are too few: the taker calls when there is more.  Looks again
 * behind its own request, so that none taken in between goes without a call.
 */
bool spool_wants(struct spool *s, u64 n);

/* One byte; false where it found no room, and then the taker calls. */
static inline bool spool_put(struct spool *s, char byte)
{
	if (unlikely(s->written == s->limit) && !spool_wants(s, 1))
		return false;
	s->ring[s->written & (s->size - 1)] = byte;
	__atomic_store_n(&s->written, s->written + 1, __ATOMIC_RELEASE);
	return true;
}

/* As many of n bytes as find room. */
size_t spool_put_some(struct spool *s, const char *text, size_t n);

/* ---- The taker's ----------------------------------------------------------------------------- */

static inline u64 spool_end(const struct spool *s)
{
	return __atomic_load_n(&s->written, __ATOMIC_ACQUIRE);
}

static inline char spool_at(const struct spool *s, u64 position)
{
	return s->ring[position & (s->size - 1)];
}

static inline bool spool_is_empty(const struct spool *s)
{
	return s->taken == spool_end(s);
}

/*
 * Positions below `upto`, which is not above spool_end(), may be overwritten.  True where the
 * writer is to be called: it waits, and a quarter of the ring is free now.
 */
bool spool_take(struct spool *s, u64 upto);

#endif
