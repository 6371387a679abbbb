/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs: barriers, VTTBR_EL2, TLBI, locks, and what must be true when an operation returns.
 */
#include "tests/model/state.h"

enum { LOCKS = 32 };

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
static void (*on_point)(void);
static struct {
	u64 name;
	u8 cpu;
} locks[LOCKS];
static unsigned int locks_held;

void cpu_reset(void)
{
	for (unsigned int i = 0; i < MODEL_CPUS; i++)
		cpus[i] = (struct cpu){ .vttbr = 0 };
	current = 0;
	counts = (struct model_counts){ 0 };
	on_point = NULL;
	locks_held = 0;
}

void model_reset_at(u64 pa)
{
	history_reset();
	cpu_reset();
	tlb_reset();
	groups_reset();
	hardware_reset();
	tables_reset();
	memory_reset(pa);
	model_machine(5, 2UL << 4 | 1UL << 28, 0, 0);
}

void model_reset(void)
{
	model_reset_at(0x40000000);
}

void model_on_point(void (*point)(void))
{
	on_point = point;
}

void at_point(void)
{
	if (on_point)
		on_point();
}

unsigned int cpu_now(void)
{
	return current;
}

unsigned int model_cpu_now(void)
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
	if (tracing && cpus[current].vttbr != vttbr)
		trace("vttbr %lx", vttbr);
	cpus[current].vttbr = vttbr;
	history_add(EVENT_VTTBR, vttbr, 0, 0, 0);
}

struct model_counts model_counts(void)
{
	return counts;
}

void model_dsb(enum model_dsb kind)
{
	struct cpu *c;

	at_point();
	c = &cpus[current];
	history_add(EVENT_DSB, kind == MODEL_ISH, 0, 0, 0);
	trace("dsb %s", kind == MODEL_ISH ? "ish" : "ishst");
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
	trace("isb");
	counts.isb++;
	cpus[current].stale_context = false;
}

static const char *const op_names[] = {
	[MODEL_IPAS2E1IS] = "ipas2e1is",   [MODEL_IPAS2LE1IS] = "ipas2le1is",
	[MODEL_RIPAS2E1IS] = "ripas2e1is", [MODEL_RIPAS2LE1IS] = "ripas2le1is",
	[MODEL_VMALLE1IS] = "vmalle1is",   [MODEL_VMALLS12E1IS] = "vmalls12e1is",
	[MODEL_ALLE1IS] = "alle1is",       [MODEL_VMALLS12E1] = "vmalls12e1",
};

void model_tlbi(enum model_tlbi op, u64 xt)
{
	struct cpu *c;
	u16 vmid;
	const struct vm *vm;
	u64 first = 0;
	u64 last = ~0UL;
	int level = 0;

	at_point();
	c = &cpus[current];
	vmid = (u16)(c->vttbr >> 48);
	vm = vm_of(vmid);
	counts.tlbi++;
	c->issued++;
	if (op < MODEL_VMALLE1IS) {
		trace("tlbi %s %lx", op_names[op], xt);
		if (!vm || !model_tlbi_decode(&vm->root, op, xt, &first, &last, &level)) {
			history_add(EVENT_TLBI, op, xt, 0, 0);
			return; /* of nobody, or of another granule: nothing goes */
		}
	} else {
		trace("tlbi %s", op_names[op]);
	}
	history_add(EVENT_TLBI, op, xt, first, last - first + 1);
	tlb_invalidate(current, op, vmid, first, last, level);
}

u64 model_vttbr_enter(u64 vttbr)
{
	struct cpu *c = &cpus[current];

	if (c->entered)
		stop(MODEL_VTTBR, 0, "entered twice");
	c->entered = true;
	c->outer = c->vttbr;
	model_set_vttbr(vttbr);
	trace("isb");
	return c->outer;
}

void model_vttbr_leave(u64 old)
{
	struct cpu *c = &cpus[current];

	if (!c->entered || old != c->outer)
		stop(MODEL_VTTBR, 0, "left as it was not entered");
	c->entered = false;
	model_set_vttbr(old);
	trace("isb");
}

bool model_lock_is_held(u64 lock)
{
	for (unsigned int i = 0; i < locks_held; i++)
		if (locks[i].name == lock)
			return true;
	return false;
}

void model_lock(u64 lock)
{
	if (model_lock_is_held(lock) || locks_held == LOCKS)
		stop(MODEL_LOCK, 0, "a lock taken that somebody has");
	locks[locks_held].name = lock;
	locks[locks_held++].cpu = (u8)current;
	history_add(EVENT_LOCK, lock, 0, 0, 0);
	trace("lock %lx", lock);
}

void model_unlock(u64 lock)
{
	for (unsigned int i = 0; i < locks_held; i++) {
		if (locks[i].name != lock || locks[i].cpu != current)
			continue;
		locks[i] = locks[--locks_held];
		history_add(EVENT_UNLOCK, lock, 0, 0, 0);
		trace("unlock %lx", lock);
		return;
	}
	stop(MODEL_LOCK, 0, "a lock given back by who does not have it");
}

static void check_cpu(unsigned int i)
{
	const struct cpu *c = &cpus[i];

	if (c->entered)
		stop(MODEL_VTTBR, 0, "an operation returned with another VM's VTTBR");
	if (c->unseen)
		stop(MODEL_UNSEEN, 0, "an operation returned and a walk may not see its stores");
	if (c->issued)
		stop(MODEL_UNSEEN, 0, "an operation returned with a TLBI under way");
	if (c->stale_context)
		stop(MODEL_UNSYNCED, 0, "an operation returned without synchronizing this CPU");
}

static void check_stale(int storer)
{
	const struct held *h = tlb_stale(storer);

	if (h)
		stop(MODEL_STALE, h->ipa, "an operation returned and a TLB may hold an old entry");
}

void model_quiet_cpu(void)
{
	check_stale((int)current);
	check_cpu(current);
	if (pages_private((int)current) != 0)
		stop(MODEL_LEAK, 0, "an operation returned and a table belongs to nobody");
	history_add(EVENT_QUIET, 0, 0, 0, 0);
}

void model_quiet_dying(void)
{
	check_stale(-1);
	for (unsigned int i = 0; i < MODEL_CPUS; i++)
		check_cpu(i);
	groups_check();
	history_add(EVENT_QUIET, 0, 0, 0, 0);
}

void model_quiet(void)
{
	model_quiet_dying();
	if (pages_private(-1) != 0)
		stop(MODEL_LEAK, 0, "an operation returned and a table belongs to nobody");
}
