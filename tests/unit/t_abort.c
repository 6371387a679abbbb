/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/abort: every fault status code, by data read, data write and fetch, on a stage-1 walk
 * and not, against the rules of the Arm ARM told once more, as rules and not as a table.
 */
#include "hyp/vm/abort.h"

#include "arch/esr.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { LEVELS = 4 };

/* One abort as ESR_EL2 has it, and what it is. */
struct taken {
	unsigned int fsc;
	bool instruction, write, walk;
};

static u64 esr_of(const struct taken *t)
{
	u64 ec = t->instruction ? 0x20 : 0x24;

	return ec << 26 | 1UL << 25 | (u64)t->walk << 7 | (u64)t->write << 6 | t->fsc;
}

/* Runs a function over all 64 x {read, write, fetch} x {walk, none}. */
static void for_all(void (*run)(const struct taken *t, const struct abort *a))
{
	for (unsigned int n = 0; n < 64 * 6; n++) {
		struct taken t = {
			.fsc = n / 6,
			.instruction = n % 3 == 2,
			.write = n % 3 == 1,
			.walk = n / 3 % 2 == 1,
		};
		struct abort a = abort_decode(esr_of(&t));

		run(&t, &a);
	}
}

/* Codes 0x00-0x0f are four kinds of four levels; level -1 came later, elsewhere. */
static bool is_kind(unsigned int fsc, unsigned int kind, unsigned int level_minus_one)
{
	return fsc / LEVELS == kind || (level_minus_one && fsc == level_minus_one);
}

static bool is_address_size(unsigned int fsc)
{
	return is_kind(fsc, 0, 0x29);
}

static bool is_translation(unsigned int fsc)
{
	return is_kind(fsc, 1, 0x2b);
}

static bool is_access_flag(unsigned int fsc)
{
	return is_kind(fsc, 2, 0);
}

static bool is_permission(unsigned int fsc)
{
	return is_kind(fsc, 3, 0);
}

/*
 * What is not there is supplied, a flag is set, a right is looked at again, a conflict is
 * invalidated; what only the access of a data register can do wrong is given back as what it
 * is; all else the guest gets as an external abort.
 */
static enum abort_action rule(const struct taken *t)
{
	bool own_data_access = !t->instruction && !t->walk;

	if (is_translation(t->fsc))
		return ABORT_RESOLVE;
	if (is_access_flag(t->fsc) || t->fsc == 0x31)
		return ABORT_ACCESS_FLAG;
	if (is_permission(t->fsc))
		return ABORT_PERMISSION;
	if (t->fsc == 0x30)
		return ABORT_INVALIDATE;
	if (t->fsc == 0x21 && own_data_access)
		return ABORT_ALIGNMENT;
	if (t->fsc == 0x35 && own_data_access)
		return ABORT_EXCLUSIVE;
	return ABORT_EXTERNAL;
}

static void check_action(const struct taken *t, const struct abort *a)
{
	if (abort_action(a) != rule(t))
		tap_note("fsc 0x%x instruction %d write %d walk %d", t->fsc, t->instruction,
			 t->write, t->walk);
	EXPECT_EQ(abort_action(a), rule(t));
}

static void the_action_of_every_abort(void)
{
	for_all(check_action);
}

/* The words of arch/esr.h were written for people, and must tell the same story. */
static void check_words(const struct taken *t, const struct abort *a)
{
	const char *words = esr_fsc_name(t->fsc);
	enum abort_action action = abort_action(a);

	EXPECT_EQ(action == ABORT_RESOLVE, strcmp(words, "translation fault") == 0);
	EXPECT_EQ(action == ABORT_PERMISSION, strcmp(words, "permission fault") == 0);
	EXPECT_EQ(action == ABORT_INVALIDATE, strcmp(words, "TLB conflict abort") == 0);
	if (strcmp(words, "reserved") == 0 || strcmp(words, "address size fault") == 0 ||
	    strstr(words, "external") || strstr(words, "parity"))
		EXPECT_EQ(action, ABORT_EXTERNAL);
}

static void the_names_agree_with_the_actions(void)
{
	for_all(check_words);
}

static void check_decoded(const struct taken *t, const struct abort *a)
{
	EXPECT_EQ(a->fsc, t->fsc);
	EXPECT_EQ(a->instruction, t->instruction);
	EXPECT_EQ(a->write, t->write);
	EXPECT_EQ(a->walk, t->walk);
}

static void every_field_is_decoded(void)
{
	for_all(check_decoded);
}

/* The low two bits, in the groups that have a level; external aborts only on walks. */
static int level_rule(unsigned int fsc)
{
	bool on_walk = fsc / LEVELS == 5 || fsc / LEVELS == 7;

	if (fsc == 0x13 || fsc == 0x1b || fsc == 0x29 || fsc == 0x2b)
		return -1;
	return fsc < 16 || on_walk ? (int)(fsc % LEVELS) : FSC_NO_LEVEL;
}

static void check_level(const struct taken *t, const struct abort *a)
{
	EXPECT_EQ(a->level, level_rule(t->fsc));
}

static void the_level_of_every_abort(void)
{
	for_all(check_level);
}

/*
 * HPFAR_EL2 holds the IPA of a stage-2 fault on a stage-1 walk, whichever it is, and of a
 * translation, access flag or address size fault on the access; of nothing else.
 */
static bool hpfar_rule(const struct taken *t)
{
	bool fault_of_stage_2 = is_translation(t->fsc) || is_access_flag(t->fsc) ||
				is_address_size(t->fsc) || is_permission(t->fsc) || t->fsc == 0x31;

	if (t->walk)
		return fault_of_stage_2;
	return fault_of_stage_2 && !is_permission(t->fsc) && t->fsc != 0x31;
}

static void check_hpfar(const struct taken *t, const struct abort *a)
{
	if (abort_hpfar_valid(a) != hpfar_rule(t))
		tap_note("fsc 0x%x instruction %d write %d walk %d", t->fsc, t->instruction,
			 t->write, t->walk);
	EXPECT_EQ(abort_hpfar_valid(a), hpfar_rule(t));
}

static void when_hpfar_can_be_believed(void)
{
	for_all(check_hpfar);
}

/* DC by address reports WnR = 1, and is no write of the guest's. */
static void cache_maintenance_is_not_a_write(void)
{
	for (unsigned int fsc = 0; fsc < 64; fsc++) {
		const struct taken read = { .fsc = fsc }, write = { .fsc = fsc, .write = true };
		struct abort a = abort_decode(esr_of(&write) | 1UL << 8);
		struct abort r = abort_decode(esr_of(&read));

		EXPECT(!a.write);
		EXPECT_EQ(abort_action(&a), abort_action(&r));
		EXPECT_STR(abort_access_name(&a), "read");
	}
}

/* In a fetch's syndrome WnR and CM do not exist. */
static void a_fetch_never_writes(void)
{
	for (u64 iss = 0; iss < 1UL << 10; iss++) {
		struct abort a = abort_decode(0x20UL << 26 | iss);

		EXPECT(a.instruction && !a.write);
	}
}

/* What the rest of the syndrome says (ISV and what it makes valid, EA, AR, ISS2) matters not. */
static void other_bits_do_not_matter(void)
{
	const u64 mine = 0x24UL << 26 | 0x1ff;
	u64 state = 42;

	for (int i = 0; i < 20000; i++) {
		u64 junk = tap_random(&state) & ~(0x3fUL << 26);
		u64 esr = (i % 2 ? 0x20UL : 0x24UL) << 26 | junk;
		struct abort a = abort_decode(esr), b = abort_decode(esr & (mine | 0x3fUL << 26));

		EXPECT(a.instruction == b.instruction && a.write == b.write && a.walk == b.walk);
		EXPECT(a.fsc == b.fsc && a.level == b.level);
	}
}

static void check_name(const struct taken *t, const struct abort *a)
{
	const char *name = abort_access_name(a);

	EXPECT_EQ(strstr(name, "table walk") != NULL, t->walk);
	EXPECT_EQ(strstr(name, "fetch") != NULL, t->instruction);
	if (!t->walk)
		EXPECT_EQ(strcmp(name, "write") == 0, t->write);
	if (!t->walk)
		EXPECT_EQ(strcmp(name, "read") == 0, !t->write && !t->instruction);
}

static void accesses_have_names(void)
{
	for_all(check_name);
}

TESTS(T(the_action_of_every_abort), T(the_names_agree_with_the_actions), T(every_field_is_decoded),
      T(the_level_of_every_abort), T(when_hpfar_can_be_believed),
      T(cache_maintenance_is_not_a_write), T(a_fetch_never_writes), T(other_bits_do_not_matter),
      T(accesses_have_names))
