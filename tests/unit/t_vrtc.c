/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's clock of the day, second by second, beside one that ticks as the PL031's manual says.
 */
#include "hyp/dev/vrtc.h"

#include "include/bits.h"
#include "tests/harness/tap.h"

enum {
	DR = 0x00,
	MR = 0x04,
	LR = 0x08,
	CR = 0x0c,
	IMSC = 0x10,
	RIS = 0x14,
	MIS = 0x18,
	ICR = 0x1c
};
enum { NOW = 1893553445 };

static struct vrtc r;

static u32 get_reg(u32 now, u32 offset)
{
	return (u32)vrtc_read(&r, now, offset, 4);
}

static void set_reg(u32 now, u32 offset, u32 value)
{
	vrtc_write(&r, now, offset, 4, value);
}

static void as_it_begins(void)
{
	vrtc_reset(&r, NOW);
	EXPECT_EQ(get_reg(NOW, DR), NOW);
	EXPECT_EQ(get_reg(NOW + 7, DR), NOW + 7);
	EXPECT_EQ(get_reg(NOW, MR) | get_reg(NOW, LR) | get_reg(NOW, IMSC), 0);
	EXPECT_EQ(get_reg(NOW, RIS) | get_reg(NOW, MIS), 0);
	EXPECT_EQ(get_reg(NOW, CR), 1);
}

static void who_it_is(void)
{
	static const u8 id[8] = { 0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	vrtc_reset(&r, NOW);
	for (u32 i = 0; i < 8; i++)
		EXPECT_EQ(get_reg(NOW, 0xfe0 + 4 * i), id[i]);
	for (u32 at = 0x20; at < 0xfe0; at += 4)
		EXPECT_EQ(get_reg(NOW, at), 0);
}

static void it_can_be_set(void)
{
	vrtc_reset(&r, NOW);
	set_reg(NOW + 1, LR, 100);
	EXPECT_EQ(get_reg(NOW + 1, DR), 100);
	EXPECT_EQ(get_reg(NOW + 11, DR), 110);
	EXPECT_EQ(get_reg(NOW + 11, LR), 100);
	set_reg(NOW + 11, CR, 0);
	set_reg(NOW + 11, DR, 5);
	EXPECT_EQ(get_reg(NOW + 12, DR), 111);
	vrtc_reset(&r, NOW + 20);
	EXPECT_EQ(get_reg(NOW + 20, DR), NOW + 20);
}

static void the_alarm(void)
{
	vrtc_reset(&r, NOW);
	set_reg(NOW, MR, NOW + 3);
	EXPECT_EQ(get_reg(NOW + 2, RIS), 0);
	EXPECT_EQ(get_reg(NOW + 3, RIS), 1);
	EXPECT_EQ(get_reg(NOW + 3, MIS), 0);
	set_reg(NOW + 3, IMSC, 1);
	EXPECT_EQ(get_reg(NOW + 3, MIS), 1);
	set_reg(NOW + 3, ICR, 0);
	EXPECT_EQ(get_reg(NOW + 3, RIS), 1);
	set_reg(NOW + 3, ICR, 1);
	EXPECT_EQ(get_reg(NOW + 3, RIS), 0);
	EXPECT_EQ(get_reg(NOW + 1000, RIS), 0);
	set_reg(NOW + 1000, MR, NOW + 1000); /* at once */
	EXPECT_EQ(get_reg(NOW + 1000, RIS), 1);
	set_reg(NOW + 1000, ICR, 1);
	set_reg(NOW + 1000, LR, NOW + 1000); /* set to what is matched */
	EXPECT_EQ(get_reg(NOW + 1005, RIS), 1);
}

static void widths(void)
{
	vrtc_reset(&r, 0x11223344);
	EXPECT_EQ(vrtc_read(&r, 0x11223344, DR, 8), 0x11223344);
	EXPECT_EQ(vrtc_read(&r, 0x11223344, DR, 2), 0x3344);
	EXPECT_EQ(vrtc_read(&r, 0x11223344, DR + 2, 2), 0x1122);
	EXPECT_EQ(vrtc_read(&r, 0x11223344, DR + 3, 1), 0x11);
	vrtc_write(&r, 0x11223344, MR, 1, 0xabcdef);
	EXPECT_EQ(get_reg(0x11223344, MR), 0xef);
	vrtc_write(&r, 0x11223344, MR, 8, 0xffffffff00000005);
	EXPECT_EQ(get_reg(0x11223344, MR), 5);
}

/* ---- Beside one that ticks ------------------------------------------------------------------- */

static struct {
	u32 counter, match, now;
	bool raw;
} ref;

static void ref_match(void)
{
	ref.raw |= ref.counter == ref.match;
}

static void ref_ticks(u32 n)
{
	for (; n; n--) {
		ref.counter++;
		ref.now++;
		ref_match();
	}
}

static u64 seed = 1;

static u32 below(u32 n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (u32)(seed >> 33) % n;
}

static void any_access(void)
{
	u32 value = ref.counter + below(9) - 4;

	switch (below(6)) {
	case 0:
		ref.match = value;
		set_reg(ref.now, MR, value);
		ref_match();
		break;
	case 1:
		ref.counter = value;
		set_reg(ref.now, LR, value);
		ref_match();
		break;
	case 2:
		ref.raw = false;
		set_reg(ref.now, ICR, 1);
		break;
	case 3: EXPECT_EQ(get_reg(ref.now, RIS), ref.raw); break;
	default: EXPECT_EQ(get_reg(ref.now, DR), ref.counter); break;
	}
}

/* About the second at which 32 bits are over, too: it begins again. */
static void every_second_counts(void)
{
	for (u32 round = 0; round < 2000; round++) {
		ref.now = ref.counter = round % 2 ? NOW : 0u - below(40);
		ref.match = 0;
		ref.raw = false;
		vrtc_reset(&r, ref.now);
		set_reg(ref.now, MR, 0);
		ref_match();
		for (u32 i = 0; i < 60; i++) {
			ref_ticks(below(4));
			any_access();
		}
		EXPECT_EQ(get_reg(ref.now, RIS), ref.raw);
	}
}

static void a_machine_that_is_set_back(void)
{
	vrtc_reset(&r, NOW);
	set_reg(NOW, MR, NOW - 50);
	EXPECT_EQ(get_reg(NOW + 9, DR), NOW + 9);
	EXPECT_EQ(get_reg(NOW - 100, DR), NOW - 100);
	EXPECT_EQ(get_reg(NOW - 10, RIS), 0);
	EXPECT_EQ(get_reg(NOW + 100, RIS), 0);
	set_reg(NOW + 100, MR, NOW + 101);
	EXPECT_EQ(get_reg(NOW + 101, RIS), 1);
}

TESTS(T(as_it_begins), T(who_it_is), T(it_can_be_set), T(the_alarm), T(widths),
      T(every_second_counts), T(a_machine_that_is_set_back))
