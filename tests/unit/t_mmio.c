/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/mmio: the whole syndrome of a device access, and the whole of what a load or a store
 * of each form does to the registers, against C's own integer conversions.
 */
#include "hyp/vm/mmio.h"

#include "tests/harness/tap.h"

enum { FORMS = 4 * 2 * 2 * 32 };

static const u64 patterns[] = {
	0,
	~0UL,
	0x7f,
	0x80,
	0xff,
	0x7fff,
	0x8000,
	0xffff,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	0x0123456789abcdef,
	0xfedcba9876543210,
	0xaaaaaaaaaaaaaaaa,
	0x5555555555555555,
};

/* The syndrome of form n: ISV = 1, SAS, SSE, SF and Rt from n's bits. */
static u64 form(unsigned int n, bool write)
{
	u64 sas = n / 128, sse = n / 64 % 2, sf = n / 32 % 2, rt = n % 32;

	return 0x24UL << 26 | 1UL << 25 | 1UL << 24 | sas << 22 | sse << 21 | rt << 16 | sf << 15 |
	       (u64)write << 6 | 0x07;
}

static void fill(u64 x[31])
{
	for (u64 i = 0; i < 31; i++)
		x[i] = 0xc0dec0de00000000 + i * 0x0101010101UL;
}

/* Nothing but register `but` has changed since fill(). */
static bool others_are_kept(const u64 x[31], u64 but)
{
	u64 was[31];

	fill(was);
	for (u64 i = 0; i < 31; i++)
		if (i != but && x[i] != was[i])
			return false;
	return true;
}

/* LDRB, LDRH, LDR, LDRSB … by C's conversions. */
static u64 loaded(u64 sas, bool sse, bool sf, u64 value)
{
	u64 wide = 0;

	switch (sas) {
	case 0: wide = sse ? (u64)(s64)(s8)(u8)value : (u8)value; break;
	case 1: wide = sse ? (u64)(s64)(s16)(u16)value : (u16)value; break;
	case 2: wide = sse ? (u64)(s64)(s32)(u32)value : (u32)value; break;
	default: wide = value; break;
	}
	return sf ? wide : (u32)wide;
}

static void loads_of_every_form(void)
{
	for (unsigned int n = 0; n < FORMS; n++) {
		u64 rt = n % 32;

		for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
			struct mmio m;
			u64 x[31];

			fill(x);
			EXPECT(mmio_decode(form(n, false), &m));
			EXPECT(!m.write);
			mmio_load_value(&m, x, patterns[i]);
			EXPECT(others_are_kept(x, rt));
			if (rt != 31)
				EXPECT_EQ(x[rt],
					  loaded(n / 128, n / 64 % 2, n / 32 % 2, patterns[i]));
		}
	}
}

static void stores_of_every_form(void)
{
	static const u64 masks[] = { 0xff, 0xffff, 0xffffffff, ~0UL };

	for (unsigned int n = 0; n < FORMS; n++) {
		u64 rt = n % 32, sas = n / 128;

		for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
			struct mmio m;
			u64 x[31];

			fill(x);
			if (rt != 31)
				x[rt] = patterns[i];
			EXPECT(mmio_decode(form(n, true), &m));
			EXPECT(m.write);
			EXPECT_EQ(mmio_store_value(&m, x), rt == 31 ? 0 : patterns[i] & masks[sas]);
		}
	}
}

/* Every byte a device could give, both signs, where they change the most. */
static void every_byte_and_halfword(void)
{
	for (u64 value = 0; value < 0x10000; value++) {
		struct mmio m = { .size = 2, .sign = true, .wide = true, .reg = 7 };
		u64 x[31] = { 0 };

		mmio_load_value(&m, x, value | 0xdead0000);
		if (x[7] != (u64)(s64)(s16)value)
			EXPECT_EQ(x[7], (u64)(s64)(s16)value);
		m = (struct mmio){ .size = 1, .sign = true, .wide = false, .reg = 7 };
		mmio_load_value(&m, x, value);
		if (x[7] != (u32)(s32)(s8)value)
			EXPECT_EQ(x[7], (u32)(s32)(s8)value);
	}
}

/* All 2^24 syndromes with ISV = 0, under any class: refused, and nothing is made up. */
static void without_isv_nothing_is_decoded(void)
{
	u64 bad = 0;

	for (u64 iss = 0; iss < 1UL << 24; iss++) {
		struct mmio m = { .size = 99, .reg = 99 };

		bad += mmio_decode(0x24UL << 26 | 1UL << 25 | iss, &m) || m.size != 99 ||
		       m.reg != 99;
	}
	EXPECT_EQ(bad, 0);
	EXPECT(!mmio_decode(~(1UL << 24), &(struct mmio){ 0 }));
}

/* All 2^24 with ISV = 1: each field comes from its own bits, and from no other. */
static void with_isv_every_syndrome_is_decoded(void)
{
	u64 bad = 0;

	for (u64 iss = 0; iss < 1UL << 24; iss++) {
		struct mmio m = { 0 };
		bool ok = mmio_decode(0x24UL << 26 | 1UL << 24 | iss, &m);

		bad += !ok || m.size != 1u << (iss >> 22) || m.sign != (iss >> 21 & 1) ||
		       m.reg != (iss >> 16 & 31) || m.wide != (iss >> 15 & 1) ||
		       m.write != (iss >> 6 & 1);
	}
	EXPECT_EQ(bad, 0);
}

TESTS(T(loads_of_every_form), T(stores_of_every_form), T(every_byte_and_halfword),
      T(without_isv_nothing_is_decoded), T(with_isv_every_syndrome_is_decoded))
