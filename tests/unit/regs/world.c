/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch: whatever a vCPU writes into a register that is its own (sysreg_table.c says
 * which are), nobody else reads, and it reads again, on any CPU, whoever ran in between.  Who is
 * being set up anew is not written into by who switches away from it.
 */
#include "hyp/vm/world.h"

#include <string.h>
#include <strings.h>

#include "arch/sysreg.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/sysreg_table.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

enum { MOST = 80 };

static u64 seed = 79;

/* In PSTATE, with FP, by another register, or only read. */
static const char *const elsewhere[] = {
	"SPSel", "PAN",  "UAO",  "NZCV",          "DAIF",     "DIT",
	"SSBS",  "FPCR", "FPSR", "CNTV_TVAL_EL0", "DISR_EL1",
};

/* And what the guest has in EL2's: its CPU interface, its SP_EL1, its DISR_EL1. */
static const char *const behind[] = {
	"SP_EL1", "ICH_VMCR_EL2", "ICH_AP0R0_EL2", "ICH_AP1R0_EL2", "S3_4_C12_C1_1",
};

static const char *own[MOST];
static u32 owns;

static void list_own(void)
{
	owns = 0;
	for (u32 i = 0; i < sysreg_count; i++) {
		const struct sysreg *r = &sysregs[i];
		bool here = r->rule == SYSREG_GUEST && r->access == SYSREG_RW &&
			    strncmp(r->name, "ICC_", 4) != 0;

		for (size_t k = 0; k < ARRAY_SIZE(elsewhere); k++)
			here = here && strcmp(r->name, elsewhere[k]) != 0;
		if (here)
			own[owns++] = r->name;
	}
	for (size_t k = 0; k < ARRAY_SIZE(behind); k++)
		own[owns++] = behind[k];
}

/* ---- What a vCPU has in registers ------------------------------------------------------------ */

static void set_up(void)
{
	vms_set_up(2, 2);
	list_own();
}

/* What a register keeps of what is written to it. */
static u64 kept(const char *name, u64 value)
{
	return strcmp(name, "CNTV_CTL_EL0") == 0 ? value & 3 : value;
}

static void fill(u64 value[MOST])
{
	for (u32 i = 0; i < owns; i++) {
		value[i] = kept(own[i], tap_random(&seed) | 1);
		*regs_at(own[i]) = value[i];
	}
}

static bool is_a_control(const char *name)
{
	return strcmp(name, "CNTV_CTL_EL0") == 0;
}

/* Every one of them as it was left. */
static bool has_all(const u64 value[MOST])
{
	u32 wrong = 0;

	for (u32 i = 0; i < owns; i++)
		if (*regs_at(own[i]) != value[i]) {
			tap_note("%s is not what it was", own[i]);
			wrong++;
		}
	return wrong == 0;
}

static bool has_none(const u64 value[MOST])
{
	u32 wrong = 0;

	for (u32 i = 0; i < owns; i++)
		if (*regs_at(own[i]) == value[i] && !is_a_control(own[i])) {
			tap_note("%s is another's", own[i]);
			wrong++;
		}
	return wrong == 0;
}

/* ---- What is in the machine ------------------------------------------------------------------ */

/* Three vCPUs of two VMs, on two CPUs, in every order. */
static void registers_are_ones_own(void)
{
	struct vcpu *const who[3] = { &vms[0].vcpu[0], &vms[0].vcpu[1], &vms[1].vcpu[0] };
	static u64 value[3][MOST];

	set_up();
	EXPECT(owns > 40);
	for (u32 i = 0; i < 3; i++) {
		vms_load(who[i]);
		for (u32 k = 0; k < i; k++)
			EXPECT(has_none(value[k]));
		fill(value[i]);
	}
	for (u32 step = 0; step < 60; step++) {
		u32 i = (u32)(tap_random(&seed) % 3);

		vms_load(NULL);
		regs_on(tap_random(&seed) % 2);
		vms_load(who[i]);
		EXPECT(has_all(value[i]));
		EXPECT_EQ(regs_read("vmpidr_el2"), who[i]->vmpidr);
		EXPECT_EQ(regs_read("vttbr_el2"), s2_vttbr(&who[i]->vm->s2));
		EXPECT(who[i]->loaded_on == regs_cpu() && percpu()->loaded == who[i]);
		fill(value[i]);
	}
}

/* What a CPU lacks is not touched: an access to it would be the end. */
static const char *const optional[][2] = {
	{ "ID_AA64ISAR1_EL1", "APIAKeyLo_EL1" },
	{ "ID_AA64PFR0_EL1", "S3_4_C12_C1_1" },
	{ "ID_AA64PFR1_EL1", "TPIDR2_EL0" },
};
static u32 lacks, touched;

static void note_touch(const char *name, u64 value, bool write)
{
	(void)value, (void)write;
	touched += strcmp(name, "S3_0_C2_C1_0") == 0 && (lacks & 1);
	touched += strcmp(name, "S3_4_C12_C1_1") == 0 && (lacks & 2);
	touched += strcmp(name, "S3_3_C13_C0_5") == 0 && (lacks & 4);
}

static void without_features(void)
{
	static u64 value[MOST];

	for (lacks = 0; lacks < 8; lacks++) {
		set_up();
		regs_seen = note_touch;
		touched = 0;
		for (u32 i = 0; i < ARRAY_SIZE(optional); i++)
			if (lacks >> i & 1)
				*regs_at(optional[i][0]) = 0;
		world_init();
		EXPECT_EQ((regs_read("hcr_el2") & (HCR_API | HCR_APK)) != 0, !(lacks & 1));
		EXPECT_EQ((regs_read("hcr_el2") & HCR_TERR) != 0, !(lacks & 2));
		vms_load(&vms[0].vcpu[0]);
		fill(value);
		vms_load(&vms[1].vcpu[0]);
		vms_load(&vms[0].vcpu[0]);
		EXPECT_EQ(touched, 0);
		for (u32 i = 0; i < ARRAY_SIZE(optional); i++)
			for (u32 k = 0; k < owns; k++)
				if (!(lacks >> i & 1) && strcmp(own[k], optional[i][1]) == 0)
					EXPECT_EQ(*regs_at(own[k]), value[k]);
	}
	regs_seen = NULL;
}

/* With fine-grained traps SME's TPIDR2_EL0 traps (HFGRTR_EL2.nTPIDR2 is 0), and is not switched. */
static void trapped_by_grain(void)
{
	set_up();
	*regs_at("ID_AA64MMFR0_EL1") = 1UL << 56;
	*regs_at("S3_4_C1_C1_4") = *regs_at("S3_4_C1_C1_5") = ~0UL;
	lacks = 4;
	touched = 0;
	world_init();
	EXPECT_EQ(*regs_at("S3_4_C1_C1_4") | *regs_at("S3_4_C1_C1_5"), 0);
	regs_seen = note_touch;
	vms_load(&vms[0].vcpu[0]);
	vms_load(&vms[1].vcpu[0]);
	EXPECT_EQ(touched, 0);
	regs_seen = NULL;
}

/* ---- How it is done -------------------------------------------------------------------------- */

static u64 empty;
static u32 mixed, toggled;

/* EL1's translation changes only while VTTBR_EL2 is the empty table; HCR_EL2 does not change. */
static void note_order(const char *name, u64 value, bool write)
{
	static const char *const walks[] = { "ttbr0_el1", "ttbr1_el1", "tcr_el1", "sctlr_el1",
					     "mair_el1" };

	for (size_t i = 0; i < ARRAY_SIZE(walks); i++)
		mixed += write && strcmp(name, walks[i]) == 0 && *regs_at("VTTBR_EL2") != empty;
	toggled += write && strcmp(name, "hcr_el2") == 0 && *regs_at("HCR_EL2") != value;
}

static void walks_never_mix(void)
{
	set_up();
	empty = regs_read("vttbr_el2");
	EXPECT_EQ(get(VTTBR_VMID, empty), 0);
	mixed = toggled = 0;
	regs_seen = note_order;
	for (u32 i = 0; i < 8; i++)
		vms_load(&vms[i % 2].vcpu[i / 2 % 2]);
	*regs_at("CNTV_CTL_EL0") = CNT_CTL_ENABLE; /* nor does a timer fire for nobody */
	vms_load(NULL);
	regs_seen = NULL;
	EXPECT_EQ(mixed, 0);
	EXPECT_EQ(toggled, 0);
	EXPECT_EQ(regs_read("vttbr_el2"), empty);
	EXPECT_EQ(regs_read("cntv_ctl_el0"), 0);
}

static void expect_flushes(u32 n)
{
	EXPECT_EQ(regs_vmalle1[regs_cpu()], n);
	EXPECT_EQ(regs_iallu[regs_cpu()], n);
}

/* What a sibling left in this CPU's TLB and I-cache goes, before the other runs; and only then. */
static void siblings(void)
{
	set_up();
	vms_load(&vms[0].vcpu[0]);
	vms_load(&vms[1].vcpu[0]);
	vms_load(&vms[0].vcpu[0]);
	expect_flushes(0);
	vms_load(&vms[0].vcpu[1]);
	expect_flushes(1);
	vms_load(&vms[1].vcpu[0]);
	vms_load(&vms[0].vcpu[0]);
	expect_flushes(2);
	vms_load(NULL);
	regs_on(1);
	vms_load(&vms[0].vcpu[1]);
	expect_flushes(0);
}

/* Waiting is seen in both forms, by whoever waits. */
static void waits_trap(void)
{
	set_up();
	vms_load(&vms[0].vcpu[0]);
	EXPECT_EQ(regs_read("hcr_el2") & (HCR_TWI | HCR_TWE), HCR_TWI | HCR_TWE);
}

/* A virtual SError that is pending goes with its vCPU. */
static void a_pending_serror(void)
{
	set_up();
	vms_load(&vms[0].vcpu[0]);
	*regs_at("HCR_EL2") |= HCR_VSE;
	vms_load(&vms[1].vcpu[0]);
	EXPECT(!(regs_read("hcr_el2") & HCR_VSE));
	vms_load(&vms[0].vcpu[0]);
	EXPECT(regs_read("hcr_el2") & HCR_VSE);
	*regs_at("HCR_EL2") &= ~HCR_VSE; /* it is taken */
	vms_load(&vms[0].vcpu[1]);
	vms_load(&vms[0].vcpu[0]);
	EXPECT(!(regs_read("hcr_el2") & HCR_VSE));
}

/* ---- FP -------------------------------------------------------------------------------------- */

static bool fp_traps(void)
{
	return (regs_read("cptr_el2") & CPTR_TFP) != 0;
}

/* The first use of FP traps; then its registers are there until somebody else's are. */
static u64 use_fp(struct vcpu *v)
{
	if (fp_traps()) {
		smp_lock(v->vm);
		world_fp_load(v);
		smp_unlock(v->vm);
	}
	EXPECT(!fp_traps());
	return regs_fp[regs_cpu()];
}

static void fp_is_ones_own(void)
{
	struct vcpu *a = &vms[0].vcpu[0], *b = &vms[1].vcpu[0];

	set_up();
	vms_load(a);
	EXPECT(fp_traps());
	EXPECT_EQ(use_fp(a), 0);
	regs_fp[0] = 0xa;
	vms_load(b);
	EXPECT(fp_traps()); /* what a left there b must not read */
	vms_load(a);
	EXPECT_EQ(use_fp(a), 0xa);
	vms_load(b);
	EXPECT_EQ(use_fp(b), 0);
	regs_fp[0] = 0xb;
	fp_claim(); /* EL2 itself, scrubbing */
	EXPECT(!fp_traps());
	regs_fp[0] = 0xe12;
	fp_release();
	EXPECT(fp_traps());
	EXPECT_EQ(use_fp(b), 0xb);
	vms_load(NULL);
	regs_on(1);
	vms_load(a);
	EXPECT_EQ(use_fp(a), 0xa);
	regs_fp[1] = 0xaa;
	vms_load(NULL); /* and nobody uses FP here before a goes on elsewhere */
	regs_on(2);
	vms_load(a);
	EXPECT_EQ(use_fp(a), 0xaa);
	vms_load(b);
	EXPECT_EQ(use_fp(b), 0xb);
}

/* ---- Set up anew ----------------------------------------------------------------------------- */

/*
 * A vCPU that is forgotten, here by an exit of its own, is set up anew while its registers are
 * still in the machine: nothing of them comes back when the CPU goes to somebody else.
 */
static void forgotten_is_forgotten(void)
{
	static u64 value[MOST];
	static struct vcpu fresh;
	struct vcpu *v = &vms[0].vcpu[0];
	struct runq_entry run;

	set_up();
	sched_init();
	vms_load(v);
	fill(value);
	use_fp(v);
	regs_fp[0] = 0xdead;
	smp_lock(v->vm);
	world_forget(v);
	EXPECT(percpu()->loaded == NULL && percpu()->fp_loaded == NULL);
	EXPECT_EQ(v->loaded_on, VCPU_NOWHERE);
	run = v->run;
	memset(v, 0, sizeof(*v));
	v->run = run;
	v->vm = &vms[0];
	v->loaded_on = VCPU_NOWHERE;
	memcpy(&fresh, v, sizeof(fresh));
	smp_unlock(v->vm);
	vms_load(&vms[1].vcpu[0]);
	use_fp(&vms[1].vcpu[0]);
	EXPECT(memcmp(&fresh, v, sizeof(fresh)) == 0);
	EXPECT(has_none(value));
	vms_load(v);
	EXPECT(has_none(value));
	EXPECT_EQ(use_fp(v), 0);
}

/* The console shows and changes registers of a vCPU that is loaded here as of any other. */
static void for_the_console(void)
{
	static u64 value[MOST];
	struct vcpu *v = &vms[0].vcpu[0];

	set_up();
	vms_load(v);
	fill(value);
	smp_lock(v->vm);
	world_save_el1(v);
	EXPECT_EQ(v->el1.ttbr0, *regs_at("TTBR0_EL1"));
	EXPECT_EQ(v->el1.par, *regs_at("PAR_EL1"));
	v->el1.par = 5;
	world_restore_el1(v);
	smp_unlock(v->vm);
	EXPECT_EQ(*regs_at("PAR_EL1"), 5);
}

TESTS(T(registers_are_ones_own), T(without_features), T(trapped_by_grain), T(walks_never_mix),
      T(siblings), T(waits_trap), T(a_pending_serror), T(fp_is_ones_own), T(forgotten_is_forgotten),
      T(for_the_console))
