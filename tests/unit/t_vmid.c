/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs: each once, never 0, as late again as can be, and an error when all are out.
 */
#include "s2/vmid.h"
#include "tests/harness/tap.h"

static struct s2_vmids v;

static void all_of_a_width(unsigned int bits)
{
	u32 count = 1u << bits;
	u16 vmid = 0;

	s2_vmids_init(&v, bits);
	for (u32 i = 1; i < count; i++) {
		EXPECT_EQ(s2_vmid_take(&v, &vmid), OK);
		EXPECT_EQ(vmid, i);
	}
	EXPECT_EQ(s2_vmid_take(&v, &vmid), ERR_FULL);
	EXPECT_EQ(vmid, count - 1);
	s2_vmid_put(&v, (u16)(count / 2));
	EXPECT_EQ(s2_vmid_take(&v, &vmid), OK);
	EXPECT_EQ(vmid, count / 2);
	EXPECT_EQ(s2_vmid_take(&v, &vmid), ERR_FULL);
}

static void all_of_2_bits(void)
{
	all_of_a_width(2);
}

static void all_of_8_bits(void)
{
	all_of_a_width(8);
}

static void all_of_16_bits(void)
{
	all_of_a_width(16);
}

static void a_number_comes_back_late(void)
{
	u16 first = 0;
	u16 vmid = 0;

	s2_vmids_init(&v, 2);
	EXPECT_EQ(s2_vmid_take(&v, &first), OK);
	s2_vmid_put(&v, first);
	for (u16 expected = 2; expected < 4; expected++) {
		EXPECT_EQ(s2_vmid_take(&v, &vmid), OK);
		EXPECT_EQ(vmid, expected);
		s2_vmid_put(&v, vmid);
	}
	EXPECT_EQ(s2_vmid_take(&v, &vmid), OK);
	EXPECT_EQ(vmid, first);
}

static void put_zero(void)
{
	s2_vmid_put(&v, 0);
}

static void put_twice(void)
{
	s2_vmid_put(&v, 2);
}

static void put_beyond(void)
{
	s2_vmid_put(&v, 4);
}

static void wrong_puts_are_caught(void)
{
	s2_vmids_init(&v, 2);
	EXPECT(check_expected(put_zero));
	EXPECT(check_expected(put_twice));
	EXPECT(check_expected(put_beyond));
}

static void random_takes_and_puts(void)
{
	bool out[16] = { true };
	u64 seed = 5;
	u32 used = 1;

	s2_vmids_init(&v, 4);
	for (u32 step = 0; step < 20000; step++) {
		u16 vmid = (u16)(tap_random(&seed) >> 60);

		if (tap_random(&seed) >> 63) {
			enum err e = s2_vmid_take(&v, &vmid);

			EXPECT_EQ(e, used == 16 ? ERR_FULL : OK);
			if (e != OK)
				continue;
			EXPECT(!out[vmid]);
			out[vmid] = true;
			used++;
		} else if (vmid && out[vmid]) {
			s2_vmid_put(&v, vmid);
			out[vmid] = false;
			used--;
		}
		EXPECT_EQ(v.used, used);
	}
}

TESTS(T(all_of_2_bits), T(all_of_8_bits), T(all_of_16_bits), T(a_number_comes_back_late),
      T(wrong_puts_are_caught), T(random_takes_and_puts))
