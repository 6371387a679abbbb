/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt_machine_read() on trees like QEMU's: what it says of them.
 */
#include "fdt/machine.h"

#include "tests/harness/fdt_case.h"

static void a_tree_like_qemus(void)
{
	start();
	expect_read();
	EXPECT(m.tree_size > 1000 && m.tree_size < fdt_totalsize(tree));
	EXPECT_EQ(m.bank_count, 1);
	expect_range(&m.banks[0], 0x40000000, 1UL << 32);
	EXPECT_EQ(m.reserved_count, 2);
	expect_range(&m.reserved[0], 0x43000000, 0x1000);
	expect_range(&m.reserved[1], 0x42000000, 0x100000);
	EXPECT_EQ(m.cpu_count, 2);
	EXPECT_EQ(m.cpu_mpidr[1], 1);
	EXPECT_EQ(m.gic_version, 3);
	expect_range(&m.gicd, 0x8000000, 0x10000);
	expect_range(&m.gicr, 0x80a0000, 0xf60000);
	expect_range(&m.uart, 0x9000000, 0x1000);
	EXPECT_EQ(m.uart_spi, 33);
	expect_range(&m.rtc, 0x9010000, 0x1000);
	expect_range(&m.pcie_ecam, 0x4010000000, 0x10000000);
	expect_range(&m.pcie_io, 0x3eff0000, 0x10000);
	EXPECT(m.psci_smc);
	EXPECT_EQ(m.initrd.size, 0);
	EXPECT_STR(m.args, "console=ttyAMA0");
	EXPECT_EQ(m.module_count, 2);
	expect_range(&m.modules[0].range, 0x50000000, 0x200000);
	EXPECT_EQ(m.modules[0].kind, FDT_MODULE_KERNEL);
	EXPECT_STR(m.modules[0].args, "tf.name=small -- quiet");
	expect_range(&m.modules[1].range, 0x60000000, 0x1000);
	EXPECT_EQ(m.modules[1].kind, FDT_MODULE_RAMDISK);
	EXPECT_STR(m.modules[1].args, "");
}

static void banks_are_sorted_and_joined(void)
{
	start();
	SET_CELLS("/memory@40000000", "reg", 1, 0, 0, 0x1000, 0, 0x40000000, 0, 0x1000, 0, 0, 0, 0,
		  0, 0x40002000, 0, 0x1000, 0, 0x7000, 0, 0);
	add_node("/", "memory@40001000");
	SET_LIST("/memory@40001000", "device_type", "memory");
	SET_CELLS("/memory@40001000", "reg", 0, 0x40001000, 0, 0x1000, 0, 0x1000, 0, 0x1000);
	expect_read();
	EXPECT_EQ(m.bank_count, 3);
	expect_range(&m.banks[0], 0x1000, 0x1000);
	expect_range(&m.banks[1], 0x40000000, 0x3000);
	expect_range(&m.banks[2], 0x100000000, 0x1000);
}

static void memory_up_to_the_end_of_the_space(void)
{
	start();
	SET_CELLS("/memory@40000000", "reg", ~0u, 0xfffff000, 0, 0x1000, 0, 0, 0, 0x1000);
	expect_read();
	EXPECT_EQ(m.bank_count, 2);
	expect_range(&m.banks[1], 0UL - 0x1000, 0x1000);
}

/* A table that is full takes another bank that joins two of it, and no other. */
static void a_full_table_of_banks(void)
{
	u32 cells[4 * (FDT_MAX_BANKS + 1)];
	u32 *last = &cells[4 * FDT_MAX_BANKS];

	start();
	for (u32 i = 0; i <= FDT_MAX_BANKS; i++) {
		cells[4 * i] = 0;
		cells[4 * i + 1] = 0x40000000 + i * 0x2000;
		cells[4 * i + 2] = 0;
		cells[4 * i + 3] = 0x1000;
	}
	set_cells("/memory@40000000", "reg", ARRAY_SIZE(cells), cells);
	expect_refused(ERR_FULL, "/memory@40000000: more than 16 banks of memory");
	last[1] = 0x40001000;
	set_cells("/memory@40000000", "reg", ARRAY_SIZE(cells), cells);
	expect_read();
	EXPECT_EQ(m.bank_count, FDT_MAX_BANKS - 1);
	expect_range(&m.banks[0], 0x40000000, 0x3000);
	expect_range(&m.banks[1], 0x40004000, 0x1000);
	last[1] = 0x3ffff000;
	set_cells("/memory@40000000", "reg", ARRAY_SIZE(cells), cells);
	expect_read();
	EXPECT_EQ(m.bank_count, FDT_MAX_BANKS);
	expect_range(&m.banks[0], 0x3ffff000, 0x2000);
}

static void cells_default_to_two_and_one(void)
{
	static const char *const others[] = {
		"/reserved-memory", "/pl011@9000000", "/platform-bus@c000000",
		"/pcie@10000000",   "/intc@8000000",  "/pl031@9010000",
		"/chosen",
	};

	start();
	DELETE("/", "#address-cells");
	DELETE("/", "#size-cells");
	SET_CELLS("/memory@40000000", "reg", 0, 0x40000000, 0x10000000);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EQ(fdt_del_node(tree, node_of(others[i])), 0);
	expect_read();
	expect_range(&m.banks[0], 0x40000000, 0x10000000);
	EXPECT_EQ(m.gic_version, 0);
	EXPECT_EQ(m.uart.size, 0);
	EXPECT_EQ(m.module_count, 0);
}

static void cells_of_chosen(void)
{
	start();
	SET_CELLS("/chosen", "#address-cells", 1);
	SET_CELLS("/chosen", "#size-cells", 1);
	SET_CELLS("/chosen/module@0x50000000", "reg", 0x50000000, 0x1000);
	SET_CELLS("/chosen/module@0x60000000", "reg", 0x60000000, 0x2000);
	SET_LIST("/chosen/module@0x60000000", "compatible", "xen,xsm-policy\0multiboot,module");
	expect_read();
	expect_range(&m.modules[0].range, 0x50000000, 0x1000);
	expect_range(&m.modules[1].range, 0x60000000, 0x2000);
	EXPECT_EQ(m.modules[1].kind, FDT_MODULE_OTHER);
}

static void disabled_nodes_are_passed_over(void)
{
	start();
	SET_LIST("/cpus/cpu@0", "status", "disabled");
	SET_LIST("/cpus/cpu@1", "status", "ok");
	SET_LIST("/pl011@9000000", "status", "fail-sss");
	SET_LIST("/intc@8000000", "status", "okay");
	SET_LIST("/chosen/module@0x60000000", "status", "disabled");
	expect_read();
	EXPECT_EQ(m.cpu_count, 1);
	EXPECT_EQ(m.cpu_mpidr[0], 1);
	EXPECT_EQ(m.module_count, 1);
	expect_range(&m.uart, 0xc001000, 0x1000);
	SET_LIST("/platform-bus@c000000", "status", "disabled");
	expect_read();
	EXPECT_EQ(m.uart.size, 0);
}

static void standard_output(void)
{
	static const struct {
		const char *text;
		u64 base;
	} rows[] = {
		{ "serial0", 0x9000000 },
		{ "serial0:115200n8", 0x9000000 },
		{ "/pl011@9000000:115200", 0x9000000 },
		{ "/platform-bus@c000000/pl011@1000", 0xc001000 },
		{ "bus:9600", 0xc001000 },
		{ "/cpus", 0x9000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start();
		SET_LIST("/aliases", "bus", "/platform-bus@c000000/pl011@1000");
		set_bytes("/chosen", "stdout-path", rows[i].text, (int)strlen(rows[i].text) + 1);
		expect_read();
		EXPECT_EQ(m.uart.base.v, rows[i].base);
		EXPECT_EQ(m.uart_spi, rows[i].base == 0x9000000 ? 33 : 40);
	}
	DELETE("/chosen", "stdout-path");
	expect_read();
	EXPECT_EQ(m.uart.base.v, 0x9000000);
}

static void interrupts_elsewhere_are_none(void)
{
	start();
	SET_CELLS("/cpus", "phandle", 0x77);
	SET_CELLS("/pl011@9000000", "interrupt-parent", 0x77);
	SET_CELLS("/pl011@9000000", "interrupts", 5);
	expect_read();
	EXPECT_EQ(m.uart_spi, 0);
	DELETE("/pl011@9000000", "interrupts");
	expect_read();
	EXPECT_EQ(m.uart_spi, 0);
}

static void the_older_gic(void)
{
	start();
	SET_LIST("/intc@8000000", "compatible", "arm,cortex-a15-gic");
	expect_read();
	EXPECT_EQ(m.gic_version, 2);
	expect_range(&m.gicd, 0x8000000, 0x10000);
	EXPECT_EQ(m.gicr.size, 0);
	SET_LIST("/intc@8000000", "compatible", "arm,gic-400");
	expect_read();
	EXPECT_EQ(m.gic_version, 2);
	SET_LIST("/psci", "method", "hvc");
	expect_read();
	EXPECT(!m.psci_smc);
}

/* A node that is added stands before those that were there. */
static void of_two_devices_the_first_counts(void)
{
	start();
	add_node("/", "gic@1");
	SET_LIST("/gic@1", "compatible", "arm,gic-400");
	SET_CELLS("/gic@1", "reg", 0, 0x1000000, 0, 0x1000);
	add_node("/", "pcie@2");
	SET_LIST("/pcie@2", "compatible", "pci-host-ecam-generic");
	SET_CELLS("/pcie@2", "reg", 0, 0x2000000, 0, 0x1000);
	add_node("/", "pl031@3");
	SET_LIST("/pl031@3", "compatible", "arm,pl031");
	SET_CELLS("/pl031@3", "reg", 0, 0x3000000, 0, 0x1000);
	expect_read();
	EXPECT_EQ(m.gic_version, 2);
	expect_range(&m.rtc, 0x3000000, 0x1000);
	expect_range(&m.gicd, 0x1000000, 0x1000);
	expect_range(&m.pcie_ecam, 0x2000000, 0x1000);
	EXPECT_EQ(m.pcie_io.size, 0);
}

static void windows_of_pcie(void)
{
	start();
	SET_CELLS("/pcie@10000000", "ranges", 0x3000000, 0x80, 0, 0x80, 0, 0x80, 0, 0x43000000, 0,
		  0, 0, 1, 0, 1, 0x1000000, 0, 0x100, 0, 0x3eff0000, 0, 0x8000);
	expect_read();
	expect_range(&m.pcie_io, 0x3eff0000, 0x8000);
	SET_CELLS("/pcie@10000000", "ranges", 0x3000000, 0x80, 0, 0x80, 0, 0x80, 0);
	expect_read();
	EXPECT_EQ(m.pcie_io.size, 0);
}

static void initrd_in_both_widths(void)
{
	start();
	SET_CELLS("/chosen", "linux,initrd-start", 0x48000000);
	SET_CELLS("/chosen", "linux,initrd-end", 0, 0x48001234);
	expect_read();
	expect_range(&m.initrd, 0x48000000, 0x1234);
	SET_CELLS("/chosen", "linux,initrd-start", 1, 0);
	SET_CELLS("/chosen", "linux,initrd-end", 1, 0);
	expect_read();
	EXPECT_EQ(m.initrd.size, 0);
}

static void buses_below_buses(void)
{
	start();
	add_node("/platform-bus@c000000", "bus@800000");
	SET_CELLS("/platform-bus@c000000/bus@800000", "#address-cells", 1);
	SET_CELLS("/platform-bus@c000000/bus@800000", "#size-cells", 1);
	SET_CELLS("/platform-bus@c000000/bus@800000", "ranges", 0xff, 0, 0, 0, 0x800000, 0x100000);
	add_node("/platform-bus@c000000/bus@800000", "pl011@2000");
	SET_LIST("/platform-bus@c000000/bus@800000/pl011@2000", "compatible", "arm,pl011");
	SET_CELLS("/platform-bus@c000000/bus@800000/pl011@2000", "reg", 0x2000, 0x1000);
	SET_LIST("/chosen", "stdout-path", "/platform-bus@c000000/bus@800000/pl011@2000");
	expect_read();
	expect_range(&m.uart, 0xc802000, 0x1000);
	SET_CELLS("/platform-bus@c000000/bus@800000/pl011@2000", "reg", 0xff000, 0x1000);
	expect_read();
	expect_range(&m.uart, 0xc8ff000, 0x1000);
	SET_CELLS("/platform-bus@c000000/bus@800000/pl011@2000", "reg", 0xff000, 0x1001);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/bus@800000/pl011@2000: "
				   "0xff000 + 0x1001 is in no range of its bus");
}

TESTS(T(a_tree_like_qemus), T(banks_are_sorted_and_joined), T(memory_up_to_the_end_of_the_space),
      T(a_full_table_of_banks), T(cells_default_to_two_and_one), T(cells_of_chosen),
      T(disabled_nodes_are_passed_over), T(standard_output), T(interrupts_elsewhere_are_none),
      T(the_older_gic), T(of_two_devices_the_first_counts), T(windows_of_pcie),
      T(initrd_in_both_widths), T(buses_below_buses))
