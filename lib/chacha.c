/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ChaCha20: twenty rounds over sixteen words, then the sum with what they were.
 */
#include "lib/chacha.h"

#include "lib/str.h"

enum { WORDS = 16, DOUBLE_ROUNDS = 10 };

static u32 load(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static void store(u8 *p, u32 w)
{
	for (u32 i = 0; i < 4; i++)
		p[i] = (u8)(w >> 8 * i);
}

static u32 rotate(u32 w, u32 n)
{
	return w << n | w >> (32 - n);
}

static void quarter(u32 s[WORDS], u32 a, u32 b, u32 c, u32 d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

/* Columns, then diagonals. */
static void double_round(u32 s[WORDS])
{
	for (u32 i = 0; i < 4; i++)
		quarter(s, i, 4 + i, 8 + i, 12 + i);
	for (u32 i = 0; i < 4; i++)
		quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
}

void chacha20(const u8 key[CHACHA_KEY], u32 counter, const u8 nonce[CHACHA_NONCE],
	      u8 block[CHACHA_BLOCK])
{
	u32 first[WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u32 s[WORDS];

	for (u32 i = 0; i < 8; i++)
		first[4 + i] = load(key + 4 * i);
	first[12] = counter;
	for (u32 i = 0; i < 3; i++)
		first[13 + i] = load(nonce + 4 * i);
	for (u32 i = 0; i < WORDS; i++)
		s[i] = first[i];
	for (u32 i = 0; i < DOUBLE_ROUNDS; i++)
		double_round(s);
	for (u32 i = 0; i < WORDS; i++)
		store(block + 4 * i, s[i] + first[i]);
}

void chacha_next(u8 key[CHACHA_KEY], u8 out[CHACHA_NEXT])
{
	static const u8 nonce[CHACHA_NONCE];
	u8 block[CHACHA_BLOCK];

	chacha20(key, 0, nonce, block);
	memcpy(key, block, CHACHA_KEY);
	memcpy(out, block + CHACHA_KEY, CHACHA_NEXT);
}
