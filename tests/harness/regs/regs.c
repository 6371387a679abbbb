/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers as words under names.
 * 1. A name stands for one register, however it is spelled; each CPU has its own.
 * 2. Of the threads that are CPUs one runs, whose number is `now`; it changes in regs_yield() and
 *    when a program ends, under the mutex.
 */
#include "tests/harness/regs/regs.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/dev/gic.h"
#include "hyp/vm/sysreg_table.h"
#include "include/check.h"

enum { REGISTERS = 512, NAME = 32, GICR_ISACTIVER = 0x10300, GICR_ICACTIVER = 0x10380 };

#define GICR_BASE 0x100000000UL
#define GICR_SHIFT 20

struct word {
	char name[NAME];
	u64 value;
};

static struct word words[REGS_CPUS][REGISTERS];
static u32 count[REGS_CPUS], now;

void (*regs_seen)(const char *name, u64 value, bool write);
u64 regs_time, regs_fp[REGS_CPUS];
u32 regs_active[REGS_CPUS], regs_sgis[REGS_CPUS], regs_vmalle1[REGS_CPUS], regs_iallu[REGS_CPUS];
u32 regs_log_lines;

/* The name in the table of what guests may name; else the spelling itself. */
static const char *canonical(const char *name)
{
	unsigned int op0, op1, crn, crm, op2;
	const struct sysreg *r;

	if (sscanf(name, "S%u_%u_C%u_C%u_%u", &op0, &op1, &crn, &crm, &op2) != 5)
		return name;
	r = sysreg_find(SYS_KEY(op0, op1, crn, crm, op2));
	return r && op1 != 4 && r->rule == SYSREG_GUEST && strncmp(r->name, "ICC_", 4) != 0
		       ? r->name
		       : name;
}

u64 *regs_at(const char *name)
{
	const char *is = canonical(name);
	u32 n = 0;

	while (n < count[now] && strcasecmp(words[now][n].name, is) != 0)
		n++;
	if (n == count[now]) {
		CHECK(n < REGISTERS && strlen(is) < NAME);
		strcpy(words[now][n].name, is);
		words[now][n].value = 0;
		count[now]++;
	}
	return &words[now][n].value;
}

/* ---- Registers that do more ------------------------------------------------------------------ */

static bool is(const char *name, const char *other)
{
	return strcasecmp(name, other) == 0;
}

/* PMXEV… is the one that PMSELR_EL0 names; …SET and …CLR are one register. */
static u64 *behind(const char *name)
{
	static const char *const sets[][3] = {
		{ "pmcntenset_el0", "pmcntenclr_el0", "PMCNTEN" },
		{ "pmintenset_el1", "pmintenclr_el1", "PMINTEN" },
		{ "pmovsset_el0", "pmovsclr_el0", "PMOVS" },
	};
	bool type = is(name, "pmxevtyper_el0");
	char banked[NAME];

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (is(name, sets[i][0]) || is(name, sets[i][1]))
			return regs_at(sets[i][2]);
	if (!type && !is(name, "pmxevcntr_el0"))
		return regs_at(name);
	snprintf(banked, sizeof(banked), "PMEV%s%lu_EL0", type ? "TYPER" : "CNTR",
		 *regs_at("PMSELR_EL0") & 0x1f);
	return regs_at(banked);
}

static u64 virtual_count(void)
{
	return regs_time - *regs_at("CNTVOFF_EL2");
}

static u64 timer_control(void)
{
	u64 ctl = *regs_at("CNTV_CTL_EL0") & ~CNT_CTL_ISTATUS;

	if ((ctl & CNT_CTL_ENABLE) && virtual_count() >= *regs_at("CNTV_CVAL_EL0"))
		ctl |= CNT_CTL_ISTATUS;
	return ctl;
}

u64 regs_read(const char *name)
{
	if (is(name, "cntpct_el0"))
		return regs_time;
	if (is(name, "cntvct_el0"))
		return virtual_count();
	if (is(name, "cntv_ctl_el0"))
		return timer_control();
	if (regs_seen)
		regs_seen(name, *behind(name), false);
	return *behind(name);
}

static void write_pmcr(u64 value)
{
	char name[NAME];
	u64 *pmcr = regs_at("PMCR_EL0");

	for (u32 n = 0; n < 31 && (value & PMCR_P); n++) {
		snprintf(name, sizeof(name), "PMEVCNTR%u_EL0", n);
		*regs_at(name) = 0;
	}
	if (value & PMCR_C)
		*regs_at("PMCCNTR_EL0") = 0;
	*pmcr = (*pmcr & PMCR_N) | (value & ~(PMCR_N | PMCR_P | PMCR_C));
}

/* ICC_SGI1R_EL1 by its number; Aff0 says which CPU. */
static void send_sgi(u64 value)
{
	for (u32 cpu = 0; cpu < REGS_CPUS; cpu++)
		if (value >> cpu & 1)
			regs_sgis[cpu] |= 1u << (value >> 24 & 15);
}

void regs_write(const char *name, u64 value)
{
	if (regs_seen)
		regs_seen(name, value, true);
	if (is(name, "pmcr_el0"))
		write_pmcr(value);
	else if (is(name, "pmcntenclr_el0") || is(name, "pmintenclr_el1") ||
		 is(name, "pmovsclr_el0"))
		*behind(name) &= ~value;
	else if (is(name, "pmcntenset_el0") || is(name, "pmintenset_el1") ||
		 is(name, "pmovsset_el0"))
		*behind(name) |= value;
	else if (is(name, "S3_0_C12_C11_5"))
		send_sgi(value);
	else if (is(name, "S3_0_C12_C11_1")) /* ICC_DIR_EL1 */
		regs_active[now] &= ~(1u << value);
	else
		*behind(name) = value;
}

void regs_note(const char *insn)
{
	regs_vmalle1[now] += strcmp(insn, "tlbi_vmalle1") == 0;
	regs_iallu[now] += strcmp(insn, "ic_iallu") == 0;
}

u64 regs_load(u64 address)
{
	(void)address;
	return 0;
}

void regs_store(u64 address, u64 value)
{
	u64 cpu = (address - GICR_BASE) >> GICR_SHIFT, at = address & BITS(GICR_SHIFT - 1, 0);

	CHECK(cpu == now);
	if (at == GICR_ISACTIVER)
		regs_active[cpu] |= (u32)value;
	if (at == GICR_ICACTIVER)
		regs_active[cpu] &= ~(u32)value;
}

/* ---- CPUs ------------------------------------------------------------------------------------ */

void regs_on(u32 cpu)
{
	now = cpu;
}

u32 regs_cpu(void)
{
	return now;
}

/* Every feature that is switched, but FEAT_FGT, with which TPIDR2_EL0 traps. */
static void identify(void)
{
	*regs_at("ID_AA64PFR0_EL1") = 1UL << 24 | 1UL << 28 | 1UL << 40 | 1UL << 44;
	*regs_at("ID_AA64PFR1_EL1") = 2UL << 8 | 1UL << 24;
	*regs_at("ID_AA64ISAR1_EL1") = 1UL << 8;
	*regs_at("ID_AA64MMFR1_EL1") = 1UL << 16 | 1UL << 40;
	*regs_at("ID_AA64DFR0_EL1") = 6 | 4UL << 8 | 5UL << 12 | 3UL << 20;
	*regs_at("PMCR_EL0") = put(PMCR_N, 6);
	*regs_at("ICH_VTR_EL2") = 3;
	*regs_at("CNTFRQ_EL0") = 62500000;
	*regs_at("MPIDR_EL1") = now;
}

void regs_reset(void)
{
	memset(count, 0, sizeof(count));
	memset(regs_active, 0, sizeof(regs_active));
	memset(regs_sgis, 0, sizeof(regs_sgis));
	memset(regs_vmalle1, 0, sizeof(regs_vmalle1));
	memset(regs_iallu, 0, sizeof(regs_iallu));
	memset(regs_fp, 0, sizeof(regs_fp));
	regs_seen = NULL;
	regs_time = 1000;
	regs_log_lines = 0;
	for (now = 0; now < REGS_CPUS; now++) {
		identify();
		memset(percpu_of(now), 0, sizeof(struct percpu));
		percpu_init(now);
		percpu()->gicr = GICR_BASE + ((u64)now << GICR_SHIFT);
	}
	now = 0;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static void (*const *programs)(void);
static u32 running, left, turns_left;
static bool ended[REGS_CPUS];
static _Thread_local u32 self;

static void wait_for_turn(void)
{
	while (now != self)
		pthread_cond_wait(&changed, &mutex);
}

static void next_turn(void)
{
	do
		now = (now + 1) % running;
	while (ended[now] && left);
	pthread_cond_broadcast(&changed);
}

/* One that has had too many turns is left where it waits, with those that wait for it. */
static void *cpu_thread(void *number)
{
	self = (u32)(u64)number;
	pthread_mutex_lock(&mutex);
	wait_for_turn();
	programs[self]();
	ended[self] = true;
	left--;
	next_turn();
	pthread_mutex_unlock(&mutex);
	return NULL;
}

bool regs_run(void (*const program[])(void), u32 cpus, u32 turns)
{
	pthread_t thread[REGS_CPUS];

	CHECK(cpus <= REGS_CPUS);
	programs = program;
	running = left = cpus;
	turns_left = turns;
	memset(ended, 0, sizeof(ended));
	pthread_mutex_lock(&mutex);
	now = 0;
	for (u64 i = 0; i < cpus; i++)
		CHECK(pthread_create(&thread[i], NULL, cpu_thread, (void *)i) == 0);
	while (left && turns_left)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	for (u32 i = 0; i < cpus && left == 0; i++)
		pthread_join(thread[i], NULL);
	running = 0;
	now = 0;
	return left == 0;
}

void regs_yield(void)
{
	if (!running)
		return;
	if (--turns_left == 0) {
		pthread_cond_broadcast(&changed);
		for (;;)
			pthread_cond_wait(&changed, &mutex);
	}
	next_turn();
	wait_for_turn();
}

void regs_wfi(void)
{
	regs_yield();
}
