/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch.
 * 1. percpu()->loaded's registers are in the machine; everybody else's are in struct el1.
 * 2. While EL1's registers are changed, VTTBR_EL2 points to an empty table under VMID 0, so
 *    that no speculative walk mixes two guests (Cortex-A76 erratum 1165522 and its kin).
 * 3. percpu()->fp_loaded's FP registers are in the machine; it is NULL or the loaded vCPU.
 *    CPTR_EL2.TFP is clear exactly while they are, or EL2's between fp_claim() and fp_release().
 * 4. What a vCPU has of a CPU's optional features is switched by context.h, debug registers by
 *    debug.h, counters by pmu.h.  CNTVOFF_EL2 is the VM's: its virtual time (vtimer.h).
 * 5. HCR_EL2 is the same for every guest but for VSE, and FWB, which its stage 2 relies on: it
 *    stands before VTTBR_EL2 does.  Changing its bits costs a TLB flush on some machines.
 */
#include "hyp/vm/world.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"
#include "hyp/vm/context.h"
#include "hyp/vm/debug.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "include/check.h"

void fp_save(struct fp *fp);
void fp_restore(const struct fp *fp);

enum { EMPTY_BYTES = 65536 };

/* Room for the largest concatenated root. */
static u64 empty_root[EMPTY_BYTES / 8] aligned_to(EMPTY_BYTES);

#define HCR_EVERYWHERE                                                                             \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_INNER |      \
	 HCR_TWI | HCR_TWE | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_RW)

/* HCR_EL2 while a guest runs: every CPU has the same features. */
static u64 hcr_guest;

static void enable_fp_trap(bool trap)
{
	write_sysreg(cptr_el2, CPTR_RES1 | CPTR_TTA | CPTR_TAM | (trap ? CPTR_TFP : 0));
	isb();
}

static u64 debug_version(void)
{
	return read_sysreg(id_aa64dfr0_el1);
}

/* Performance counters, self-hosted trace, statistical profiling: not the guest's. */
static u64 mdcr_guest(void)
{
	u64 counters =
		get(BITS(11, 8), debug_version()) ? get(BITS(15, 11), read_sysreg(pmcr_el0)) : 0;

	return put(MDCR_HPMN, counters) | MDCR_TPM | MDCR_TPMCR | MDCR_TDA | MDCR_TDOSA |
	       MDCR_TDRA | MDCR_TPMS | MDCR_TTRF;
}

void world_init(void)
{
	hcr_guest = HCR_EVERYWHERE | context_init();
	write_sysreg(hcr_el2, hcr_guest);
	write_sysreg(mdcr_el2, mdcr_guest());
	debug_init();
	write_sysreg(cnthctl_el2, CNTHCTL_EL1PCTEN);
	write_sysreg(cntvoff_el2, 0);
	write_sysreg(vpidr_el2, read_sysreg(midr_el1));
	write_sysreg(hstr_el2, 0);
	vgic_cpu_init();
	write_sysreg(vttbr_el2, (u64)empty_root);
	enable_fp_trap(true);
	tlbi_alle1is();
	dsb_ish();
	isb();
}

static void save(struct el1 *r)
{
	r->sp_el0 = read_sysreg(sp_el0);
	r->sp_el1 = read_sysreg(sp_el1);
	r->elr = read_sysreg(elr_el1);
	r->spsr = read_sysreg(spsr_el1);
	r->sctlr = read_sysreg(sctlr_el1);
	r->cpacr = read_sysreg(cpacr_el1);
	r->ttbr0 = read_sysreg(ttbr0_el1);
	r->ttbr1 = read_sysreg(ttbr1_el1);
	r->tcr = read_sysreg(tcr_el1);
	r->mair = read_sysreg(mair_el1);
	r->amair = read_sysreg(amair_el1);
	r->vbar = read_sysreg(vbar_el1);
	r->esr = read_sysreg(esr_el1);
	r->far = read_sysreg(far_el1);
	r->afsr0 = read_sysreg(afsr0_el1);
	r->afsr1 = read_sysreg(afsr1_el1);
	r->par = read_sysreg(par_el1);
	r->contextidr = read_sysreg(contextidr_el1);
	r->csselr = read_sysreg(csselr_el1);
	r->tpidr_el0 = read_sysreg(tpidr_el0);
	r->tpidrro_el0 = read_sysreg(tpidrro_el0);
	r->tpidr_el1 = read_sysreg(tpidr_el1);
	r->cntkctl = read_sysreg(cntkctl_el1);
	r->cntv_ctl = read_sysreg(cntv_ctl_el0);
	r->cntv_cval = read_sysreg(cntv_cval_el0);
}

static void restore(const struct el1 *r)
{
	write_sysreg(sp_el0, r->sp_el0);
	write_sysreg(sp_el1, r->sp_el1);
	write_sysreg(elr_el1, r->elr);
	write_sysreg(spsr_el1, r->spsr);
	write_sysreg(sctlr_el1, r->sctlr);
	write_sysreg(cpacr_el1, r->cpacr);
	write_sysreg(ttbr0_el1, r->ttbr0);
	write_sysreg(ttbr1_el1, r->ttbr1);
	write_sysreg(tcr_el1, r->tcr);
	write_sysreg(mair_el1, r->mair);
	write_sysreg(amair_el1, r->amair);
	write_sysreg(vbar_el1, r->vbar);
	write_sysreg(esr_el1, r->esr);
	write_sysreg(far_el1, r->far);
	write_sysreg(afsr0_el1, r->afsr0);
	write_sysreg(afsr1_el1, r->afsr1);
	write_sysreg(par_el1, r->par);
	write_sysreg(contextidr_el1, r->contextidr);
	write_sysreg(csselr_el1, r->csselr);
	write_sysreg(tpidr_el0, r->tpidr_el0);
	write_sysreg(tpidrro_el0, r->tpidrro_el0);
	write_sysreg(tpidr_el1, r->tpidr_el1);
	write_sysreg(cntkctl_el1, r->cntkctl);
	write_sysreg(cntv_cval_el0, r->cntv_cval);
	write_sysreg(cntv_ctl_el0, r->cntv_ctl);
}

static void set_hcr(const struct vcpu *v)
{
	u64 hcr = read_sysreg(hcr_el2), want = hcr_guest;

	if (v)
		want |= v->vm->geo.hcr | (v->serror ? HCR_VSE : 0);
	else
		want |= hcr & HCR_FWB;
	if (hcr != want)
		write_sysreg(hcr_el2, want);
}

static void fp_save_owner(struct percpu *p)
{
	enable_fp_trap(false);
	if (p->fp_loaded)
		fp_save(&p->fp_loaded->fp);
	p->fp_loaded = NULL;
}

/* Everything of the loaded vCPU goes to memory, FP too: it may go on elsewhere. */
static void unload(struct percpu *p)
{
	struct vcpu *v = p->loaded;

	if (v->vm->config.has_pmu)
		pmu_unload(v);
	debug_unload(v);
	context_save(&v->context);
	save(&v->el1);
	vgic_cpu_unload(v);
	write_sysreg(cntv_ctl_el0, 0);
	v->serror = (read_sysreg(hcr_el2) & HCR_VSE) != 0;
	if (p->fp_loaded == v)
		fp_save_owner(p);
	write_sysreg(vttbr_el2, (u64)empty_root);
	isb();
	p->loaded = NULL;
	/* Another CPU may have waited for this (smp_unload()): v is no more ours. */
	__atomic_store_n(&v->loaded_on, VCPU_NOWHERE, __ATOMIC_RELEASE);
}

/*
 * A guest may keep translations that only one of its vCPUs has, under the VMID they share: what
 * another vCPU of the VM left in this CPU's TLB goes.  So do its instructions: fetches with stage 1
 * off may come from behind the point of unification, to which the guest has cleaned what it
 * patched, and would be found by the one whose stage 1 is on.
 */
static void forget_sibling(struct percpu *p, struct vcpu *v)
{
	u32 *last = &v->vm->last_vcpu[p->cpu];

	if (*last == v->number + 1)
		return;
	if (*last) {
		tlbi_vmalle1();
		ic_iallu();
		dsb_nsh();
		isb();
	}
	*last = v->number + 1;
}

/* Before a timer is on that goes by it. */
static void set_cntvoff(u64 want)
{
	if (read_sysreg(cntvoff_el2) != want)
		write_sysreg(cntvoff_el2, want);
}

static void load(struct percpu *p, struct vcpu *v)
{
	smp_unload(v);
	set_cntvoff(v->vm->cntvoff);
	write_sysreg(vmpidr_el2, v->vmpidr);
	write_sysreg(vtcr_el2, v->vm->s2.geo.vtcr);
	vgic_cpu_load(v);
	restore(&v->el1);
	context_restore(&v->context);
	debug_load(v);
	if (v->vm->config.has_pmu)
		pmu_load(v);
	set_hcr(v);
	isb();
	write_sysreg(vttbr_el2, s2_vttbr(&v->vm->s2));
	isb();
	v->loaded_on = p->cpu;
	p->loaded = v;
	forget_sibling(p, v);
}

void world_load(struct vcpu *v)
{
	struct percpu *p = percpu();

	if (p->loaded == v)
		return;
	if (p->loaded)
		unload(p);
	if (v)
		load(p, v);
	else
		set_hcr(NULL);
	enable_fp_trap(true);
}

void world_unload(struct vcpu *v)
{
	smp_unload(v);
	if (percpu()->loaded == v)
		world_load(NULL);
}

void world_save_el1(struct vcpu *v)
{
	smp_unload(v);
	if (percpu()->loaded == v)
		save(&v->el1);
}

void world_restore_el1(struct vcpu *v)
{
	if (percpu()->loaded == v) {
		restore(&v->el1);
		isb();
	}
}

void world_forget(struct vcpu *v)
{
	struct percpu *p = percpu();

	if (p->fp_loaded == v)
		p->fp_loaded = NULL;
	if (p->loaded == v)
		world_load(NULL);
	if (p->current == v)
		sched_put(v);
}

void world_fp_load(struct vcpu *v)
{
	struct percpu *p = percpu();

	CHECK(p->loaded == v);
	fp_save_owner(p);
	fp_restore(&v->fp);
	p->fp_loaded = v;
}

void fp_claim(void)
{
	fp_save_owner(percpu());
}

void fp_release(void)
{
	enable_fp_trap(true);
}
