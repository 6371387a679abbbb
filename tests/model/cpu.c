/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs: barriers, VTTBR_EL2, and what must be true when an operation returns.
 */
#include "tests/model/state.h"

struct cpu {
	u64 vttbr;
	u64 unseen;         /* stores to reachable tables since the last DSB */
	u64 issued;         /* TLBIs since the last DSB ISH */
	bool stale_context; /* a DSB completed something since the last ISB */
	bool entered;       /* between enter and leave */
	u64 outer;          /* what leave must put back */
};

static struct cpu cpus[MODEL_CPUS];
static unsigned int current;
static struct model_counts counts;

void cpu_reset(void)
{
	for (unsigned int i = 0; i < MODEL_CPUS; i++)
		cpus[i] = (struct cpu){ .vttbr = 0 };
	current = 0;
	counts = (struct model_counts){ 0 };
}

void model_reset(void)
{
	history_reset();
	cpu_reset();
	tlb_reset();
	tables_reset();
	memory_reset();
}

unsigned int cpu_now(void)
{
	return current;
}

u64 cpu_vttbr(unsigned int cpu)
{
	return cpus[cpu].vttbr;
}

void cpu_stored(void)
{
	cpus[current].unseen++;
}

void model_cpu(unsigned int cpu)
{
	current = cpu % MODEL_CPUS;
}

void model_set_vttbr(u64 vttbr)
{
	cpus[current].vttbr = vttbr;
	history_add(EVENT_VTTBR, vttbr, 0, 0, 0);
}

struct model_counts model_counts(void)
{
	return counts;
}

void model_dsb(enum model_dsb kind)
{
	struct cpu *c = &cpus[current];

	history_add(EVENT_DSB, kind == MODEL_ISH, 0, 0, 0);
	counts.dsb++;
	c->stale_context |= c->unseen != 0;
	c->unseen = 0;
	tlb_drain(current);
	/* A TLBI is completed by a DSB that waits for loads and stores (D8.14.5). */
	if (kind != MODEL_ISH)
		return;
	c->stale_context |= c->issued != 0;
	c->issued = 0;
	tlb_complete(current);
}

void model_isb(void)
{
	history_add(EVENT_ISB, 0, 0, 0, 0);
	counts.isb++;
	cpus[current].stale_context = false;
}

/* Whether a VM that the model walks is current; of others it knows neither granule nor sizes. */
static bool is_known(u64 vttbr)
{
	for (unsigned int i = 0; i < VMS; i++)
		if (vms[i].used && vms[i].vttbr == vttbr)
			return true;
	return false;
}

/* Xt[36:0] is the base in pages, [43:39] NUM, [45:44] SCALE, [47:46] the granule (C5.5.60). */
static void decode_range(u64 xt, bool judged, u64 *ipa, u64 *size)
{
	u64 num = xt >> 39 & 31;
	u64 scale = xt >> 44 & 3;

	*ipa = (xt & 0x1fffffffffUL) << 12;
	*size = (num + 1) << (5 * scale + 1) << 12;
	if (judged && ((xt >> 46 & 3) != 1 || xt >> 48 != 0 || (xt >> 37 & 3) != 0))
		stop(MODEL_MALFORMED, *ipa, "a range TLBI whose operand is not one for 4 KiB");
}

void model_tlbi(enum model_tlbi op, u64 xt)
{
	struct cpu *c = &cpus[current];
	u64 ipa = (xt & 0xfffffffffUL) << 12; /* Xt[35:0] is IPA[47:12] (C5.5.14) */
	bool by_ipa = op == MODEL_IPAS2E1IS || op == MODEL_IPAS2LE1IS;
	bool by_range = op == MODEL_RIPAS2E1IS || op == MODEL_RIPAS2LE1IS;
	u64 size = by_ipa ? PAGE : 0;

	if (by_range)
		decode_range(xt, is_known(c->vttbr), &ipa, &size);
	history_add(EVENT_TLBI, op, xt, size ? ipa : 0, size);
	counts.tlbi++;
	c->issued++;
	if (by_ipa && xt >> 36 != 0 && is_known(c->vttbr))
		stop(MODEL_MALFORMED, ipa, "a TLBI operand with bits that are RES0");
	tlb_invalidate(current, op, (u16)(c->vttbr >> 48), ipa, size);
}

u64 model_vttbr_enter(u64 vttbr)
{
	struct cpu *c = &cpus[current];

	if (c->entered)
		stop(MODEL_VTTBR, 0, "entered twice");
	c->entered = true;
	c->outer = c->vttbr;
	model_set_vttbr(vttbr);
	return c->outer;
}

void model_vttbr_leave(u64 old)
{
	struct cpu *c = &cpus[current];

	if (!c->entered || old != c->outer)
		stop(MODEL_VTTBR, 0, "left as it was not entered");
	c->entered = false;
	model_set_vttbr(old);
}

static void check_cpu(const struct cpu *c)
{
	if (c->entered)
		stop(MODEL_VTTBR, 0, "an operation returned with another VM's VTTBR");
	if (c->unseen)
		stop(MODEL_UNSEEN, 0, "an operation returned and a walk may not see its stores");
	if (c->issued)
		stop(MODEL_UNSEEN, 0, "an operation returned with a TLBI under way");
	if (c->stale_context)
		stop(MODEL_UNSYNCED, 0, "an operation returned without synchronizing this CPU");
}

void model_quiet(void)
{
	u64 ipa;
	u16 vmid;

	if (!tlb_is_empty(&vmid, &ipa))
		stop(MODEL_STALE, ipa, "an operation returned and a TLB may hold an old entry");
	for (unsigned int i = 0; i < MODEL_CPUS; i++)
		check_cpu(&cpus[i]);
	if (pages_private() != 0)
		stop(MODEL_LEAK, 0, "an operation returned and a table belongs to nobody");
	history_add(EVENT_QUIET, 0, 0, 0, 0);
}
