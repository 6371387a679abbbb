/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page a call: what is remembered from one to the next, and where a dirty log runs.
 */
#include "include/bits.h"
#include "s2/log.h"
#include "s2/s2.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

enum { BASE = 0x40000000, PAGES = 8 };

static struct s2 s2;
static struct s2_log dirty_log;
static u64 log_bits[1];

static void begin(void)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static u64 page(u64 n)
{
	return BASE + n * SIZE_4K;
}

static enum err map(u64 n, struct s2_attr attr)
{
	enum err e = s2_map(&s2, mk_ipa(page(n)), SIZE_4K, mk_pa(SIZE_1G + n * SIZE_4K), attr, 0);

	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
	return e;
}

static struct s2_attr mapped(u64 n)
{
	struct s2_leaf leaf = { 0 };

	EXPECT_EQ(s2_lookup(&s2, mk_ipa(page(n)), &leaf), OK);
	EXPECT_EQ(leaf.pa.v, SIZE_1G + n * SIZE_4K);
	return s2_leaf_attr(&s2, &leaf);
}

static void attributes_of_each_call(void)
{
	struct s2_attr odd = ram();
	struct s2_attr none = ram();

	odd.mem = S2_MEM_NORMAL_NC;
	odd.perm = S2_R;
	none.sh = 1;
	begin();
	for (u64 n = 0; n < PAGES; n++) {
		EXPECT_EQ(map(n, n & 1 ? odd : ram()), OK);
		EXPECT_EQ(map(PAGES + n, none), ERR_INVALID);
		EXPECT_EQ(map(n, ram()), ERR_EXISTS);
	}
	for (u64 n = 0; n < PAGES; n++) {
		EXPECT_EQ(mapped(n).mem, n & 1 ? odd.mem : ram().mem);
		EXPECT_EQ(mapped(n).perm, n & 1 ? odd.perm : ram().perm);
	}
	end();
}

/* Eight pages under a log of 64; the first has been written. */
static void begin_log(enum s2_grain grain)
{
	begin();
	for (u64 n = 0; n < PAGES; n++)
		EXPECT_EQ(map(n, ram()), OK);
	EXPECT_EQ(s2_log_start(&s2, &dirty_log, mk_ipa(BASE), 64 * SIZE_4K, grain, log_bits), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(page(0))), OK);
	EXPECT_EQ(machine_write(&s2, page(0)).fault, 0);
}

static u64 harvested(void)
{
	u64 out = 0;
	u64 dirty;

	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(BASE), 64 * SIZE_4K, &out, &dirty), OK);
	return out;
}

static void a_log_sees_a_page_unmapped(void)
{
	begin_log(S2_GRAIN_BLOCK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(page(0)), SIZE_4K), OK);
	EXPECT_EQ(harvested(), 1);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	end();
}

static void a_log_sees_a_page_protected(void)
{
	begin_log(S2_GRAIN_PAGE);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(page(0)), SIZE_4K, S2_R), OK);
	EXPECT_EQ(harvested(), 1);
	EXPECT_EQ(machine_write(&s2, page(0)).fault, FAULT_PERMISSION | 3);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(page(1)), SIZE_4K, S2_R | S2_W), OK);
	EXPECT_EQ(machine_write(&s2, page(1)).fault, FAULT_PERMISSION | 3);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(machine_write(&s2, page(1)).fault, 0);
	end();
}

static void a_log_sees_a_page_mapped(void)
{
	begin_log(S2_GRAIN_BLOCK);
	EXPECT_EQ(map(PAGES, ram()), OK);
	EXPECT(mapped(PAGES).dbm);
	EXPECT_EQ(harvested(), 1 | 1 << PAGES);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(map(PAGES + 1, ram()), OK);
	EXPECT(!mapped(PAGES + 1).dbm);
	end();
}

TESTS(T(attributes_of_each_call), T(a_log_sees_a_page_unmapped), T(a_log_sees_a_page_protected),
      T(a_log_sees_a_page_mapped))
