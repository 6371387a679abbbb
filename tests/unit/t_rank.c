/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of locks: rising ranks pass, every other pair is caught, and so is what was never
 * taken.
 */
#include "hyp/vm/rank.h"

#include "include/spin.h"
#include "tests/harness/tap.h"

static u32 held;
static u32 first, second;

static void take_both(void)
{
	held = 0;
	rank_take(&held, first);
	rank_take(&held, second);
}

static void every_pair(void)
{
	for (first = 0; first < RANK_COUNT; first++)
		for (second = 0; second < RANK_COUNT; second++) {
			bool rises = first < second;

			EXPECT_EQ(check_expected(take_both), !rises);
			EXPECT_EQ(held, rises ? 1u << first | 1u << second : 1u << first);
		}
}

static void all_in_order_and_back_in_any(void)
{
	held = 0;
	for (u32 i = 0; i < RANK_COUNT; i++)
		rank_take(&held, i);
	for (u32 i = 0; i < RANK_COUNT; i++) {
		u32 rank = (5 * i + 3) % RANK_COUNT;

		EXPECT(rank_holds(held, rank));
		rank_give(&held, rank);
		EXPECT(!rank_holds(held, rank));
	}
	EXPECT_EQ(held, 0);
	EXPECT(RANK_COUNT % 5 != 0); /* so that each came once */
}

static void give_what_is_not_held(void)
{
	rank_give(&held, RANK_VM + 1);
}

static void what_is_not_held_is_not_given(void)
{
	held = 0;
	EXPECT(check_expected(give_what_is_not_held));
	rank_take(&held, RANK_VM);
	rank_take(&held, RANK_VM + 2);
	EXPECT(check_expected(give_what_is_not_held));
	EXPECT_EQ(held, 1u << RANK_VM | 1u << (RANK_VM + 2));
}

/* Above a rank that is given back, a lower one may follow only when nothing higher is held. */
static void the_highest_counts(void)
{
	held = 0;
	rank_take(&held, RANK_MACHINE);
	rank_take(&held, RANK_POOL);
	rank_give(&held, RANK_MACHINE);
	first = RANK_POOL;
	second = RANK_CONSOLE;
	EXPECT(check_expected(take_both));
	held = 0;
	rank_take(&held, RANK_POOL);
	rank_give(&held, RANK_POOL);
	rank_take(&held, RANK_CONSOLE);
	EXPECT_EQ(held, 1u << RANK_CONSOLE);
}

static struct spin spin = SPIN_INIT;

static void unlock(void)
{
	spin_unlock(&spin);
}

static void a_spin_lock_by_itself(void)
{
	EXPECT(!spin_is_locked(&spin));
	EXPECT(spin_try(&spin));
	EXPECT(!spin_try(&spin));
	EXPECT(spin_is_locked(&spin));
	spin_unlock(&spin);
	spin_lock(&spin);
	EXPECT(!spin_try(&spin));
	spin_unlock(&spin);
	EXPECT(!spin_is_locked(&spin));
	EXPECT(check_expected(unlock));
}

TESTS(T(every_pair), T(all_in_order_and_back_in_any), T(what_is_not_held_is_not_given),
      T(the_highest_counts), T(a_spin_lock_by_itself))
