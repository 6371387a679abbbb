/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt/: what fdt_guest_write() writes, fdt_machine_read() reads back, on both machines.  What
 * it refuses is tested on the host, in tests/unit/host/fdt_machine.c.
 */
#include "fdt/guest.h"
#include "fdt/machine.h"

#include "lib/fmt.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { ROOM = 8192, GUARD = 0xc5 };

static u8 tree[ROOM] aligned_to(8);
static struct fdt_machine m;
static char why[FDT_WHY];

static struct fdt_guest a_guest(void)
{
	return (struct fdt_guest){
		.ram_base = mk_ipa(0x40000000),
		.ram_size = 128UL << 20,
		.cpus = 1,
		.uart_base = mk_ipa(0x09000000),
		.uart_size = 0x1000,
		.uart_spi = 33,
		.rtc_base = mk_ipa(0x09010000),
		.rtc_size = 0x1000,
		.ramdisk = mk_ipa(0x44200000),
		.ramdisk_size = 12345,
		.args = "console=ttyAMA0 -- \"a,b\"",
		.seeded = true,
		.kaslr_seed = 0x0123456789abcdef,
	};
}

/* Writes and reads back; false, with a note, where either fails. */
static bool round_trip(const struct fdt_guest *g)
{
	size_t n = 0;
	enum err e = fdt_guest_write(tree, ROOM, g, &n);

	if (e == OK)
		e = fdt_machine_read(tree, n, &m, why);
	if (e != OK)
		tap_note("%s: %s", err_text(e), why);
	return e == OK && m.tree_size == n;
}

/* How often a text stands in the tree that was written last. */
static u32 count_text(const char *text)
{
	size_t n = strlen(text);
	u32 found = 0;

	for (size_t i = 0; i + n <= m.tree_size; i++)
		found += memcmp((const char *)tree + i, text, n) == 0;
	return found;
}

static void virtio_devices(void)
{
	struct fdt_guest g = a_guest();

	g.virtio_count = 2;
	g.virtio[0] = (struct fdt_virtio){ mk_ipa(0x0a000000), 0x200, 48 };
	g.virtio[1] = (struct fdt_virtio){ mk_ipa(0x0a000200), 0x200, 49 };
	EXPECT(round_trip(&g));
	EXPECT_EQ(count_text("virtio"), 0); /* their interrupts go nowhere without a GIC */
	g.gicd_base = mk_ipa(0x08000000);
	g.gicd_size = 0x10000;
	g.gicr_base = mk_ipa(0x080a0000);
	g.gicr_size = 0x20000;
	EXPECT(round_trip(&g));
	EXPECT_EQ(count_text("virtio_mmio@a000000"), 1);
	EXPECT_EQ(count_text("virtio_mmio@a000200"), 1);
	EXPECT_EQ(count_text("virtio,mmio"), 2);
	g.virtio_count = FDT_GUEST_VIRTIO + 1;
	EXPECT(!round_trip(&g));
}

static void reads_back_what_was_written(void)
{
	struct fdt_guest g = a_guest();

	EXPECT(round_trip(&g));
	EXPECT_EQ(m.bank_count, 1);
	EXPECT_EQ(m.banks[0].base.v, g.ram_base.v);
	EXPECT_EQ(m.banks[0].size, g.ram_size);
	EXPECT_EQ(m.reserved_count, 0);
	EXPECT_EQ(m.cpu_count, 1);
	EXPECT_EQ(m.cpu_mpidr[0], 0);
	EXPECT_EQ(m.gic_version, 0);
	EXPECT_EQ(m.uart.base.v, g.uart_base.v);
	EXPECT_EQ(m.uart.size, g.uart_size);
	EXPECT_EQ(m.uart_spi, 0);
	EXPECT_EQ(m.rtc.base.v, g.rtc_base.v);
	EXPECT_EQ(m.rtc.size, g.rtc_size);
	EXPECT_EQ(m.pcie_ecam.size, 0);
	EXPECT(!m.psci_smc);
	EXPECT_EQ(m.initrd.base.v, g.ramdisk.v);
	EXPECT_EQ(m.initrd.size, g.ramdisk_size);
	EXPECT_STR(m.args, g.args);
	EXPECT_EQ(m.module_count, 0);
}

static void a_bare_guest_has_no_more(void)
{
	struct fdt_guest g = a_guest();

	g.args = "";
	g.seeded = false;
	g.ramdisk_size = 0;
	g.rtc_size = 0;
	EXPECT(round_trip(&g));
	EXPECT_EQ(m.rtc.size, 0);
	EXPECT_STR(m.args, "");
	EXPECT_EQ(m.initrd.size, 0);
}

static void many_cpus(void)
{
	struct fdt_guest g = a_guest();
	size_t n = 7;

	g.cpus = FDT_GUEST_MAX_CPUS;
	EXPECT(round_trip(&g));
	EXPECT_EQ(m.cpu_count, FDT_GUEST_MAX_CPUS);
	EXPECT_EQ(m.cpu_mpidr[15], 15);
	EXPECT_EQ(m.cpu_mpidr[16], 0x100);
	EXPECT_EQ(m.cpu_mpidr[63], 0x30f);
	g.cpus++;
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_INVALID);
	g.cpus = 0;
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_INVALID);
	EXPECT_EQ(n, 7);
}

static void the_edges_of_the_address_space(void)
{
	struct fdt_guest g = a_guest();
	size_t n;

	g.ram_base = mk_ipa(0UL - 0x1000);
	g.ram_size = 0x1000;
	EXPECT(round_trip(&g));
	EXPECT_EQ(m.banks[0].base.v, g.ram_base.v);
	EXPECT_EQ(m.banks[0].size, 0x1000);
	g.ram_size = 0x1001;
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_RANGE);
	g.ram_size = 0;
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_RANGE);
	g = a_guest();
	g.uart_size = 0;
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_RANGE);
	g = a_guest();
	g.rtc_base = mk_ipa(0UL - 0xfff);
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_RANGE);
	g = a_guest();
	g.ramdisk = mk_ipa(0UL - 0x1000);
	g.ramdisk_size = 0xfff;
	EXPECT(round_trip(&g));
	g.ramdisk_size = 0x1000;
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), ERR_RANGE);
}

static void every_size_that_is_too_small(void)
{
	struct fdt_guest g = a_guest();
	size_t need = 0, n = 0;
	size_t first_fit = 0;

	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &need), OK);
	for (size_t size = 0; size <= need + 64; size++) {
		size_t touched = 0;
		enum err e;

		memset(tree, GUARD, ROOM);
		e = fdt_guest_write(tree, size, &g, &n);
		for (size_t i = size; i < ROOM; i++)
			touched += tree[i] != GUARD;
		EXPECT_EQ(touched, 0);
		EXPECT(e == OK || e == ERR_NOMEM);
		if (e == OK && !first_fit)
			first_fit = size;
		EXPECT_EQ(e == OK, first_fit != 0);
	}
	EXPECT(first_fit >= need);
	EXPECT_EQ(n, need);
}

static void every_limit_that_is_too_small(void)
{
	struct fdt_guest g = a_guest();
	size_t n = 0;

	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), OK);
	for (size_t limit = 0; limit < n; limit++)
		EXPECT_EQ(fdt_machine_read(tree, limit, &m, why), ERR_FORMAT);
	EXPECT(strncmp(why, "no device tree: ", 16) == 0);
	EXPECT_EQ(fdt_machine_read(tree, n, &m, why), OK);
	EXPECT_EQ(fdt_machine_read(tree, SIZE_MAX, &m, why), OK);
}

static void long_arguments(void)
{
	static char args[FDT_MAX_ARGS + 1];
	struct fdt_guest g = a_guest();
	size_t n = 0;

	memset(args, 'x', FDT_MAX_ARGS - 1);
	g.args = args;
	EXPECT(round_trip(&g));
	EXPECT_STR(m.args, args);
	args[FDT_MAX_ARGS - 1] = 'y';
	EXPECT_EQ(fdt_guest_write(tree, ROOM, &g, &n), OK);
	EXPECT_EQ(fdt_machine_read(tree, n, &m, why), ERR_FULL);
	EXPECT_STR(why, "/chosen: bootargs has 1024 characters, more than 1023");
}

TESTS(T(reads_back_what_was_written), T(virtio_devices), T(a_bare_guest_has_no_more), T(many_cpus),
      T(the_edges_of_the_address_space), T(every_size_that_is_too_small),
      T(every_limit_that_is_too_small), T(long_arguments))
