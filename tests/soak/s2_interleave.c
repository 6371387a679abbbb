/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every pair of operations on one IPA on two CPUs, in every interleaving with few preemptions:
 *
 *	s2_interleave [BOUND]		2 unless told
 *
 * Each operation is what a hypervisor does: it takes the lock of the struct as s2/s2.h says (shared
 * for lookups and what s2/fault.h has, else alone), looks at the result, and leaves it.  After each
 * execution no rule of the model is broken, the tables are sound, and results and translations are
 * those of one order or the other.  Then some pairs without their locks: there the model must find
 * something, or it proves nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "s2/fault.h"
#include "s2/log.h"
#include "s2/vmid.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/out.h"
#include "include/check.h"
#include "tests/harness/tap.h"
#include "tests/harness/tasks.h"

const struct tap_test tap_tests[1];
const size_t tap_count = 0;

#define IPA 0x200000UL
#define FRAME 0x40200000UL

static struct s2 s2;
static struct s2_log log_now;
static u64 log_bits[64], harvested[64];
static struct s2_rollover rollover;
static s2_vmid_t id, others[3];
static bool dead, lockless, hardware;
static unsigned int results[TASKS];

/* ---- Operations: their result, all in one number ---- */

/* Somebody was first: look again, and try again where it was not this that was wanted. */
static unsigned int install(u64 ipa, u64 frame)
{
	struct s2_leaf leaf;
	enum err e;

	do
		e = s2_install(&s2, mk_ipa(ipa), SIZE_4K, mk_pa(frame), ram());
	while (e == ERR_AGAIN && s2_lookup(&s2, mk_ipa(ipa), &leaf) == ERR_NOENT);
	return (unsigned int)-e;
}

static unsigned int do_install(void)
{
	return install(IPA, FRAME);
}

/* The page beside it: the same table, the same count. */
static unsigned int do_install_beside(void)
{
	return install(IPA + SIZE_4K, FRAME + SIZE_4K);
}

static unsigned int do_map(void)
{
	return (unsigned int)-s2_map(&s2, mk_ipa(IPA), 2 * SIZE_4K, mk_pa(FRAME), ram(), 0);
}

static unsigned int do_unmap(void)
{
	return (unsigned int)-s2_unmap(&s2, mk_ipa(IPA), SIZE_4K);
}

static unsigned int do_protect(void)
{
	return (unsigned int)-s2_protect(&s2, mk_ipa(IPA), SIZE_4K, S2_R);
}

static unsigned int do_relax(void)
{
	enum err e = s2_relax(&s2, mk_ipa(IPA), S2_W | S2_X);

	/* Whoever is told that all is well finds it so: no entry that faulted is left. */
	if (e == OK && !lockless) {
		unsigned int f = model_access(machine_regs(&s2), IPA, true);

		if (f != 0 && f != 8 && f != 1 && !(f == 12 && s2.log)) /* the log has to know */
			check_failed(__FILE__, __LINE__, "relaxed, and the write faults again");
	}
	return (unsigned int)-e;
}

static unsigned int do_accessed(void)
{
	return (unsigned int)-s2_mark_accessed(&s2, mk_ipa(IPA));
}

static unsigned int do_lookup(void)
{
	struct s2_leaf leaf;

	(void)!s2_lookup(&s2, mk_ipa(IPA), &leaf);
	return 0;
}

static unsigned int do_split(void)
{
	return (unsigned int)-s2_split(&s2, mk_ipa(IPA), SIZE_2M, SIZE_4K);
}

static unsigned int do_merge(void)
{
	u64 merged;

	return (unsigned int)-s2_merge(&s2, mk_ipa(IPA), SIZE_2M, 0, &merged);
}

static unsigned int do_age(void)
{
	u64 young;

	return (unsigned int)-s2_age(&s2, mk_ipa(IPA), SIZE_2M, NULL, &young);
}

static unsigned int do_age_shared(void)
{
	struct s2_leaf leaf;
	u64 young;

	/* One leaf: a point for each page of a table would be more than can be explored. */
	if (s2_lookup(&s2, mk_ipa(IPA), &leaf) != OK)
		leaf.size = SIZE_4K;
	return (unsigned int)-s2_age_shared(&s2, mk_ipa(IPA), leaf.size, NULL, &young);
}

static unsigned int do_harvest(void)
{
	u64 dirty;

	memset(harvested, 0, sizeof(harvested));
	return (unsigned int)-s2_log_harvest(&s2, mk_ipa(IPA), SIZE_2M, harvested, &dirty);
}

static unsigned int do_remap(void)
{
	return (unsigned int)-s2_remap(&s2, mk_ipa(IPA), SIZE_4K, mk_pa(FRAME + SIZE_2M), ram(), 0);
}

/* So many other VMs are entered that VMIDs begin anew. */
static void enter_others(unsigned int cpu)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		CHECK(s2_vmid_enter(&rollover, cpu, &others[i]) == OK);
		s2_vmid_leave(&rollover, cpu);
		if (rollover.active[2] && s2_vmid_of(others[i]) == s2_vmid_of(id))
			check_failed(__FILE__, __LINE__, "a running VM's VMID given to another");
	}
}

/* The VM is entered after others, until it has had every VMID; then they come while it runs. */
static unsigned int do_rollover(void)
{
	unsigned int cpu = tasks_now();
	u16 running;

	for (int round = 0; round < 4; round++) {
		enter_others(cpu);
		CHECK(s2_vmid_enter(&rollover, cpu, &id) == OK);
		if (s2.vmid != s2_vmid_of(id)) {
			s2.vmid = s2_vmid_of(id);
			model_change(machine_regs(&s2));
		}
		model_enter_guest(machine_regs(&s2));
		model_set_vttbr(0);
		s2_vmid_leave(&rollover, cpu);
	}
	CHECK(s2_vmid_enter(&rollover, 2, &id) == OK);
	running = s2_vmid_of(id);
	if (s2.vmid != running) {
		s2.vmid = running;
		model_change(machine_regs(&s2));
	}
	enter_others(cpu);
	enter_others(cpu);
	if (!s2_vmid_is_current(&rollover, id) || s2_vmid_of(id) != running)
		check_failed(__FILE__, __LINE__, "a running VM has another VMID");
	s2_vmid_leave(&rollover, 2);
	return 0;
}

static unsigned int do_destroy(void)
{
	s2_destroy(&s2);
	dead = true;
	return 0;
}

static const struct operation {
	const char *name;
	unsigned int (*run)(void);
	bool shared;
} operations[] = {
	{ "fault", do_install, true },
	{ "fault beside", do_install_beside, true },
	{ "relax", do_relax, true },
	{ "accessed", do_accessed, true },
	{ "age beside", do_age_shared, true },
	{ "lookup", do_lookup, true },
	{ "map", do_map, false },
	{ "unmap", do_unmap, false },
	{ "protect", do_protect, false },
	{ "split", do_split, false },
	{ "merge", do_merge, false },
	{ "age", do_age, false },
	{ "harvest", do_harvest, false },
	{ "remap", do_remap, false },
	{ "rollover", do_rollover, false },
	{ "destroy", do_destroy, false },
};

static const struct operation *pair[TASKS];

static void perform(unsigned int task)
{
	const struct operation *o = pair[task];

	if (!lockless)
		tasks_lock(o->shared);
	results[task] = dead ? 99 : o->run();
	if (!lockless) {
		model_quiet_cpu();
		tasks_unlock(o->shared);
	}
}

static void task_0(void)
{
	perform(0);
}

static void task_1(void)
{
	perform(1);
}

/* ---- The VM they meet on ---- */

enum start { EMPTY, BESIDE, PAGE, BLOCK, LOGGED, PIECES, STARTS };
static const char *const start_names[] = { "empty", "beside", "page", "block", "logged", "pieces" };
static enum start start;

static void set_up(void)
{
	struct s2_cpu cpu = hardware ? cpu_n1() : cpu_plain();
	struct s2_want want = s2_want(12, 40);
	struct s2_geometry g;
	const char *why;
	struct s2_attr attr = ram_perm(S2_R);

	model_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	s2_rollover_init(&rollover, 2);
	id = 0;
	memset(others, 0, sizeof(others));
	memset(results, 0, sizeof(results));
	dead = false;
	CHECK(s2_geometry_choose(&g, &cpu, &want, &why) == OK);
	CHECK(s2_vmid_enter(&rollover, 0, &id) == OK);
	s2_vmid_leave(&rollover, 0);
	CHECK(s2_init(&s2, &g, s2_vmid_of(id), MACHINE_QUOTA) == OK);
	machine_add(&s2);
	attr.accessed = false;
	if (start == BESIDE)
		CHECK(s2_map(&s2, mk_ipa(IPA + 8 * SIZE_4K), SIZE_4K, mk_pa(FRAME), attr, 0) == OK);
	else if (start == PAGE)
		CHECK(s2_map(&s2, mk_ipa(IPA), SIZE_4K, mk_pa(FRAME), attr, 0) == OK);
	else if (start != EMPTY)
		CHECK(s2_map(&s2, mk_ipa(IPA), SIZE_2M, mk_pa(FRAME),
			     start == LOGGED ? ram() : attr, 0) == OK);
	if (start == PIECES)
		CHECK(s2_split(&s2, mk_ipa(IPA), SIZE_2M, SIZE_4K) == OK);
	if (start == LOGGED)
		CHECK(s2_log_start(&s2, &log_now, mk_ipa(IPA), SIZE_2M, S2_GRAIN_BLOCK, log_bits) ==
		      OK);
	model_quiet();
	if (hardware)
		model_hardware(3, 12345);
}

/* ---- What came of it ---- */

struct outcome {
	unsigned int results[TASKS];
	u64 state[6];
};

static struct outcome allowed[2], seen;
static bool serial;

/* Translations at both ends and beside; AF and dirty state only where software alone sets them. */
static struct outcome outcome(void)
{
	struct outcome o;
	static const u64 at[] = { IPA, IPA + SIZE_4K, IPA + SIZE_2M - SIZE_4K };

	memset(&o, 0, sizeof(o));
	memcpy(o.results, results, sizeof(results));
	for (size_t i = 0; i < ARRAY_SIZE(at) && !dead; i++) {
		struct model_walk w = model_translate(machine_regs(&s2), at[i]);
		bool w_is_free = hardware && w.dbm;

		o.state[2 * i] = w.desc & 1 ? w.pa : 0;
		o.state[2 * i + 1] = (u64)w.r | (u64)(w.w || w_is_free) << 1 | (u64)w.x1 << 2 |
				     (u64)w.level << 4 |
				     (hardware ? 0 : (u64)(w.fault == MODEL_ACCESS_FLAG) << 3);
	}
	return o;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void judge(void)
{
	model_hardware(0, 1);
	model_quiet();
	seen = outcome();
	if (!dead) {
		const char *sound = soundness(&s2);

		if (sound[0] != 's')
			check_failed(__FILE__, __LINE__, sound);
	}
	if (!serial && !same(&seen, &allowed[0]) && !same(&seen, &allowed[1]))
		check_failed(__FILE__, __LINE__, "an outcome of neither order");
	if (!dead) {
		s2_destroy(&s2);
		model_quiet();
	}
	if (model_pages() != 0)
		check_failed(__FILE__, __LINE__, "pages left");
}

static struct tasks tasks = { .begin = set_up, .run = { task_0, task_1 }, .end = judge };

static u64 explore(const struct operation *a, const struct operation *b, unsigned int bound)
{
	pair[0] = a;
	pair[1] = b;
	tasks.executions = 0;
	serial = true;
	for (unsigned int first = 0; first < 2; first++) {
		tasks_serial(&tasks, first);
		allowed[first] = seen;
	}
	serial = false;
	tasks_explore(&tasks, bound);
	return tasks.executions;
}

static const struct operation *named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	abort();
}

/* In a child, which ends with 1 when something is found. */
static bool found_without_lock(const char *a, const char *b, enum start s)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		lockless = true;
		start = s;
		if (!freopen("/dev/null", "w", stdout))
			_exit(2);
		explore(named(a), named(b), 2);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void all_pairs(unsigned int bound)
{
	u64 executions = 0;
	unsigned int pairs = 0;

	for (int hw = 0; hw < 2; hw++) {
		hardware = hw;
		for (int s = 0; s < STARTS; s++) {
			start = (enum start)s;
			for (size_t a = 0; a < ARRAY_SIZE(operations); a++)
				for (size_t b = a; b < ARRAY_SIZE(operations); b++, pairs++)
					executions +=
						explore(&operations[a], &operations[b], bound);
		}
		printf("ok %d - every pair, %s: %lu executions so far\n", hw + 1,
		       hw ? "hardware writes AF and dirty" : "software alone", executions);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *a, *b;
		enum start start;
	} unlocked[] = {
		{ "unmap", "fault", BESIDE }, { "map", "map", EMPTY },
		{ "split", "unmap", BLOCK },  { "destroy", "fault", EMPTY },
		{ "split", "relax", BLOCK },  { "unmap", "lookup", PAGE },
	};
	unsigned int bound = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 2;
	unsigned int n = 3;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%zu\n", 2 + ARRAY_SIZE(unlocked));
	all_pairs(bound);
	hardware = false;
	for (size_t i = 0; i < ARRAY_SIZE(unlocked); i++)
		printf("%sok %u - %s beside %s without the lock is found\n",
		       found_without_lock(unlocked[i].a, unlocked[i].b, unlocked[i].start) ? ""
											   : "not ",
		       n++, unlocked[i].a, unlocked[i].b);
	return 0;
}

void tap_out(const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
}

void tap_die(const char *file, int line, const char *what)
{
	printf("not ok - %s beside %s, %s, hardware %d, task %u first, switches at", pair[0]->name,
	       pair[1]->name, start_names[start], hardware, tasks.first);
	for (unsigned int i = 0; i < tasks.switches; i++)
		printf(" %lu", tasks.at[i]);
	printf(": %s:%d: %s\n", file, line, what);
	fflush(stdout);
	_exit(1);
}
