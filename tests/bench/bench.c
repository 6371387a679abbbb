/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures rows and prints them.  It keeps true:
 * 1. row and limit take turns, so that both meet the machine in the same mood;
 * 2. nothing but run() and limit() lies between the two readings of the meter;
 * 3. every repetition is verified, those of the warm-up too;
 * 4. counts are those of the last repetition, and of run() alone.
 */
#include "tests/bench/bench.h"

#include "include/check.h"
#include "lib/fmt.h"

enum { MAX_REPETITIONS = 31, LINE = 320 };

volatile u64 bench_sink;

/* Thousandths of a unit for one operation. */
struct figure {
	u64 median, min, max;
};

struct result {
	struct figure row, limit;
	struct bench_counts counts; /* of a whole run */
	const char *wrong;
};

/* A number of thousandths in words; "-" where there is none. */
struct text {
	char s[24];
};

u64 bench_random(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dUL;
}

void bench_shuffle(u32 *order, u32 n)
{
	u64 state = 20;

	for (u32 i = 0; i < n; i++)
		order[i] = i;
	for (u32 rest = n; rest > 1; rest--) {
		u32 other = (u32)(bench_random(&state) % rest);
		u32 mine = order[rest - 1];

		order[rest - 1] = order[other];
		order[other] = mine;
	}
}

static struct figure figure_of(u64 *sample, unsigned int n)
{
	/* By insertion: they are few. */
	for (unsigned int i = 1; i < n; i++) {
		u64 x = sample[i];
		unsigned int at = i;

		for (; at > 0 && sample[at - 1] > x; at--)
			sample[at] = sample[at - 1];
		sample[at] = x;
	}
	return (struct figure){ sample[n / 2], sample[0], sample[n - 1] };
}

static void call(void (*f)(void))
{
	if (f)
		f();
}

static struct bench_counts counts_since(struct bench_counts before)
{
	return (struct bench_counts){
		.tables = bench_counts.tables - before.tables,
		.tlbi = bench_counts.tlbi - before.tlbi,
		.dsb = bench_counts.dsb - before.dsb,
		.isb = bench_counts.isb - before.isb,
	};
}

static bool is_there(const struct bench_row *row)
{
	return row->run || row->value;
}

static u64 repeat_row(const struct bench_row *row, struct result *r)
{
	struct bench_counts before;
	const char *wrong;
	u64 cost;

	call(row->begin);
	before = bench_counts;
	cost = row->value ? row->value() : bench_measure(row->run) * 1000 / row->operations;
	r->counts = counts_since(before);
	wrong = row->verify ? row->verify() : NULL;
	if (wrong)
		r->wrong = wrong;
	call(row->end);
	return cost;
}

static u64 repeat_limit(const struct bench_row *row)
{
	call(row->limit_begin);
	if (row->limit_value)
		return row->limit_value();
	return bench_measure(row->limit) * 1000 / row->operations;
}

static struct result measure(const struct bench_row *row)
{
	u64 rows[MAX_REPETITIONS] = { 0 }, limits[MAX_REPETITIONS] = { 0 };
	unsigned int n = bench_meter.repetitions;
	struct result r = { 0 };

	CHECK(n <= MAX_REPETITIONS);
	for (unsigned int i = 0; i < n + bench_meter.warm_up; i++) {
		unsigned int at = i < bench_meter.warm_up ? 0 : i - bench_meter.warm_up;

		if (is_there(row))
			rows[at] = repeat_row(row, &r);
		if (row->limit || row->limit_value)
			limits[at] = repeat_limit(row);
	}
	if (is_there(row))
		r.row = figure_of(rows, n);
	if (row->limit || row->limit_value)
		r.limit = figure_of(limits, n);
	return r;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The row's target in thousandths of the unit; 0 is none. */
static u64 target_of(const struct bench_row *row, const struct result *r)
{
	if (row->min_value)
		return row->min_value;
	if (bench_meter.is_time)
		return row->max_ratio ? r->limit.median * row->max_ratio / 100 : row->max_ns;
	return 1000UL *
	       (same(bench_meter.unit, "insn-a64") ? row->max_insn_a64 : row->max_insn_x86);
}

static bool is_met(const struct bench_row *row, const struct result *r)
{
	if (row->min_value)
		return r->row.median >= row->min_value;
	return r->row.median <= target_of(row, r);
}

static const char *unit_of(const struct bench_row *row)
{
	return row->unit ? row->unit : bench_meter.unit;
}

static struct text thousandths(u64 n, const char *none)
{
	struct text t;

	if (n)
		fmt(t.s, sizeof(t.s), "%lu.%03lu", n / 1000, n % 1000);
	else
		fmt(t.s, sizeof(t.s), "%s", none);
	return t;
}

static struct text ratio_of(u64 a, u64 b, const char *none)
{
	struct text t;

	if (a && b)
		fmt(t.s, sizeof(t.s), "%lu.%02lu", a / b, a * 100 / b % 100);
	else
		fmt(t.s, sizeof(t.s), "%s", none);
	return t;
}

static void say_row(const struct bench_row *row, const struct result *r)
{
	u64 target = target_of(row, r);
	const char *met = is_met(row, r) ? "met" : "MISSED";
	char line[LINE];

	if (!is_there(row))
		met = "not there yet";
	else if (r->wrong)
		met = r->wrong;
	else if (!target)
		met = "-";
	fmt(line, sizeof(line), "%-4s %-46s %8s %9s %9s %9s %8s %6s %9s  %s", row->name, row->what,
	    row->per, thousandths(r->row.median, "-").s, thousandths(r->row.min, "-").s,
	    thousandths(r->row.max, "-").s, thousandths(r->limit.median, "-").s,
	    ratio_of(r->row.median, r->limit.median, "-").s, thousandths(target, "-").s, met);
	bench_say(line);
}

static void json_row(const struct bench_row *row, const struct result *r)
{
	u64 target = target_of(row, r);
	const char *met = is_met(row, r) && !r->wrong ? "true" : "false";
	char line[LINE];
	size_t n;

	n = fmt(line, sizeof(line),
		"{\"row\":\"%s\",\"unit\":\"%s\",\"median\":%s,\"min\":%s,\"max\":%s,\"limit\":%s,"
		"\"target\":%s,\"met\":%s",
		row->name, unit_of(row), thousandths(r->row.median, "null").s,
		thousandths(r->row.min, "null").s, thousandths(r->row.max, "null").s,
		thousandths(r->limit.median, "null").s, thousandths(target, "null").s,
		is_there(row) && target ? met : "null");
	if (row->calls && bench_meter.has_counts && row->run)
		n += fmt(line + n, sizeof(line) - n,
			 ",\"calls\":%lu,\"tables\":%ld,\"tlbi\":%lu,\"dsb\":%lu,\"isb\":%lu",
			 row->calls, r->counts.tables, r->counts.tlbi, r->counts.dsb,
			 r->counts.isb);
	if (bench_meter.who)
		n += fmt(line + n, sizeof(line) - n, ",\"who\":\"%s\"", bench_meter.who);
	fmt(line + n, sizeof(line) - n, "}");
	bench_json(line);
}

/* Counts have no noise: what is said is the average over all calls of a run. */
static void say_counts(const struct bench_row *row, const struct result *r)
{
	u64 calls = row->calls;
	s64 tables = r->counts.tables;
	bool missed = (row->max_tables && tables > (s64)(row->max_tables * calls)) ||
		      (row->max_tlbi && r->counts.tlbi > row->max_tlbi * calls);
	struct text t = thousandths((u64)(tables < 0 ? -tables : tables) * 1000 / calls, "0");
	char line[LINE];

	fmt(line, sizeof(line), "     a call: tables %s%s, TLBI %s, DSB %s, ISB %s%s",
	    tables < 0 ? "-" : "", t.s, thousandths(r->counts.tlbi * 1000 / calls, "0").s,
	    thousandths(r->counts.dsb * 1000 / calls, "0").s,
	    thousandths(r->counts.isb * 1000 / calls, "0").s, missed ? "  TOO MANY" : "");
	bench_say(line);
}

/* Is name one of the words of the selection? */
static bool selected(const char *selection, const char *name)
{
	const char *at = selection;
	bool any = false;

	while (*at) {
		size_t n = 0, match = 0;

		while (at[n] && at[n] != ' ' && at[n] != ',')
			n++;
		while (match < n && name[match] == at[match])
			match++;
		if (n && match == n && !name[n])
			return true;
		any |= n != 0;
		at += n + (at[n] != 0);
	}
	return !any;
}

static size_t run_row(const struct bench_row *row)
{
	struct result r;

	if (row->unit && !bench_meter.is_time)
		return 0;
	r = measure(row);
	say_row(row, &r);
	if (row->run && row->calls && bench_meter.has_counts)
		say_counts(row, &r);
	json_row(row, &r);
	return r.wrong != NULL;
}

size_t bench_run(const char *selection)
{
	char line[LINE];
	size_t failed = 0, found = 0;

	fmt(line, sizeof(line), "%-4s %-46s %8s %9s %9s %9s %8s %6s %9s  %s", "row",
	    bench_meter.unit, "per", "median", "min", "max", "limit", "ratio", "target", "");
	bench_say(line);
	for (const struct bench_family *const *f = bench_families; *f; f++)
		for (size_t i = 0; i < (*f)->count; i++)
			if (selected(selection, (*f)->rows[i].name)) {
				failed += run_row(&(*f)->rows[i]);
				found++;
			}
	if (!found)
		bench_say("WRONG: there is no such row");
	return found ? failed : 1;
}
