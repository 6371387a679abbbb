/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of bytes: count are there, the oldest at head; head < AHEAD, count <= AHEAD.
 */
#include "hyp/console/ahead.h"

#include "include/check.h"

static u8 ring[AHEAD];
static u32 head, count;

bool ahead_is_full(void)
{
	return count == AHEAD;
}

u32 ahead_count(void)
{
	return count;
}

static u8 at(u32 i)
{
	return ring[(head + i) % AHEAD];
}

void ahead_put(u8 byte)
{
	CHECK(count < AHEAD);
	ring[(head + count) % AHEAD] = byte;
	count++;
}

u8 ahead_first(void)
{
	CHECK(count > 0);
	return at(0);
}

u8 ahead_next(void)
{
	u8 byte = ahead_first();

	ahead_forget(1);
	return byte;
}

u32 ahead_before(u8 byte)
{
	for (u32 i = 0; i < count; i++)
		if (at(i) == byte)
			return i;
	return AHEAD;
}

void ahead_forget(u32 n)
{
	CHECK(n <= count);
	head = (head + n) % AHEAD;
	count -= n;
}
