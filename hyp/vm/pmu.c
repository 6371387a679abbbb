/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters given to a guest.
 * 1. While no vCPU that has them is loaded, none counts, EL1 and EL0 are trapped (MDCR_EL2.TPM and
 *    TPMCR), and what a guest has counted stands in no register.
 * 2. EL2 keeps none for itself: MDCR_EL2.HPMN is always PMCR_EL0.N, HPMD is 0.
 */
#include "hyp/vm/pmu.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/vm/vcpu.h"

/* ID_AA64DFR0_EL1.PMUVer */
enum { PMU_NONE = 0, PMU_NOT_THE_ARCHITECTURES = 0xf };

bool pmu_exists(void)
{
	u64 version = get(BITS(11, 8), read_sysreg(id_aa64dfr0_el1));

	return version != PMU_NONE && version != PMU_NOT_THE_ARCHITECTURES;
}

static u32 count(void)
{
	return (u32)get(PMCR_N, read_sysreg(pmcr_el0));
}

static void select(u64 counter)
{
	write_sysreg(pmselr_el0, counter);
	isb();
}

void pmu_load(const struct vcpu *v)
{
	const struct pmu *p = &v->pmu;

	write_sysreg(mdcr_el2, read_sysreg(mdcr_el2) & ~(MDCR_TPM | MDCR_TPMCR));
	for (u32 i = 0; i < count(); i++) {
		select(i);
		write_sysreg(pmxevtyper_el0, p->evtyper[i]);
		write_sysreg(pmxevcntr_el0, p->evcntr[i]);
	}
	write_sysreg(pmselr_el0, p->selr);
	write_sysreg(pmccfiltr_el0, p->ccfiltr);
	write_sysreg(pmccntr_el0, p->ccntr);
	write_sysreg(pmuserenr_el0, p->userenr);
	write_sysreg(pmovsset_el0, p->ovsset);
	write_sysreg(pmintenset_el1, p->intenset);
	write_sysreg(pmcntenset_el0, p->cntenset);
	write_sysreg(pmcr_el0, p->pmcr);
	isb();
}

void pmu_unload(struct vcpu *v)
{
	struct pmu *p = &v->pmu;

	p->pmcr = read_sysreg(pmcr_el0);
	write_sysreg(pmcr_el0, p->pmcr & ~PMCR_E);
	isb();
	p->selr = read_sysreg(pmselr_el0);
	for (u32 i = 0; i < count(); i++) {
		select(i);
		p->evtyper[i] = read_sysreg(pmxevtyper_el0);
		p->evcntr[i] = read_sysreg(pmxevcntr_el0);
	}
	p->ccfiltr = read_sysreg(pmccfiltr_el0);
	p->ccntr = read_sysreg(pmccntr_el0);
	p->userenr = read_sysreg(pmuserenr_el0);
	p->ovsset = read_sysreg(pmovsset_el0);
	p->intenset = read_sysreg(pmintenset_el1);
	p->cntenset = read_sysreg(pmcntenset_el0);
	write_sysreg(pmcntenclr_el0, ~0U);
	write_sysreg(pmintenclr_el1, ~0U);
	write_sysreg(pmovsclr_el0, ~0U);
	write_sysreg(pmuserenr_el0, 0);
	write_sysreg(pmcr_el0, PMCR_P | PMCR_C);
	write_sysreg(mdcr_el2, read_sysreg(mdcr_el2) | MDCR_TPM | MDCR_TPMCR);
}
