/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt_machine_read() on trees that are wrong: one case for every refusal, word by word.
 */
#include "fdt/machine.h"

#include "lib/fmt.h"
#include "tests/harness/fdt_case.h"

/* One property changed, and the words that must follow. */
struct refusal {
	const char *path, *name;
	const char *bytes;
	int n;
	const char *words;
};

#define TEXT(s) s, sizeof(s)
#define BYTES(s) s, sizeof(s) - 1
#define GONE NULL, DELETED

static const struct refusal refusals[] = {
	{ "/", "compatible", BYTES("abc"), "/: compatible is not a list of strings" },
	{ "/", "compatible", BYTES(""), "/: compatible is not a list of strings" },
	{ "/cpus/cpu@1", "device_type", BYTES("cpu"),
	  "/cpus/cpu@1: device_type is not a list of strings" },
	{ "/cpus/cpu@1", "status", BYTES("okay\0ok"), "/cpus/cpu@1: status is not a string" },
	{ "/cpus/cpu@1", "status", TEXT("okay\0ok"), "/cpus/cpu@1: status is not a string" },
	{ "/", "#address-cells", BYTES("\0\0\2"), "/: #address-cells has 3 bytes, not 4 or 8" },
	{ "/", "#size-cells", BYTES("\0\0\0\5"), "/: #size-cells is 5, more than 4" },
	{ "/", "#address-cells", BYTES("\377\377\377\377"),
	  "/: #address-cells is 4294967295, more than 4" },
	{ "/", "#address-cells", BYTES("\0\0\0\0"),
	  "/memory@40000000: has no place on a bus for reg" },
	{ "/", "compatible", TEXT("arm,pl011"), "/: has no reg" },
	{ "/", "device_type", TEXT("memory"), "/: has no reg" },
	{ "/", "interrupt-parent", BYTES("\0"), "/: interrupt-parent has 1 bytes, not 4 or 8" },

	{ "/memory@40000000", "reg", GONE, "/memory@40000000: has no reg" },
	{ "/memory@40000000", "reg", BYTES(""),
	  "/memory@40000000: reg has 0 bytes, not entries of 16" },
	{ "/memory@40000000", "reg", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  "/memory@40000000: reg has 20 bytes, not entries of 16" },
	{ "/memory@40000000", "reg", BYTES("\0\0\0\0\100\0\0\0\0\0\0\0\0\0\0\0"),
	  "the tree has no memory" },
	{ "/memory@40000000", "device_type", TEXT("menory"), "the tree has no memory" },
	{ "/memory@40000000", "reg", BYTES("\377\377\377\377\377\377\360\0\0\0\0\0\0\0\20\1"),
	  "/memory@40000000: 0xfffffffffffff000 + 0x1001 leaves the address space" },
	{ "/memory@40000000", "reg",
	  BYTES("\0\0\0\0\0\0\20\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0\37\377\0\0\0\0\0\0\0\1"),
	  "/memory@40000000: 0x1fff + 0x1 overlaps memory at 0x1000" },
	{ "/memory@40000000", "reg",
	  BYTES("\0\0\0\0\0\0\20\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\1"),
	  "/memory@40000000: 0x0 + 0x1001 overlaps memory at 0x1000" },
	{ "/", "#address-cells", BYTES("\0\0\0\3"),
	  "/memory@40000000: reg has 16 bytes, not entries of 20" },

	{ "/reserved-memory", "ranges", GONE,
	  "/reserved-memory/firmware@42000000: lies on a bus without ranges" },
	{ "/reserved-memory", "ranges", BYTES("\0\0\0\0"),
	  "/reserved-memory/firmware@42000000: its bus has ranges of 4 bytes, not entries of 24" },
	{ "/reserved-memory/firmware@42000000", "reg", BYTES("\1"),
	  "/reserved-memory/firmware@42000000: reg has 1 bytes, not entries of 16" },

	{ "/cpus/cpu@1", "reg", GONE, "/cpus/cpu@1: has no reg" },
	{ "/cpus/cpu@1", "reg", BYTES("\0\0\0\0"), "/cpus/cpu@1: a second cpu with reg 0x0" },
	{ "/cpus/cpu@1", "reg", BYTES("\1\0\0\0"),
	  "/cpus/cpu@1: reg 0x1000000 is no affinity of MPIDR" },
	{ "/psci", "method", TEXT("svc"), "/psci: method is neither \"smc\" nor \"hvc\"" },
	{ "/psci", "method", GONE, "/psci: method is neither \"smc\" nor \"hvc\"" },
	{ "/psci", "method", BYTES("smc"), "/psci: method is not a string" },

	{ "/intc@8000000", "reg", BYTES("\0\0\0\0\10\0\0\0\0\0\0\0\0\1\0\0"),
	  "/intc@8000000: reg has 1 entries, 2 are needed" },
	{ "/intc@8000000", "reg",
	  BYTES("\0\0\0\0\10\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\20\0\0\0\0\0\0\0\0\0\0\0"),
	  "/intc@8000000: reg entry 1 is empty" },
	{ "/pl011@9000000", "reg", BYTES("\0\0\0\0\11\0\0\0\0\0\0\0\0\0\0\0"),
	  "/pl011@9000000: reg entry 0 is empty" },
	{ "/pl011@9000000", "interrupts", BYTES("\0\0\0\0\0\0\0\1"),
	  "/pl011@9000000: interrupts has 8 bytes, not entries of 12" },
	{ "/pl011@9000000", "interrupts", BYTES(""),
	  "/pl011@9000000: interrupts has 0 bytes, not entries of 12" },
	{ "/pl011@9000000", "interrupts", BYTES("\0\0\0\1\0\0\0\1\0\0\0\4"),
	  "/pl011@9000000: interrupt 1 of kind 1 is no SPI" },
	{ "/pl011@9000000", "interrupts", BYTES("\0\0\0\0\0\0\3\334\0\0\0\4"),
	  "/pl011@9000000: interrupt 988 of kind 0 is no SPI" },
	{ "/pl011@9000000", "interrupt-parent", BYTES("\0\0\0\7"),
	  "/pl011@9000000: interrupt-parent 0x7 names no node" },
	{ "/pl011@9000000", "interrupt-parent", BYTES("\377\377\377\377"),
	  "/pl011@9000000: interrupt-parent 0xffffffff names no node" },

	{ "/pcie@10000000", "reg", GONE, "/pcie@10000000: has no reg" },
	{ "/pcie@10000000", "#address-cells", BYTES("\0\0\0\2"),
	  "/pcie@10000000: ranges has 56 bytes of 2, 2 and 2 cells" },
	{ "/pcie@10000000", "#size-cells", BYTES("\0\0\0\1"),
	  "/pcie@10000000: ranges has 56 bytes of 3, 2 and 1 cells" },
	{ "/pcie@10000000", "ranges", BYTES("\1\0\0\0"),
	  "/pcie@10000000: ranges has 4 bytes of 3, 2 and 2 cells" },
	{ "/pcie@10000000", "ranges",
	  BYTES("\1\0\0\0\0\0\0\0\0\0\0\0\377\377\377\377\377\377\0\0\0\0\0\0\0\1\0\1"),
	  "/pcie@10000000: 0xffffffffffff0000 + 0x10001 leaves the address space" },

	{ "/chosen", "bootargs", BYTES("abc"), "/chosen: bootargs is not a string" },
	{ "/chosen", "linux,initrd-start", BYTES("\0\0\0\1"),
	  "/chosen: only one of linux,initrd-start and -end" },
	{ "/chosen", "linux,initrd-end", BYTES("\0\0\0\1"),
	  "/chosen: only one of linux,initrd-start and -end" },
	{ "/chosen", "linux,initrd-start", BYTES("\1\2\3\4\5"),
	  "/chosen: linux,initrd-start has 5 bytes, not 4 or 8" },
	{ "/chosen", "stdout-path", BYTES("/pl011@9000000"),
	  "/chosen: stdout-path is not a string" },
	{ "/chosen", "stdout-path", TEXT("/no"), "/chosen: stdout-path \"/no\" names no node" },
	{ "/chosen", "stdout-path", TEXT("\33[2J"), "/chosen: stdout-path \"?[2J\" names no node" },
	{ "/chosen", "stdout-path", TEXT(""), "/chosen: stdout-path \"\" names no node" },
	{ "/chosen", "stdout-path", TEXT("serial1"),
	  "/chosen: stdout-path \"serial1\" names no node" },
	{ "/chosen/module@0x50000000", "reg", GONE, "/chosen/module@0x50000000: has no reg" },
	{ "/chosen/module@0x50000000", "reg", BYTES("\0\0\0\0\100\0\0\0\0\0\0\0\0\0\0\0"),
	  "/chosen/module@0x50000000: the module is empty" },
	{ "/chosen/module@0x50000000", "reg",
	  BYTES("\377\377\377\377\377\377\377\377\0\0\0\0\0\0\0\2"),
	  "/chosen/module@0x50000000: 0xffffffffffffffff + 0x2 leaves the address space" },
	{ "/chosen/module@0x50000000", "reg",
	  BYTES("\0\0\0\0\100\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\100\0\0\0\0\0\0\0\1\0\0\0"),
	  "/chosen/module@0x50000000: a module has one reg entry, not 2" },
	{ "/chosen/module@0x50000000", "compatible",
	  TEXT("multiboot,module\0multiboot,kernel\0multiboot,ramdisk"),
	  "/chosen/module@0x50000000: is both a kernel and a ramdisk" },
	{ "/chosen/module@0x50000000", "bootargs", TEXT("a\0b"),
	  "/chosen/module@0x50000000: bootargs is not a string" },

	{ "/platform-bus@c000000", "#address-cells", BYTES("\0\0\0\0"),
	  "/platform-bus@c000000/pl011@1000: has no place on a bus for reg" },
};

static void one_property_wrong(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *r = &refusals[i];

		start();
		/* The UART below the bus is only looked at where nothing precedes it. */
		if (strncmp(r->path, "/platform-bus", 13) == 0)
			SET_LIST("/chosen", "stdout-path", "/platform-bus@c000000/pl011@1000");
		set_bytes(r->path, r->name, r->bytes, r->n);
		expect_refused(ERR_FORMAT, r->words);
	}
}

/* A bus with addresses of `cells` cells and one UART, to which standard output goes. */
static void wide_bus(u32 cells)
{
	start();
	SET_CELLS("/platform-bus@c000000", "#address-cells", cells);
	SET_LIST("/chosen", "stdout-path", "/platform-bus@c000000/pl011@1000");
}

static void buses_that_lead_nowhere(void)
{
	static const char uart[] = "/platform-bus@c000000/pl011@1000";

	wide_bus(1);
	SET_CELLS("/platform-bus@c000000", "ranges", 0, ~0u, 0xfffff000, 0x2000000);
	SET_CELLS(uart, "reg", 0xf00, 0x1000);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/pl011@1000: "
				   "0xffffffffffffff00 + 0x1000 leaves the address space");
	wide_bus(1);
	SET_CELLS(uart, "reg", 0x2000000, 0x1000);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/pl011@1000: "
				   "0x2000000 + 0x1000 is in no range of its bus");
	wide_bus(1);
	SET_CELLS(uart, "reg", 0x1fff800, 0x1000);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/pl011@1000: "
				   "0x1fff800 + 0x1000 is in no range of its bus");
	wide_bus(1);
	SET_CELLS("/platform-bus@c000000", "ranges", 0x8000, 0, 0xc000000, 0x1000, 0);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/pl011@1000: "
				   "its bus has ranges of 20 bytes, not entries of 16");
	wide_bus(3);
	SET_CELLS(uart, "reg", 1, 0, 0x1000, 0x1000);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/pl011@1000: "
				   "reg entry 0 does not fit into 64 bits");
	wide_bus(3);
	SET_CELLS(uart, "reg", 0, 0, 0x1000, 0x1000);
	SET_CELLS("/platform-bus@c000000", "ranges", 1, 0, 0, 0, 0, 0x10000, 0, 0, 0, 0, 0xc000000,
		  0x10000);
	expect_read();
	expect_range(&m.uart, 0xc001000, 0x1000);
}

/* libfdt 1.6.1 recurses without end where an alias names an alias. */
static void aliases_that_are_no_paths(void)
{
	start();
	SET_LIST("/aliases", "serial0", "serial0");
	SET_LIST("/chosen", "stdout-path", "serial0");
	expect_refused(ERR_FORMAT, "/chosen: stdout-path \"serial0\" names no node");
	SET_LIST("/aliases", "serial0", "serial0/serial0");
	expect_refused(ERR_FORMAT, "/chosen: stdout-path \"serial0\" names no node");
	set_bytes("/aliases", "serial0", "/psci///", 8);
	expect_refused(ERR_FORMAT, "/chosen: stdout-path \"serial0\" names no node");
	set_bytes("/aliases", "serial0", NULL, 0);
	expect_refused(ERR_FORMAT, "/chosen: stdout-path \"serial0\" names no node");
}

static void an_initrd_that_ends_before_it_starts(void)
{
	start();
	SET_CELLS("/chosen", "linux,initrd-start", 2);
	SET_CELLS("/chosen", "linux,initrd-end", 1);
	expect_refused(ERR_FORMAT, "/chosen: initrd ends at 0x1, before its start 0x2");
	SET_CELLS("/chosen", "linux,initrd-end", 1, 2, 3);
	expect_refused(ERR_FORMAT, "/chosen: linux,initrd-end has 12 bytes, not 4 or 8");
}

static void a_reservation_that_leaves_the_space(void)
{
	start();
	EXPECT_EQ(fdt_add_mem_rsv(tree, ~0UL, 2), 0);
	expect_refused(ERR_FORMAT, "memory reservation 0xffffffffffffffff + 0x2 leaves the address "
				   "space");
}

/* Adds n nodes name0, name1, ... below parent, each with this property. */
static void add_many(const char *parent, const char *name, u32 n, const char *property,
		     const char *list, int list_size, u32 reg_cells)
{
	char path[64];

	for (u32 i = 0; i < n; i++) {
		u32 reg[4] = { 0 };

		reg[reg_cells == 1 ? 0 : 1] = 0x100 + (i & 0xff);
		if (reg_cells == 4)
			reg[3] = 1;
		fmt(path, sizeof(path), "%s%u", name, i);
		add_node(parent, path);
		fmt(path, sizeof(path), "%s/%s%u", parent, name, i);
		set_bytes(path, property, list, list_size);
		set_cells(path, "reg", reg_cells, reg);
	}
}

static void more_than_the_tables_hold(void)
{
	start();
	add_many("/cpus", "x", FDT_MAX_CPUS - 2, "device_type", TEXT("cpu"), 1);
	expect_read();
	EXPECT_EQ(m.cpu_count, FDT_MAX_CPUS);
	SET_CELLS("/cpus/x0", "reg", 0x20000);
	add_many("/cpus", "y", 1, "device_type", TEXT("cpu"), 1);
	expect_refused(ERR_FULL, "/cpus/cpu@1: more than 64 cpus");
	start();
	add_many("/chosen", "x", FDT_MAX_MODULES - 2, "compatible", TEXT("multiboot,module"), 4);
	expect_read();
	EXPECT_EQ(m.module_count, FDT_MAX_MODULES);
	add_many("/chosen", "y", 1, "compatible", TEXT("multiboot,module"), 4);
	expect_refused(ERR_FULL, "/chosen/module@0x50000000: more than 32 modules");
	start();
	add_many("/reserved-memory", "x", FDT_MAX_RESERVED - 2, "no-map", BYTES(""), 4);
	expect_read();
	EXPECT_EQ(m.reserved_count, FDT_MAX_RESERVED);
	EXPECT_EQ(fdt_add_mem_rsv(tree, 0x1000, 0), 0);
	expect_read();
	EXPECT_EQ(fdt_add_mem_rsv(tree, 0x1000, 1), 0);
	expect_refused(ERR_FULL,
		       "/reserved-memory/firmware@42000000: more than 32 reserved ranges");
}

static void a_tree_that_is_too_deep(void)
{
	int node;

	start();
	node = node_of("/psci");
	for (u32 i = 0; i < 30; i++)
		node = fdt_add_subnode(tree, node, "n");
	expect_read();
	EXPECT(fdt_add_subnode(tree, node, "last") >= 0);
	expect_refused(ERR_FULL, "/psci/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/n/"
				 "n/last: lies more than 32 levels deep");
}

static void a_path_that_is_too_long_to_tell(void)
{
	static const char name[] =
		"a-name-of-some-length-that-nobody-would-give-to-a-node-but-here";

	start();
	add_node("/cpus", name);
	SET_LIST("/cpus/a-name-of-some-length-that-nobody-would-give-to-a-node-but-here",
		 "device_type", "memory");
	add_node("/cpus/a-name-of-some-length-that-nobody-would-give-to-a-node-but-here",
		 "and-below");
	SET_LIST("/cpus/a-name-of-some-length-that-nobody-would-give-to-a-node-but-here",
		 "device_type", "none");
	SET_LIST("/cpus/a-name-of-some-length-that-nobody-would-give-to-a-node-but-here/and-below",
		 "device_type", "memory");
	expect_refused(ERR_FORMAT, ".../and-below: has no reg");
}

static void not_a_tree(void)
{
	static const struct {
		u32 offset, value;
		const char *words;
	} rows[] = {
		{ 0, 0xd00dfeee, "FDT_ERR_BADMAGIC" },   { 4, 0x7fffffff, "FDT_ERR_TRUNCATED" },
		{ 4, 0x10, "FDT_ERR_TRUNCATED" },        { 8, 0x7fffffff, "FDT_ERR_TRUNCATED" },
		{ 12, 0xfffffff0, "FDT_ERR_TRUNCATED" }, { 16, 8, "FDT_ERR_TRUNCATED" },
		{ 20, 1, "version 1 of a tree" },        { 24, 18, "FDT_ERR_BADVERSION" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start();
		fdt32_st(tree + rows[i].offset, rows[i].value);
		EXPECT_EQ(fdt_machine_read(tree, sizeof(tree), &m, why), ERR_FORMAT);
		if (!strstr(why, rows[i].words))
			tap_note("at %u: %s", rows[i].offset, why);
		EXPECT(strstr(why, rows[i].words) != NULL);
	}
	EXPECT_EQ(fdt_machine_read(tree + 4, sizeof(tree) - 4, &m, why), ERR_FORMAT);
	EXPECT(words_are_sound(why));
}

/* Up to 15 names are paths, up to 2 the size of strings is not told: not even libfdt is asked. */
static void versions_that_nobody_writes(void)
{
	char words[FDT_WHY];

	start();
	for (u32 version = 0; version <= 16; version++) {
		fdt_set_version(tree, version);
		fdt_set_last_comp_version(tree, version);
		EXPECT_EQ(fdt_machine_read(tree, sizeof(tree), &m, why), ERR_FORMAT);
		fmt(words, sizeof(words), "version %u of a tree is not known", version);
		EXPECT_STR(why, words);
	}
}

/* A root has no bus, whatever it claims to be. */
static void a_root_that_is_a_device(void)
{
	start();
	SET_LIST("/", "compatible", "pci-host-ecam-generic");
	SET_CELLS("/", "reg", 0, 0, 0, 1);
	expect_refused(ERR_FORMAT, "/: has no place on a bus for reg");
}

/* A tree whose two blocks, copied behind it, begin at these distances from 8 bytes. */
static enum err read_moved(u32 reservations, u32 structure)
{
	static u8 moved[3 * QEMU_TREE_MAX] aligned_to(8);
	u32 at = QEMU_TREE_MAX + reservations;

	EXPECT(qemu_tree(moved, QEMU_TREE_MAX) != 0);
	memcpy(moved + at, moved + fdt_off_mem_rsvmap(moved), 32);
	fdt_set_off_mem_rsvmap(moved, at);
	at = QEMU_TREE_MAX + 64 + structure;
	memcpy(moved + at, moved + fdt_off_dt_struct(moved), fdt_size_dt_struct(moved));
	fdt_set_off_dt_struct(moved, at);
	fdt_set_totalsize(moved, sizeof(moved));
	return fdt_machine_read(moved, sizeof(moved), &m, why);
}

static void blocks_that_are_not_aligned(void)
{
	EXPECT_EQ(read_moved(0, 0), OK);
	EXPECT_EQ(read_moved(0, 4), OK);
	EXPECT_EQ(m.module_count, 2);
	EXPECT_EQ(read_moved(4, 0), ERR_FORMAT);
	EXPECT_STR(why, "a block of the tree is not aligned");
	EXPECT_EQ(read_moved(0, 2), ERR_FORMAT);
	EXPECT_STR(why, "a block of the tree is not aligned");
}

TESTS(T(one_property_wrong), T(buses_that_lead_nowhere), T(aliases_that_are_no_paths),
      T(an_initrd_that_ends_before_it_starts), T(a_reservation_that_leaves_the_space),
      T(more_than_the_tables_hold), T(a_tree_that_is_too_deep), T(a_path_that_is_too_long_to_tell),
      T(not_a_tree), T(versions_that_nobody_writes), T(a_root_that_is_a_device),
      T(blocks_that_are_not_aligned))
