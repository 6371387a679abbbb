/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the first C to the program: maps, tree, devices, each said by name when it is missing.
 * Runs with the MMU off until map_image() is done; nothing is locked before that.
 */
#include "hyp/boot/boot.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/panic.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/print.h"
#include "hyp/dev/uart.h"
#include "hyp/mem/el2_map.h"
#include "include/check.h"
#include "lib/str.h"

struct boot_info boot_info;

extern char stack_base_0[], stack_top_0[], emergency_stack_base[], emergency_stack_top[],
	image_bss_end[];

no_return void boot_wrong_el(u64 el);

/* The tree is big-endian. */
#define FDT_MAGIC_SWAPPED 0xedfe0dd0u

/* QEMU doubles what -dtb names, and gives 1 MiB otherwise. */
enum { TREE_MAX = 0x400000 };

/* A status the launcher can tell from a panic's 2. */
enum { STATUS_CANNOT_START = 3 };

static no_return void refuse(const char *why)
{
	print("twofold: cannot start: %s\n", why);
	machine_exit(STATUS_CANNOT_START);
}

/* start.S comes here when CurrentEL is not 2. */
void boot_wrong_el(u64 el)
{
	uart_init(UART_EARLY_BASE);
	print("twofold: entered at EL%lu; it runs at EL2 (QEMU: -M virt,virtualization=on%s)\n", el,
	      el == 3 ? ",secure=off" : "");
	machine_exit(STATUS_CANNOT_START);
}

static bool is_tree(u64 address)
{
	return address != 0 && is_aligned(address, 8) && *(const u32 *)address == FDT_MAGIC_SWAPPED;
}

static u64 tree_size(u64 address)
{
	return __builtin_bswap32(*(const u32 *)(address + 4));
}

/*
 * x0 holds the tree where a boot loader follows the protocol; QEMU loads an ELF with x0 = 0 and
 * the tree at the base of RAM, which is a multiple of 1 GiB below the image.
 */
static u64 find_tree(u64 x0)
{
	u64 ram = align_down((u64)image_start, BIT(30));

	if (is_tree(x0))
		return x0;
	if (x0 == 0 && is_tree(ram))
		return ram;
	refuse(x0 ? "x0 points to no device tree"
		  : "no device tree: x0 is 0 and there is none at the base of RAM (an ELF linked "
		    "below RAM base + 1 MiB gets none from QEMU)");
}

static void map_part(const char *from, const char *to, enum el2_kind kind)
{
	el2_map((u64)from, (u64)(to - from), kind);
}

/* .bss and .data are one part; of the stacks only the stacks, so that guards stay unmapped. */
static void map_image(void)
{
	map_part(image_start, image_text_end, EL2_TEXT);
	map_part(image_text_end, image_rodata_end, EL2_RODATA);
	map_part(image_data_start, image_bss_end, EL2_DATA);
	map_part(stack_base_0, stack_top_0, EL2_DATA);
	map_part(emergency_stack_base, emergency_stack_top, EL2_DATA);
}

static void read_tree(const void *tree)
{
	char why[FDT_WHY];

	boot_info.tree = tree;
	if (fdt_machine_read(tree, tree_size((u64)tree), &boot_info.machine, why) != OK) {
		print("twofold: device tree: %s\n", why);
		machine_exit(STATUS_CANNOT_START);
	}
}

/* The devices EL2 itself drives. */
static void map_devices(const struct fdt_machine *m)
{
	if (m->uart.size == 0)
		refuse("the device tree names no PL011");
	if (m->uart.base.v != UART_EARLY_BASE)
		el2_map(m->uart.base.v, m->uart.size, EL2_DEVICE);
	uart_init(m->uart.base.v);
	if (m->gic_version == 3) {
		el2_map(m->gicd.base.v, m->gicd.size, EL2_DEVICE);
		el2_map(m->gicr.base.v, m->gicr.size, EL2_DEVICE);
	}
}

void boot_main(u64 x0)
{
	u64 tree;

	uart_init(UART_EARLY_BASE);
	tree = find_tree(x0);
	if (tree_size(tree) > TREE_MAX)
		refuse("the device tree says it is larger than 4 MiB");
	map_image();
	el2_map(UART_EARLY_BASE, 4096, EL2_DEVICE);
	el2_map(tree, tree_size(tree), EL2_RODATA);
	el2_map_enable();
	write_sysreg(cptr_el2, CPTR_RES1);
	isb();
	read_tree((const void *)tree);
	map_devices(&boot_info.machine);
	hyp_main();
}

void boot_say_nonce(void)
{
	const char *nonce = strstr(boot_info.machine.args, "tf.nonce=");
	size_t n = 0;

	if (!nonce)
		return;
	nonce += strlen("tf.nonce=");
	while (nonce[n] && nonce[n] != ' ' && n < 64)
		n++;
	print("# nonce %.*s\n", (int)n, nonce);
}

void machine_exit(u32 status)
{
	uart_drain();
	semihosting_exit(status);
}
