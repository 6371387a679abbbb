/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks: a table of rows, measured one like the other.
 *
 *	static const struct bench_row rows[] = {
 *		{ .name = "a1", .what = "map 1 GiB, one call", .per = "page",
 *		  .begin = vm_empty, .run = map_range, .verify = verify_rw, .end = vm_end,
 *		  .limit = limit_map, .operations = PAGES, .calls = 1,
 *		  .max_ratio = 150, .max_insn_x86 = 8 },
 *	};
 *
 * A repetition of a row is begin, run, verify, end, then the same for its limit: a loop written
 * by hand that does the least work the row needs, on the same memory.  Only run and limit are
 * measured.  The meter decides the unit: nanoseconds, or instructions, which repeat exactly.
 *
 * The same rows make a host program (flavour `bench`) and an image at EL2.  Figures are whole
 * numbers of thousandths, for there is no floating point at EL2.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "include/types.h"
#include "tests/bench/counts.h"

struct bench_row {
	const char *name; /* as in docs/benchmarks.md */
	const char *what;
	const char *per;     /* what one operation is: "page" */
	void (*begin)(void); /* not measured; NULL: nothing to do */
	void (*run)(void);   /* NULL: there is no such operation yet */
	u64 (*value)(void);  /* instead of run: what the row is, in thousandths of unit */
	const char *unit;    /* of value; such a row is for the host, when it measures time */
	const char *(*verify)(void); /* NULL when all is as it should be, else what is not */
	void (*end)(void);
	void (*limit_begin)(void);
	void (*limit)(void);      /* NULL: the row has no limit */
	u64 (*limit_value)(void); /* as value */
	u64 operations;           /* in one run, and in one limit */
	u64 calls;                /* of the library in one run: counts are for one of them */
	/* Targets; 0 is none.  The first three are for time and for values. */
	u32 max_ratio; /* hundredths of the limit */
	u32 max_ns;    /* thousandths; of a value's unit, if the row has one */
	u32 min_value; /* thousandths: more is better */
	u32 max_insn_x86;
	u32 max_insn_a64;
	/* What a call may do at most, beside the rest of the line. */
	u32 max_tables; /* taken; 0: nothing is said */
	u32 max_tlbi;
};

struct bench_family {
	const struct bench_row *rows;
	size_t count;
};

/* One for each file of rows.  Each program's own list of them is bench_families. */
extern const struct bench_family bench_s2, bench_pages, bench_objects;

extern const struct bench_family *const bench_families[]; /* ends with NULL */

/* A loop puts here what it must be seen to have computed. */
extern volatile u64 bench_sink;

/*
 * Measures the rows that `selection` names ("a1 c2", "a1,c2"; "" is every row) and prints them.
 * Returns how many failed, for their verify() found something wrong; 1 where there is none.
 */
size_t bench_run(const char *selection);

/* A repeatable sequence of numbers; state is never 0. */
u64 bench_random(u64 *state);

/* order[] becomes a permutation of 0 … n - 1, the same on every machine. */
void bench_shuffle(u32 *order, u32 n);

/* ---- What each program supplies ---- */

struct bench_meter {
	const char *unit;         /* "ns", "insn-x86" or "insn-a64" */
	const char *who;          /* whose figures they are, for JSON; NULL: ours */
	unsigned int repetitions; /* odd; 1 where every one is the same */
	unsigned int warm_up;     /* repetitions before, not counted */
	bool is_time;             /* targets for ns and ratios apply */
	bool has_counts;          /* bench_counts is kept */
};

extern struct bench_meter bench_meter;

/* Runs f and returns its cost in whole units. */
u64 bench_measure(void (*f)(void));

/*
 * Runs f(0) on this CPU and f(1) on another, at the same time; false where there is no other.
 * *elapsed is the time of the slower one, in nanoseconds.
 */
bool bench_both(void (*f)(unsigned int who), u64 *elapsed);

/* Lets another program have this CPU. */
void bench_pause(void);

/* One line for people; one JSON object.  Neither has its line feed yet. */
void bench_say(const char *line);
void bench_json(const char *object);

#endif
