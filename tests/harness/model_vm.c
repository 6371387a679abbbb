/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM by hand.
 */
#include "tests/harness/model_vm.h"

#include "tests/harness/tap.h"

struct model_vm vm;

u64 table_desc(const u64 *table)
{
	return model_pa(table).v | 3;
}

void model_vm_build(u64 vmid)
{
	vm.root = model_alloc(2);
	vm.middle = model_alloc(1);
	vm.pages = model_alloc(1);
	vm.vttbr = vmid << 48 | model_pa(vm.root).v;
	model_write(&vm.pages[0], PAGE0);
	model_write(&vm.pages[1], PAGE1);
	model_write(&vm.middle[0], table_desc(vm.pages));
	model_write(&vm.middle[1], BLOCK);
	model_write(&vm.root[0], table_desc(vm.middle));
	model_vm(REGS(vm.vttbr, VTCR));
	model_quiet();
}

void model_vm_begin(void)
{
	model_reset();
	model_hush(true);
	model_vm_build(1);
}

void invalidate(unsigned int steps, enum model_tlbi op, u64 ipa)
{
	u64 old = 0;

	if (steps & DSB1)
		model_dsb(MODEL_ISHST);
	if (steps & ENTER)
		old = model_vttbr_enter(vm.vttbr);
	if (steps & STAGE2)
		model_tlbi(op, op == MODEL_VMALLS12E1IS ? 0 : ipa >> 12);
	if (steps & DSB2)
		model_dsb(MODEL_ISH);
	if (steps & STAGE1)
		model_tlbi(MODEL_VMALLE1IS, 0);
	if (steps & DSB3)
		model_dsb(MODEL_ISH);
	if (steps & ISB)
		model_isb();
	if (steps & LEAVE)
		model_vttbr_leave(old);
}

enum model_rule broken(void (*run)(void))
{
	bool failed = check_expected(run);
	enum model_rule rule = model_broken();

	EXPECT(failed == (rule != MODEL_OK));
	return rule;
}
