/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/trng: as many random bits as were asked for and no more, none twice; none without a seed.
 */
#include "hyp/vm/trng.h"

#include "abi/hypercall.h"
#include "tests/harness/call_vm.h"
#include "tests/harness/tap.h"

/* Every number of bits: those, and no more, come; in 1,000 calls each of them is both 0 and 1. */
static void every_width(u64 function, u64 width)
{
	for (u64 bits = 1; bits <= 3 * width; bits++) {
		u64 ones[3] = { 0 }, zeros[3] = { 0 };

		for (u32 round = 0; round < 100; round++) {
			EXPECT_EQ(call(function, bits, 0, 0), 0);
			EXPECT(kept(3));
			for (u32 i = 0; i < 3; i++) {
				ones[i] |= v->regs.x[3 - i];
				zeros[i] |= ~v->regs.x[3 - i];
			}
		}
		for (u64 i = 0; i < 3; i++) {
			u64 n = bits <= i * width ? 0 : bits - i * width;
			u64 want = n == 0 ? 0 : ~0UL >> (64 - (n < width ? n : width));

			EXPECT_EQ(ones[i], want);
			EXPECT_EQ(zeros[i], ~0UL);
		}
	}
}

static void random_bits(void)
{
	static const u64 wrong[] = { 0, 97, 193, 1UL << 31, 1UL << 32, 1UL << 63, ~0UL };

	open();
	every_width(TRNG_RND_32, 32);
	every_width(TRNG_RND_64, 64);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		u64 bits = wrong[i];

		EXPECT_EQ(call(TRNG_RND_32, bits, 0, 0), TRNG_INVALID_PARAMETERS);
		EXPECT(kept(0));
		if (bits == 97)
			continue;
		EXPECT_EQ(call(TRNG_RND_64, bits, 0, 0), TRNG_INVALID_PARAMETERS);
		EXPECT(kept(0));
	}
	EXPECT_EQ(call(TRNG_RND_32, 0xdead00000060, 0, 0), 0);
}

/* No word comes twice, in another VM neither; the key is not what was given. */
static void nothing_comes_twice(void)
{
	enum { CALLS = 300 };
	static u64 seen[2 * CALLS * 3];
	size_t n = 0, twice = 0;

	for (u32 number = 1; number <= 2; number++) {
		open();
		vm.number = number;
		trng_restart(&vm);
		for (u32 i = 0; i < CALLS; i++) {
			call(TRNG_RND_64, 192, 0, 0);
			for (u32 r = 1; r <= 3; r++)
				seen[n++] = v->regs.x[r];
			EXPECT(memcmp(vm.trng_key, &v->regs.x[3], 8) != 0);
		}
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			twice += seen[i] == seen[j];
	EXPECT_EQ(twice, 0);
}

static void without_a_seed(void)
{
	static const u64 all[] = { TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND_32,
				   TRNG_RND_64 };

	open();
	EXPECT_EQ(call(TRNG_VERSION, 0, 0, 0), 0x10000);
	EXPECT(kept(0));
	EXPECT(call(TRNG_GET_UUID, 0, 0, 0) < 0xffffffff && kept(3));
	vm.config.rng = false;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(call(all[i], all[i], 0, 0), TF_NOT_SUPPORTED);
		EXPECT(kept(0));
	}
}

TESTS(T(random_bits), T(nothing_comes_twice), T(without_a_seed))
