/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ChaCha20 by RFC 8439's own vectors, and the random numbers that a guest is given with it.
 */
#include "hyp/dev/vrng.h"

#include "lib/chacha.h"
#include "tests/harness/tap.h"
#include "tests/harness/virtio_case.h"

static struct vrng r;

/* Section 2.3.2. */
static void the_rfc(void)
{
	static const u8 nonce[12] = { 0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0 };
	static const u8 want[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	u8 block[64];

	for (u8 i = 0; i < 32; i++)
		block[i] = i;
	chacha20(block, 1, nonce, block);
	EXPECT_EQ(memcmp(block, want, sizeof(want)), 0);
}

static void bring_up(u8 first)
{
	static const struct case_write writes[] = CASE_BRING_UP(0, 8);
	u8 key[VRNG_KEY] = { first };

	case_open();
	vrng_init(&r);
	vrng_restart(&r, key);
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		EXPECT(!vrng_write(&guest, &r, writes[i].offset, 4, writes[i].value));
}

static void ask(u32 size)
{
	case_desc(0, CASE_DATA + 4090, size, D_WRITE, 0);
	case_offer(0, 8);
	EXPECT(!vrng_write(&guest, &r, 0x050, 4, 0));
}

/* How much the request number n (from 0) was given. */
static u64 given(u32 n)
{
	return case_word(CASE_USED + 8 + 8UL * n, 4);
}

static void bytes_are_given(void)
{
	u8 a[64], b[64], zero[64] = { 0 };

	bring_up(1);
	ask(64);
	EXPECT_EQ(given(0), 64);
	EXPECT(virtio_line(&r.virtio));
	case_get(CASE_DATA + 4090, a, 64);
	EXPECT(memcmp(a, zero, 32) != 0 && memcmp(a + 32, zero, 32) != 0);
	EXPECT(memcmp(a, a + 32, 32) != 0);
	EXPECT_EQ(case_word(CASE_DATA + 4090 + 64, 8), 0);
	ask(64);
	case_get(CASE_DATA + 4090, b, 64);
	EXPECT(memcmp(a, b, 32) != 0 && memcmp(a + 32, b, 32) != 0);
	EXPECT_EQ(r.bytes, 128);
	bring_up(2);
	ask(64);
	case_get(CASE_DATA + 4090, b, 64);
	EXPECT(memcmp(a, b, 32) != 0);
	bring_up(1);
	ask(64);
	case_get(CASE_DATA + 4090, b, 64);
	EXPECT_EQ(memcmp(a, b, 64), 0);
}

static void odd_sizes(void)
{
	static const u32 sizes[] = { 1, 31, 33, VRNG_MOST, VRNG_MOST + 1, 20000 };

	bring_up(1);
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		ask(sizes[i]);
		EXPECT_EQ(given(i), min_u64(sizes[i], VRNG_MOST));
	}
	EXPECT(case_is_sound());
}

static void what_is_no_request(void)
{
	bring_up(1);
	case_desc(0, CASE_DATA, 16, 0, 0); /* to be read */
	case_offer(0, 8);
	EXPECT(!vrng_write(&guest, &r, 0x050, 4, 0));
	EXPECT(virtio_has_failed(&r.virtio));
	bring_up(1);
	ask(0);
	EXPECT(virtio_has_failed(&r.virtio));
	ask(16);
	EXPECT_EQ(case_word(CASE_USED + 2, 2), 0);
	EXPECT_EQ(r.requests, 0);
}

TESTS(T(the_rfc), T(bytes_are_given), T(odd_sizes), T(what_is_no_request))
