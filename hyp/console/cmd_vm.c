/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm: list, and the changes of state.
 */
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/vm/vm.h"
#include "mm/page.h"

enum command_result cmd_vm_list(const struct args *a)
{
	(void)a;
	print("vm    name             state     memory   taken  vcpus  pc\n");
	for (u32 i = 0; i < vm_count; i++) {
		const struct vm *vm = &vms[i];

		print("vm%-3u %-16s %-8s %7s %7s  %5u  ", vm->number, vm->config.name,
		      vm_state_name(vm), size_text(vm->config.mem),
		      size_text(vm->taken * PAGE_SIZE), vm->config.cpus);
		if (vm->state == VM_STOPPED)
			print(".\n");
		else
			print("0x%lx\n", vm->vcpu[0].regs.pc);
	}
	return COMMAND_OK;
}

static enum command_result refused(const struct vm *vm, const char *what)
{
	return command_fail("%s is %s: it cannot be %s", vm->config.name, vm_state_name(vm), what);
}

enum command_result cmd_vm_pause(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm(a, 0, &vm))
		return COMMAND_FAILED;
	return vm_pause(vm) == OK ? COMMAND_OK : refused(vm, "paused");
}

enum command_result cmd_vm_resume(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm(a, 0, &vm))
		return COMMAND_FAILED;
	return vm_resume(vm) == OK ? COMMAND_OK : refused(vm, "resumed");
}

enum command_result cmd_vm_stop(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm(a, 0, &vm))
		return COMMAND_FAILED;
	if (vm->state == VM_STOPPED)
		return refused(vm, "stopped again");
	vm_stop(vm, VM_END_CONSOLE);
	return COMMAND_OK;
}

static enum command_result start(struct vm *vm)
{
	char why[VM_WHY];

	if (vm_start(vm, why) != OK)
		return command_fail("%s does not start: %s", vm->config.name, why);
	return COMMAND_OK;
}

enum command_result cmd_vm_start(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm(a, 0, &vm))
		return COMMAND_FAILED;
	return vm->state == VM_STOPPED ? start(vm) : refused(vm, "started");
}

enum command_result cmd_vm_reset(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm(a, 0, &vm))
		return COMMAND_FAILED;
	if (vm->state != VM_STOPPED)
		vm_stop(vm, VM_END_CONSOLE);
	return start(vm);
}
