/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the first high instruction to the prompt.  The order matters: the tree names the UART,
 * the UART makes failures visible, and memory comes before everything that allocates.
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "fdt/machine.h"
#include "guest/boot/early.h"
#include "guest/boot/image.h"
#include "guest/dev/firmware.h"
#include "guest/kernel/args.h"
#include "guest/kernel/console.h"
#include "guest/kernel/pages.h"
#include "guest/kernel/panic.h"
#include "guest/kernel/shell.h"
#include "guest/kernel/test.h"
#include "guest/vm/demand.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"
#include "lib/fmt.h"

no_return void kernel_main(u64 tree, u64 image);

static struct fdt_machine machine;

/* "# " before each line keeps the banner out of a test run's results. */
static void print_range(const char *mark, const char *what, u64 base, u64 size)
{
	char text[24];

	fmt_size(text, sizeof(text), size);
	print("%s%-8s 0x%08lx 0x%08lx %s\n", mark, what, base, base + size, text);
}

static void print_below(const char *mark)
{
	u64 psci = (u64)firmware_call(PSCI_VERSION, 0, 0, 0);

	print("%sbelow    PSCI %lu.%lu by %s, ", mark, psci >> 16 & 0x7fff, psci & 0xffff,
	      machine.psci_smc ? "smc" : "hvc");
	if (firmware_has_hypervisor())
		print("Twofold ABI %d, VM %lu\n", TF_ABI_VERSION, firmware_vm_number());
	else
		print("not Twofold\n");
}

static void print_banner(const char *mark, u64 tree, u64 image)
{
	u32 i;

	print("%sTwofold's small guest, ABI %d, at EL%lu, MIDR 0x%08lx\n", mark, TF_ABI_VERSION,
	      get(CURRENT_EL, read_sysreg(CurrentEL)), read_sysreg(midr_el1));
	print_below(mark);
	for (i = 0; i < machine.bank_count; i++)
		print_range(mark, "ram", machine.banks[i].base.v, machine.banks[i].size);
	for (i = 0; i < machine.reserved_count; i++)
		print_range(mark, "reserved", machine.reserved[i].base.v, machine.reserved[i].size);
	print_range(mark, "image", image, (u64)(image_end - image_start));
	print_range(mark, "tree", tree, machine.tree_size);
	if (machine.initrd.size != 0)
		print_range(mark, "ramdisk", machine.initrd.base.v, machine.initrd.size);
	print_range(mark, "uart", machine.uart.base.v, machine.uart.size);
	pages_print(mark);
	print("%stables   %lu pages, linear map at 0x%lx\n", mark, space_table_count(),
	      LINEAR_BASE);
	print("%sargs     %s\n", mark, machine.args);
}

static void start(u64 tree)
{
	const void *t = linear_va(mk_pa(tree));
	char why[FDT_WHY];
	const char *what;
	enum err e;

	space_go_linear();
	if (early_tree_size() == 0)
		panic("no device tree at 0x%lx", tree);
	e = fdt_machine_read(t, early_tree_size(), &machine, why);
	if (e != OK)
		panic("device tree: %s", why);
	if (console_init(machine.uart.base, machine.uart.size) != OK)
		panic("no console");
	firmware_init(machine.psci_smc);
	e = pages_init(&machine, mk_pa(tree), &what);
	if (e != OK)
		panic("memory: %s: %s", what, err_text(e));
	e = demand_init();
	if (e != OK)
		panic("demand paging: %s", err_text(e));
}

void kernel_main(u64 tree, u64 image)
{
	struct arg a;

	start(tree);
	if (args_find(machine.args, "test", &a)) {
		test_plan();
		print_banner("# ", tree, image);
		test_run(machine.args);
		firmware_off();
	}
	print_banner("guest: ", tree, image);
	shell_run(machine.args);
}
