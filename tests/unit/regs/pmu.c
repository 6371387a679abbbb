/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters: who has them (tf.pmu=direct) finds every one as it was left, on any CPU and with any
 * number of them; while nobody who has them is loaded, none counts, none is open, and nothing of
 * what was counted stands in a register.
 */
#include "hyp/vm/pmu.h"

#include <stdio.h>

#include "arch/sysreg.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

static u64 seed = 7;

struct counters {
	u64 fixed[8], counter[PMU_COUNTERS], type[PMU_COUNTERS];
};

/* What a guest writes: words, and those that others set and clear. */
static const char *const words[] = { "PMSELR_EL0", "PMCCFILTR_EL0", "PMCCNTR_EL0", "PMUSERENR_EL0",
				     "PMOVS",      "PMINTEN",       "PMCNTEN",     "PMCR_EL0" };

static u64 *banked(const char *what, u32 n)
{
	char name[32];

	snprintf(name, sizeof(name), "PMEV%s%u_EL0", what, n);
	return regs_at(name);
}

static void set_up(u32 count)
{
	vms_set_up(3, 1);
	vms[0].config.has_pmu = vms[1].config.has_pmu = true;
	for (u32 cpu = 0; cpu < REGS_CPUS; cpu++) {
		regs_on(cpu);
		*regs_at("PMCR_EL0") = put(PMCR_N, count);
	}
	regs_on(0);
}

static u64 number(u32 count)
{
	return put(PMCR_N, count);
}

/* Counts everywhere, with the counters on. */
static void fill(struct counters *c, u32 count)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		*regs_at(words[i]) = c->fixed[i] = tap_random(&seed) & 0xffffffff;
	*regs_at("PMSELR_EL0") = c->fixed[0] = count ? tap_random(&seed) % count : 31;
	*regs_at("PMCR_EL0") = c->fixed[7] = number(count) | PMCR_E | 0x40;
	for (u32 n = 0; n < count; n++) {
		*banked("CNTR", n) = c->counter[n] = tap_random(&seed);
		*banked("TYPER", n) = c->type[n] = tap_random(&seed);
	}
}

static bool has_all(const struct counters *c, u32 count)
{
	u32 wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (*regs_at(words[i]) != c->fixed[i]) {
			tap_note("%s is not what it was", words[i]);
			wrong++;
		}
	for (u32 n = 0; n < count; n++)
		wrong += *banked("CNTR", n) != c->counter[n] || *banked("TYPER", n) != c->type[n];
	return wrong == 0;
}

static bool is_open(void)
{
	return (regs_read("mdcr_el2") & (MDCR_TPM | MDCR_TPMCR)) != (MDCR_TPM | MDCR_TPMCR);
}

/* None counts, interrupts or has overflowed; EL0 has no door; what was counted is gone. */
static bool is_quiet(u32 count)
{
	bool quiet = *regs_at("PMCNTEN") == 0 && *regs_at("PMINTEN") == 0 &&
		     *regs_at("PMOVS") == 0 && *regs_at("PMUSERENR_EL0") == 0 &&
		     *regs_at("PMCCNTR_EL0") == 0 && !(*regs_at("PMCR_EL0") & PMCR_E);

	for (u32 n = 0; n < count; n++)
		quiet = quiet && *banked("CNTR", n) == 0;
	return quiet && !is_open();
}

static void for_any_number(void)
{
	static const u32 counts[] = { 0, 1, 6, 31 };
	static struct counters a, b;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		u32 n = counts[i];

		set_up(n);
		EXPECT(!is_open());
		vms_load(&vms[0].vcpu[0]);
		EXPECT(is_open());
		fill(&a, n);
		vms_load(&vms[2].vcpu[0]); /* who has none */
		EXPECT(is_quiet(n));
		vms_load(&vms[1].vcpu[0]);
		EXPECT(is_open());
		for (u32 k = 0; k < n; k++)
			EXPECT(*banked("CNTR", k) == 0 && *banked("TYPER", k) == 0);
		fill(&b, n);
		vms_load(&vms[0].vcpu[0]);
		EXPECT(has_all(&a, n));
		vms_load(NULL);
		EXPECT(is_quiet(n));
		regs_on(1);
		vms_load(&vms[1].vcpu[0]);
		EXPECT(has_all(&b, n));
	}
}

static u32 late;

/* Nothing is read or cleared while it counts: what is saved is of one moment. */
static void note(const char *name, u64 value, bool write)
{
	(void)value, (void)write;
	if (name[0] == 'p' && name[1] == 'm' && name[2] == 'x' &&
	    (*regs_at("PMCR_EL0") & PMCR_E) != 0)
		late++;
}

static void counts_at_no_time_between(void)
{
	static struct counters a;

	set_up(6);
	vms_load(&vms[0].vcpu[0]);
	fill(&a, 6);
	late = 0;
	regs_seen = note;
	vms_load(NULL);
	vms_load(&vms[0].vcpu[0]);
	regs_seen = NULL;
	EXPECT_EQ(late, 0);
	EXPECT(has_all(&a, 6));
}

/* EL2 keeps none for itself, and a CPU with another's kind has none. */
static void which_there_are(void)
{
	vms_set_up(1, 1);
	EXPECT_EQ(get(MDCR_HPMN, regs_read("mdcr_el2")), 6);
	EXPECT(pmu_exists());
	*regs_at("ID_AA64DFR0_EL1") = 0;
	EXPECT(!pmu_exists());
	*regs_at("ID_AA64DFR0_EL1") = 0xf00;
	EXPECT(!pmu_exists());
}

TESTS(T(for_any_number), T(counts_at_no_time_between), T(which_there_are))
