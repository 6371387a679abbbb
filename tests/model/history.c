/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last few thousand events, and the end of a test that broke a rule: what concerned the
 * address is printed, oldest first.
 */
#include <stdio.h>

#include "include/check.h"
#include "tests/model/state.h"

enum { EVENTS = 4096, PRINTED = 48 };

struct event {
	u64 seq, a, b, ipa, size;
	u8 kind, cpu;
};

static struct event ring[EVENTS];
static u64 now;
static enum model_rule broken;
static bool hushed;

void history_reset(void)
{
	now = 0;
	broken = MODEL_OK;
	hushed = false;
}

void history_add(enum event_kind kind, u64 a, u64 b, u64 ipa, u64 size)
{
	ring[now % EVENTS] = (struct event){
		.seq = now,
		.a = a,
		.b = b,
		.ipa = ipa,
		.size = size,
		.kind = (u8)kind,
		.cpu = (u8)cpu_now(),
	};
	now++;
}

static const char *const kind_words[] = {
	[EVENT_STORE] = "store   entry",
	[EVENT_HARDWARE] = "hardware wrote",
	[EVENT_LOCK] = "lock",
	[EVENT_UNLOCK] = "unlock",
	[EVENT_LINK] = "link    table",
	[EVENT_UNLINK] = "unlink  table",
	[EVENT_ALLOC] = "alloc   pages",
	[EVENT_FREE] = "free    pages",
	[EVENT_DSB] = "dsb     ish/ishst",
	[EVENT_ISB] = "isb",
	[EVENT_TLBI] = "tlbi    op",
	[EVENT_VTTBR] = "vttbr",
	[EVENT_QUIET] = "an operation returned",
};

static const char *const rule_words[] = {
	[MODEL_OK] = "nothing",
	[MODEL_BBM] = "break-before-make",
	[MODEL_STALE] = "stale entry",
	[MODEL_EARLY] = "table given away too early",
	[MODEL_PLAIN] = "plain store to a reachable table",
	[MODEL_UNSEEN] = "store not completed by a DSB",
	[MODEL_UNSYNCED] = "no ISB",
	[MODEL_MALFORMED] = "malformed descriptor",
	[MODEL_VMID] = "VMID",
	[MODEL_VTTBR] = "VTTBR",
	[MODEL_LEAK] = "lost table",
	[MODEL_ACCESS] = "access outside the tables",
	[MODEL_LOST] = "a change by hardware lost",
	[MODEL_CONTROLS] = "other controls",
	[MODEL_OPERAND] = "TLBI operand",
	[MODEL_LOCK] = "lock",
};

static bool concerns(const struct event *e, u64 ipa)
{
	return e->size == 0 || (ipa >= e->ipa && ipa - e->ipa < e->size);
}

static void print_history(u64 ipa)
{
	u64 first = now > EVENTS ? now - EVENTS : 0;
	u64 hits = 0;

	for (u64 i = first; i < now; i++)
		hits += concerns(&ring[i % EVENTS], ipa);
	for (u64 i = first; i < now; i++) {
		const struct event *e = &ring[i % EVENTS];

		if (!concerns(e, ipa) || hits-- > PRINTED)
			continue;
		printf("#   %8lu cpu%u %s 0x%lx 0x%lx", e->seq, e->cpu, kind_words[e->kind], e->a,
		       e->b);
		if (e->size)
			printf("  (ipa 0x%lx, size 0x%lx)", e->ipa, e->size);
		printf("\n");
	}
}

no_return void stop(enum model_rule rule, u64 ipa, const char *what)
{
	broken = rule;
	if (!hushed) {
		printf("# model: %s: %s, at ipa 0x%lx on cpu%u\n", rule_words[rule], what, ipa,
		       cpu_now());
		print_history(ipa);
		fflush(stdout);
	}
	check_failed("tests/model", (int)rule, what);
}

enum model_rule model_broken(void)
{
	return broken;
}

void model_hush(bool hush)
{
	hushed = hush;
}
