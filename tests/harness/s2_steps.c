/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine around the operations: VMs that come and go, what is judged at every step.
 */
#include "tests/harness/s2_steps.h"

#include "include/bits.h"
#include "lib/fmt.h"
#include "s2/fault.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"

enum { LIFE = 400 };

static struct steps_vm vms[STEPS_VMS];
struct steps_vm *steps_vm;
static u64 (*choose)(u64 n);
static enum steps_kind kind;
static u64 step, next_vmid, compare_every = 64;
static u64 operation;
static char wrong_text[160];
static bool wrong;

/* A guest on another CPU. */
static struct {
	u64 ipa, size;
	u64 points; /* of the operation, until the guest looks; 0: it does not */
} onlooker;

static const struct {
	void (*run)(void);
	const char *name;
} operations[] = {
	{ step_map, "map" },         { step_map, "map" },           { step_map, "map" },
	{ step_unmap, "unmap" },     { step_unmap, "unmap" },       { step_protect, "protect" },
	{ step_remap, "remap" },     { step_annotate, "annotate" }, { step_split, "split" },
	{ step_merge, "merge" },     { step_age, "age" },           { step_install, "install" },
	{ step_install, "install" }, { step_relax, "relax" },       { step_accessed, "accessed" },
	{ step_log, "log" },         { step_log, "log" },           { step_guest, "guest" },
	{ step_guest, "guest" },     { step_controls, "controls" }, { step_hint, "hint" },
};

u64 steps_below(u64 n)
{
	return choose(n);
}

const char *steps_wrong(void)
{
	return wrong ? wrong_text : NULL;
}

bool steps_may_hold(void)
{
	return kind != STEPS_4K;
}

void steps_fail(const char *what, u64 ipa)
{
	if (wrong)
		return;
	wrong = true;
	fmt(wrong_text, sizeof(wrong_text), "step %lu (%s): %s at ipa 0x%lx of vmid %u", step,
	    operations[operation].name, what, ipa, steps_vm ? steps_vm->vmid : 0);
}

struct steps_before steps_before(void)
{
	const struct s2 *s2 = &steps_vm->s2;
	u64 fail_at = steps_below(8) ? 0 : steps_below(6) + 1;

	model_fail_alloc(fail_at);
	return (struct steps_before){
		.s2 = *s2,
		.pages = model_pages(),
		.asked = model_allocations(),
		.tlbis = model_counts().tlbi,
		.may_fail = fail_at || s2->quota != MACHINE_QUOTA,
	};
}

void steps_judge(const struct steps_before *b, enum err e, enum err expected)
{
	const struct s2 *s2 = &steps_vm->s2;

	model_fail_alloc(0);
	onlooker.points = 0;
	model_quiet();
	if (e == ERR_NOMEM && expected == OK && b->may_fail)
		expected = ERR_NOMEM;
	if (e != expected)
		steps_fail(err_text(e), 0);
	if (e != OK &&
	    (s2->tables != b->s2.tables || s2->splits != b->s2.splits ||
	     s2->merges != b->s2.merges || s2->tlbis != b->s2.tlbis || model_pages() != b->pages))
		steps_fail("an error that changed something", 0);
	if (s2->tables > s2->quota)
		steps_fail("more tables than the quota", 0);
	if (s2->tlbis - b->s2.tlbis + s2->conflicts - b->s2.conflicts !=
	    model_counts().tlbi - b->tlbis)
		steps_fail("TLBIs issued that are not counted", 0);
}

void steps_judge_cost(const struct steps_before *b, enum err e, u64 cost)
{
	if (e == OK && cost != UNKNOWN_COST && model_allocations() - b->asked != cost)
		steps_fail("another cost than was foretold", model_allocations() - b->asked);
}

void steps_compare_around(u64 ipa, u64 size)
{
	u64 space = 1UL << steps_vm->s2.geo.ipa_bits;
	const u64 at[] = { ipa,
			   ipa - 1,
			   ipa + size - 1,
			   ipa + size,
			   ipa + size / 2,
			   ipa + steps_below(size | 1),
			   steps_below(space) };

	onlooker.points = 0; /* also where nothing was judged */
	model_hardware_rests(true);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		const char *same;

		if (at[i] >= space)
			continue;
		same = ref_compare_at(&steps_vm->ref, &steps_vm->s2, at[i]);
		if (!is_same(same))
			steps_fail(same, at[i]);
	}
	model_hardware_rests(false);
}

/* ---- A guest on another CPU ---- */

void steps_about(u64 ipa, u64 size)
{
	onlooker.ipa = ipa;
	onlooker.size = size;
}

/* Reads where the operation is at work, and answers a TLB conflict as EL2 does. */
static void look_on(void)
{
	unsigned int cpu = model_cpu_now();
	struct s2 *s2 = &steps_vm->s2;
	const u64 at[] = { 0, onlooker.size - 1, onlooker.size, onlooker.size / 2 };

	if (onlooker.points == 0 || --onlooker.points)
		return;
	model_cpu((cpu + 1) % STEPS_CPUS);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		u64 ipa = (onlooker.ipa + at[i]) & s2_last_ipa(&s2->geo);

		if (model_access(machine_regs(s2), ipa, false) == 0x30)
			s2_conflict(s2);
	}
	model_cpu(cpu);
}

/* ---- The dirty log ---- */

void steps_log_mark(u64 *bits, u64 ipa, u64 size)
{
	const struct s2_log *log = &steps_vm->log;
	unsigned int shift = steps_vm->s2.geo.granule_shift;
	u64 last = ipa + (size - 1);

	if (!steps_vm->ref.logged || last < log->first || ipa > log->last)
		return;
	for (u64 at = max_u64(ipa, log->first) >> shift; at <= min_u64(last, log->last) >> shift;
	     at++) {
		u64 bit = at - (log->first >> shift);

		bits[bit / 64] |= BIT(bit % 64);
	}
}

static void hardware_wrote(u16 vmid, u64 ipa, u64 size, u64 before, u64 after)
{
	struct steps_vm *old = steps_vm;

	for (int i = 0; i < STEPS_VMS; i++) {
		steps_vm = &vms[i];
		if (!steps_vm->alive || steps_vm->vmid != vmid)
			continue;
		ref_hardware(&steps_vm->ref, ipa, ipa + size - 1, ((before ^ after) & 0x80) != 0);
		if ((before ^ after) & 0x80) {
			steps_log_mark(steps_vm->must, ipa, size);
			steps_log_mark(steps_vm->may, ipa, size);
		}
	}
	steps_vm = old;
}

/* ---- VMs ---- */

static void start_vm(struct steps_vm *vm)
{
	struct s2_geometry g;

	vm->alive = false;
	vm->ref.n = 0;
	vm->ref.logged = false;
	vm->ref.full = false;
	vm->log = (struct s2_log){ .bits = NULL };
	steps_vm = vm;
	if (!steps_geometry(&g, kind))
		return;
	next_vmid = next_vmid % 250 + 1;
	vm->vmid = (u16)next_vmid;
	if (s2_init(&vm->s2, &g, vm->vmid, steps_below(4) ? MACHINE_QUOTA : (u32)steps_below(12)) !=
	    OK)
		return;
	vm->alive = true;
	vm->root_lock = vm->s2.root_pa.v;
	machine_add(&vm->s2);
	model_quiet();
}

static void compare(struct steps_vm *vm)
{
	u64 where;
	const char *same, *sound;

	model_hardware_rests(true);
	same = ref_compare(&vm->ref, &vm->s2, &where);
	sound = soundness(&vm->s2);
	model_hardware_rests(false);
	steps_vm = vm;
	if (!is_same(same))
		steps_fail(same, where);
	if (sound[0] != 's')
		steps_fail(sound, 0);
}

static void stop_vm(struct steps_vm *vm)
{
	u64 budget = steps_below(3) ? ~0UL : steps_below(4);

	steps_vm = vm;
	if (compare_every == 64 || steps_below(4) == 0)
		compare(vm);
	model_lock(vm->root_lock);
	while (!s2_destroy_some(&vm->s2, budget)) {
		model_quiet_dying();
		vm->alive = false;
	}
	vm->alive = false;
	model_quiet();
	model_unlock(vm->root_lock);
}

static void compare_all(void)
{
	u64 pages = 0;

	for (int i = 0; i < STEPS_VMS; i++) {
		const struct s2 *s2 = &vms[i].s2;

		if (!vms[i].alive)
			continue;
		compare(&vms[i]);
		pages += (s2->tables + (u64)s2->geo.root_pages) << (s2->geo.granule_shift - 12);
	}
	if (pages != model_pages())
		steps_fail("pages that nobody counts", pages);
}

void steps_begin(u64 (*choose_below)(u64 n), enum steps_kind k)
{
	choose = choose_below;
	kind = k;
	wrong = false;
	operation = 0;
	step = 0;
	next_vmid = 0;
	steps_machine(kind);
	model_on_hardware(hardware_wrote);
	model_hardware(steps_below(2) ? 8 : 0, steps_below(1UL << 30));
	for (int i = 0; i < STEPS_VMS; i++)
		vms[i].alive = false;
}

void steps_one(void)
{
	struct steps_vm *vm = &vms[steps_below(STEPS_VMS)];
	u64 loaded = steps_below(STEPS_VMS + 1);

	step++;
	model_cpu((unsigned int)steps_below(STEPS_CPUS));
	if (!vm->alive) {
		start_vm(vm);
		return;
	}
	if (steps_below(LIFE) == 0 || vm->ref.full) {
		stop_vm(vm);
		return;
	}
	steps_vm = vm;
	machine_load(loaded < STEPS_VMS && vms[loaded].alive ? &vms[loaded].s2 : NULL);
	model_lock(vm->root_lock);
	operation = steps_below(ARRAY_SIZE(operations));
	steps_about(0, 0);
	onlooker.points = steps_below(4) ? 0 : 1 + steps_below(40);
	model_on_point(look_on);
	operations[operation].run();
	model_on_point(NULL);
	model_unlock(vm->root_lock);
	machine_load(NULL);
	if (step % compare_every == 0)
		compare_all();
}

void steps_compare_every(u64 n)
{
	compare_every = n;
}

void steps_end(void)
{
	if (compare_every == 64)
		compare_all();
	for (int i = 0; i < STEPS_VMS; i++)
		if (vms[i].alive)
			stop_vm(&vms[i]);
	if (model_pages() != 0)
		steps_fail("pages left at the end", 0);
}
