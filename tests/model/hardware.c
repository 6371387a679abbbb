/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What hardware writes by itself: the access flag (VTCR_EL2.HA) and the dirty state (HD): S2AP[1]
 * of a leaf with DBM (D8.4.6, D8.4.7).  An update is one atomic step on the entry in memory; TLB
 * entries of the state before stay right for what they permit.
 */
#include "tests/model/state.h"

static u64 one_in, random_state;
static bool resting;
static void (*on_hardware)(u16 vmid, u64 ipa, u64 size, u64 before, u64 after);

void hardware_reset(void)
{
	one_in = 0;
	random_state = 1;
	resting = false;
	on_hardware = NULL;
}

void model_hardware(u64 n, u64 seed)
{
	one_in = n;
	random_state = seed | 1;
}

void model_hardware_rests(bool rests)
{
	resting = rests;
}

void model_on_hardware(void (*told)(u16 vmid, u64 ipa, u64 size, u64 before, u64 after))
{
	on_hardware = told;
}

u64 hardware_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dUL) >> 16;
}

static bool sets_access(const struct vm *vm)
{
	return vm->root.access || vm->late_access;
}

static bool sets_dirty(const struct vm *vm)
{
	return vm->root.dirty || vm->late_dirty;
}

bool hardware_may_write(const struct vm *vm, u64 desc, int level)
{
	if (!(desc & 1) || model_is_table(desc, level))
		return false;
	if (sets_access(vm) && !(desc & AF))
		return true;
	return sets_dirty(vm) && desc & DBM && !(desc & WRITE);
}

void hardware_sets(const struct vm *vm, u64 *entry, int level, u64 ipa, bool write)
{
	u64 before = *entry;
	u64 after = before;

	if (sets_access(vm))
		after |= AF;
	if (write && sets_dirty(vm) && before & DBM)
		after |= WRITE;
	if (after == before)
		return;
	*entry = after;
	history_add(EVENT_HARDWARE, before, after, ipa, model_entry_size(&vm->root, level));
	if (tracing)
		trace("hw %lx %lx", model_pa(entry).v, after);
	if (on_hardware)
		on_hardware(vm->root.vmid, ipa, model_entry_size(&vm->root, level), before, after);
}

void hardware_visits(const struct page *p, u64 *entry, u64 ipa)
{
	const struct vm *vm = &vms[p->vm];

	if (one_in == 0 || resting || !hardware_may_write(vm, *entry, p->level))
		return;
	if (hardware_random() % one_in == 0)
		hardware_sets(vm, entry, p->level, ipa, hardware_random() % 2);
}
