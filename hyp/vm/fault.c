/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 aborts.
 * 1. RAM of the guest is taken and mapped; where this fails (guest_mem.h) the guest is ended.
 * 2. A device access is emulated once and the PC moved on once, or an external abort injected.
 * 3. What is valid by now is tried again: a neighbour may have mapped it meanwhile.
 * 4. What the dirty log made read-only is made writable, and stands in the log.
 * 5. Everything else is an exception in the guest, reported in words once; a repeat (same
 *    access, same address) is counted.
 */
#include "hyp/vm/fault.h"

#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/console/at.h"
#include "hyp/dev/print.h"
#include "hyp/mem/dirty.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/vm/abort.h"
#include "hyp/vm/device.h"
#include "hyp/vm/inject.h"
#include "hyp/vm/mmio.h"
#include "hyp/vm/smp.h"
#include "lib/fmt.h"

static bool is_ram(const struct vm *vm, ipa_t ipa)
{
	return ipa.v >= VM_RAM_BASE && ipa.v - VM_RAM_BASE < vm->config.mem;
}

static const char *region_name(const struct vm *vm, ipa_t ipa)
{
	return is_ram(vm, ipa) ? "ram" : device_place(vm, device_at(vm, ipa)).name;
}

/* What lies next to an address of this guest: the nearest ends below and above. */
static void print_neighbours(char *text, size_t size, const struct vm *vm, ipa_t ipa)
{
	struct device_place below = { "nothing", 0, 0 };
	struct device_place above = { "ram", VM_RAM_BASE, vm->config.mem };

	if (is_ram(vm, ipa)) {
		fmt(text, size, "in ram 0x%lx-0x%lx", VM_RAM_BASE,
		    VM_RAM_BASE + vm->config.mem - 1);
		return;
	}
	if (ipa.v > VM_RAM_BASE) {
		fmt(text, size, "below: ram up to 0x%lx, above: nothing",
		    VM_RAM_BASE + vm->config.mem - 1);
		return;
	}
	for (enum device d = 0; d < DEVICE_COUNT; d++) {
		struct device_place p = device_place(vm, d);

		if (p.size == 0)
			continue;
		if (p.base <= ipa.v && p.base + p.size > below.base + below.size)
			below = p;
		if (p.base > ipa.v && p.base < above.base)
			above = p;
	}
	if (below.size == 0)
		fmt(text, size, "below: nothing, above: %s 0x%lx", above.name, above.base);
	else
		fmt(text, size, "below: %s up to 0x%lx, above: %s 0x%lx", below.name,
		    below.base + below.size - 1, above.name, above.base);
}

static void print_level(char *text, size_t size, const struct abort *a)
{
	if (a->level == FSC_NO_LEVEL)
		fmt(text, size, "%s", esr_fsc_name(a->fsc));
	else
		fmt(text, size, "%s at level %d", esr_fsc_name(a->fsc), a->level);
}

static bool is_repeat(const struct vm_fault *f, const struct vcpu *v, ipa_t ipa)
{
	return f->count != 0 && f->esr == v->regs.esr && f->far == v->regs.far && f->ipa == ipa.v &&
	       f->pc == v->regs.pc;
}

/* The console is everybody's: a guest has so many lines of it and is counted after that. */
enum { REPORTS_MAX = 16 };

static void print_report(struct vm *vm, const char *rule)
{
	struct vm_fault *f = &vm->last_fault;

	if (f->printed == REPORTS_MAX)
		return;
	f->printed++;
	log_line("[%s] refused: %s; %s", vm->config.name, f->text, rule);
	if (f->printed == REPORTS_MAX)
		log_line("[%s] more of these are counted, not printed (vm show %s)",
			 vm->config.name, vm->config.name);
}

/* Says once who accessed what from where, how the walk ended, what is near, which rule it broke. */
static void report(struct vcpu *v, const struct abort *a, ipa_t ipa, const char *rule)
{
	struct vm *vm = v->vm;
	struct vm_fault *f = &vm->last_fault;
	char level[64], near[96];

	if (is_repeat(f, v, ipa)) {
		f->count++;
		f->repeats++;
		return;
	}
	print_level(level, sizeof(level), a);
	print_neighbours(near, sizeof(near), vm, ipa);
	f->count++;
	f->repeats = 0;
	f->esr = v->regs.esr;
	f->far = v->regs.far;
	f->ipa = ipa.v;
	f->pc = v->regs.pc;
	fmt(f->text, sizeof(f->text),
	    "%s of IPA 0x%lx (%s) by vcpu %u at PC 0x%lx, VA 0x%lx: %s; %s", abort_access_name(a),
	    ipa.v, region_name(vm, ipa), v->number, v->regs.pc, v->regs.far, level, near);
	print_report(vm, rule);
}

static void refuse(struct vcpu *v, const struct abort *a, ipa_t ipa, unsigned int fsc,
		   const char *rule)
{
	report(v, a, ipa, rule);
	v->vm->exits[EXIT_INJECTED]++;
	inject_abort(v, a->instruction, fsc, v->regs.far);
}

static void emulate(struct vcpu *v, const struct abort *a, enum device d, ipa_t ipa)
{
	struct mmio m;

	if (v->regs.esr & ISS_CM) { /* cache maintenance of a device register does nothing */
		regs_skip(&v->regs);
		return;
	}
	if (!mmio_decode(v->regs.esr, &m)) {
		refuse(v, a, ipa, FSC_EXTERNAL,
		       "a device takes single loads and stores of general registers only");
		return;
	}
	v->vm->exits[EXIT_MMIO]++;
	if (m.write && !device_write(v, d, ipa, m.size, mmio_store_value(&m, v->regs.x)))
		return; /* more of it when the guest comes again */
	if (!m.write)
		mmio_load_value(&m, v->regs.x, device_read(v, d, ipa, m.size));
	regs_skip(&v->regs);
}

/* It was promised so many frames, but they do not lie in rows as long as its granule. */
static void end_for_want(struct vcpu *v)
{
	struct vm *vm = v->vm;

	if (!smp_enter_all(v, SMP_TRAP))
		return;
	log_line("[%s] is stopped: the pool has no %lu KiB in a row left for it", vm->config.name,
		 s2_table_size(&vm->geo) >> 10);
	vm_stop(vm, VM_END_FAULT);
}

static void touch(struct vcpu *v, ipa_t ipa)
{
	v->vm->exits[EXIT_S2_FAULT]++;
	v->vm->s2_faults++;
	if (guest_mem_fault(v->vm, ipa) != OK)
		end_for_want(v);
}

static void resolve(struct vcpu *v, const struct abort *a, ipa_t ipa)
{
	enum device d;

	if (is_ram(v->vm, ipa)) {
		touch(v, ipa);
		return;
	}
	d = device_at(v->vm, ipa);
	if (d == DEVICE_NONE)
		refuse(v, a, ipa, FSC_EXTERNAL, "nothing is there");
	else if (a->walk || a->instruction)
		refuse(v, a, ipa, FSC_EXTERNAL, "a device holds neither code nor tables");
	else
		emulate(v, a, d, ipa);
}

/*
 * What the access wants of the leaf.  A stage-1 walk that may read and was refused wanted to write:
 * the flags of an entry.
 */
static u8 wanted(const struct abort *a)
{
	if (a->walk)
		return S2_R | S2_W;
	if (a->instruction)
		return S2_X;
	return a->write ? S2_W : S2_R;
}

/* Whether the entry that holds ipa allows by now what was asked. */
static bool is_allowed(const struct vm *vm, const struct abort *a, ipa_t ipa)
{
	struct s2_leaf leaf;
	u8 want = wanted(a);

	return s2_lookup(&vm->s2, ipa, &leaf) == OK &&
	       (s2_leaf_attr(&vm->s2, &leaf).perm & want) == want;
}

/* A write to a clean page of the dirty log, or what is allowed by now. */
static void permission(struct vcpu *v, const struct abort *a, ipa_t ipa)
{
	bool logged = (wanted(a) & S2_W) && v->vm->dirty.bits && dirty_write(v->vm, ipa) == OK;

	if (logged || is_allowed(v->vm, a, ipa))
		v->vm->exits[EXIT_S2_FAULT]++;
	else
		refuse(v, a, ipa, FSC_EXTERNAL, "its memory does not permit that");
}

static void access_flag(struct vcpu *v, const struct abort *a, ipa_t ipa)
{
	if (s2_mark_accessed(&v->vm->s2, ipa) == OK)
		v->vm->exits[EXIT_S2_FAULT]++;
	else
		resolve(v, a, ipa);
}

/*
 * The IPA: from HPFAR_EL2 where the manual says that it holds it, with the offset from FAR_EL2;
 * else by translating FAR_EL2 again.  False where the guest's stage 1 has changed meanwhile.
 */
static bool find_ipa(struct vcpu *v, const struct abort *a, ipa_t *ipa)
{
	u64 offset = a->walk ? 0 : v->regs.far & BITS(11, 0);

	if (!abort_hpfar_valid(a))
		return walk_find_ipa(v, mk_va(v->regs.far), ipa);
	*ipa = mk_ipa(get(HPFAR_FIPA, v->regs.hpfar) << 12 | offset);
	return true;
}

/*
 * The usual fault, by the short way: nothing is mapped there (levels 0 to 3), an access of any kind
 * but a stage-1 walk's.  HPFAR_EL2 holds the page then.
 */
static bool is_first_touch(const struct vcpu *v, ipa_t *ipa)
{
	if ((v->regs.esr & (ISS_S1PTW | BITS(5, 2))) != FSC_TRANSLATION_L0)
		return false;
	*ipa = mk_ipa(get(HPFAR_FIPA, v->regs.hpfar) << 12 | (v->regs.far & BITS(11, 0)));
	return is_ram(v->vm, *ipa);
}

static void handle(struct vcpu *v)
{
	struct abort a = abort_decode(v->regs.esr);
	enum abort_action action = abort_action(&a);
	ipa_t ipa = mk_ipa(0);

	if (action == ABORT_INVALIDATE) {
		s2_conflict(&v->vm->s2);
		v->vm->exits[EXIT_S2_FAULT]++;
		return;
	}
	if (!find_ipa(v, &a, &ipa)) {
		if (action == ABORT_PERMISSION || action == ABORT_ACCESS_FLAG)
			return; /* the guest's own tables have changed: it faults or goes on */
		ipa = mk_ipa(v->regs.far);
	}
	switch (action) {
	case ABORT_RESOLVE: resolve(v, &a, ipa); break;
	case ABORT_PERMISSION: permission(v, &a, ipa); break;
	case ABORT_ACCESS_FLAG: access_flag(v, &a, ipa); break;
	case ABORT_ALIGNMENT:
		refuse(v, &a, ipa, FSC_ALIGNMENT, "the access must be aligned");
		break;
	case ABORT_EXCLUSIVE:
		refuse(v, &a, ipa, FSC_EXCLUSIVE, "exclusives do not work on that memory");
		break;
	case ABORT_EXTERNAL: refuse(v, &a, ipa, FSC_EXTERNAL, "the machine cannot do that"); break;
	case ABORT_INVALIDATE: break;
	}
}

void fault_handle(struct vcpu *v)
{
	ipa_t ipa;

	if (likely(is_first_touch(v, &ipa)))
		touch(v, ipa);
	else
		handle(v);
}
