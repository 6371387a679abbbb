/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor: pool, guests, interrupts, then whoever is to run.  It keeps true:
 * 1. a machine that cannot be is refused in words, with status 3, before a guest has run;
 * 2. all locks are held until the scheduler starts: other CPUs wait for them.
 */
#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/console/console.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/print.h"
#include "hyp/dev/rtc.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/firmware.h"
#include "hyp/vm/geometry.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/seed.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"
#include "lib/fmt.h"
#include "lib/str.h"

/* The status of a machine that was refused before anything ran. */
enum { STATUS_CANNOT_START = 3 };

static no_return void refuse(const char *what, const char *why)
{
	print("twofold: cannot start: %s%s\n", what, why);
	machine_exit(STATUS_CANNOT_START);
}

static void print_boot_table(void)
{
	print("  memory\n");
	for (u32 i = 0; i < pool_regions.count; i++) {
		const struct region *r = &pool_regions.region[i];
		char size[24];

		fmt_size(size, sizeof(size), r->range.size);
		print("    0x%010lx-0x%010lx %8s  %s\n", r->range.base.v,
		      r->range.base.v + r->range.size - 1, size, r->name);
	}
}

static void init_memory(const struct fdt_machine *m)
{
	char why[POOL_WHY];
	const char *reason;

	if (pool_init(m, mk_pa((u64)boot_info.tree), mk_pa((u64)image_start),
		      (u64)(image_end - image_start), why) != OK)
		refuse("memory: ", why);
	print_boot_table();
	pool_print();
	reason = geometry_init();
	if (reason)
		refuse("stage 2: ", reason);
	guest_mem_init();
}

static void init_interrupts(const struct fdt_machine *m)
{
	const char *why;

	if (m->gic_version != 3)
		refuse(m->gic_version == 2 ? "the machine has a GICv2" : "the machine has no GIC",
		       "; a GICv3 is needed (QEMU: -M virt,gic-version=3)");
	gic_init(m->gicd.base.v, m->gicr.base.v, m->gicr.size);
	why = gic_init_cpu();
	if (why)
		refuse("GIC: ", why);
	sched_init_cpu();
	gic_enable(m->uart_spi);
}

static void create_guests(const struct fdt_machine *m)
{
	char why[VM_WHY];

	if (vm_create_all(m, why) != OK)
		refuse("guests: ", why);
	smp_release(); /* and take the locks of the VMs there are now */
	smp_lock_all();
	for (u32 i = 0; i < vm_count; i++)
		if (vm_start(&vms[i], why) != OK)
			refuse("guest: ", why);
	if (vm_count == 0)
		print("no guests: the device tree names no kernel module (QEMU: -device "
		      "guest-loader; with -dtb FILE its nodes are not in the tree)\n");
}

void hyp_main(void)
{
	const struct fdt_machine *m = &boot_info.machine;
	const char *why;

	print("twofold at EL2, image at 0x%lx, tree at 0x%lx\n", (u64)image_start,
	      (u64)boot_info.tree);
	if (m->cpu_count > MAX_CPUS)
		refuse("the machine has more than 8 CPUs", " (QEMU: -smp 8)");
	why = seed_init();
	if (why)
		refuse("", why);
	sched_init();
	smp_lock_all();
	init_memory(m);
	init_interrupts(m);
	if (m->rtc.size)
		rtc_init(m->rtc.base.v);
	world_init();
	firmware_init_cpu();
	why = smp_start();
	if (why)
		refuse("", why);
	create_guests(m);
	console_init(strstr(m->args, "tf.exit-when-off") != NULL);
	sched_start();
}
