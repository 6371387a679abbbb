/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tree says of memory beyond where it is: NUMA nodes, their distances, how far DMA
 * reaches; and one case for each refusal.
 */
#include "fdt/machine.h"

#include "tests/harness/fdt_case.h"

/* ---- NUMA ---- */

static void nodes_of_memory_and_processors(void)
{
	start();
	expect_read();
	EXPECT_EQ(m.node_count, 1);
	EXPECT_EQ(m.bank_node[0], 0);
	SET_CELLS("/memory@40000000", "numa-node-id", 0);
	add_node("/", "memory@140000000");
	SET_LIST("/memory@140000000", "device_type", "memory");
	SET_CELLS("/memory@140000000", "reg", 1, 0x40000000, 0, 0x1000);
	SET_CELLS("/memory@140000000", "numa-node-id", 3);
	SET_CELLS("/cpus/cpu@1", "numa-node-id", 0, 2);
	expect_read();
	EXPECT_EQ(m.node_count, 4);
	/* They touch, and are of two nodes. */
	EXPECT_EQ(m.bank_count, 2);
	EXPECT_EQ(m.bank_node[0], 0);
	EXPECT_EQ(m.bank_node[1], 3);
	EXPECT_EQ(m.cpu_node[0], 0);
	EXPECT_EQ(m.cpu_node[1], 2);
	SET_CELLS("/memory@140000000", "numa-node-id", 0);
	SET_CELLS("/cpus/cpu@1", "numa-node-id", FDT_MAX_NODES - 1);
	expect_read();
	EXPECT_EQ(m.node_count, FDT_MAX_NODES);
	EXPECT_EQ(m.bank_count, 1);
}

static void nodes_that_are_none(void)
{
	start();
	SET_CELLS("/memory@40000000", "numa-node-id", FDT_MAX_NODES);
	expect_refused(ERR_FULL, "/memory@40000000: NUMA node 16; there may be 16");
	SET_CELLS("/memory@40000000", "numa-node-id", ~0u, ~0u);
	expect_refused(ERR_FULL,
		       "/memory@40000000: NUMA node 18446744073709551615; there may be 16");
	SET_CELLS("/memory@40000000", "numa-node-id", 0, 0, 0);
	expect_refused(ERR_FORMAT, "/memory@40000000: numa-node-id has 12 bytes, not 4 or 8");
	set_bytes("/memory@40000000", "numa-node-id", "", 0);
	expect_refused(ERR_FORMAT, "/memory@40000000: numa-node-id has 0 bytes, not 4 or 8");
	DELETE("/memory@40000000", "numa-node-id");
	SET_CELLS("/cpus/cpu@0", "numa-node-id", 77);
	expect_refused(ERR_FULL, "/cpus/cpu@0: NUMA node 77; there may be 16");
}

static void start_with_distances(void)
{
	start();
	add_node("/", "distance-map");
	SET_LIST("/distance-map", "compatible", "numa-distance-map-v1");
}

#define MATRIX(...) SET_CELLS("/distance-map", "distance-matrix", __VA_ARGS__)

static void distances_in_one_direction_or_two(void)
{
	start_with_distances();
	expect_read();
	EXPECT_EQ(m.distance[0][0], 0);
	MATRIX(0, 0, 10, 0, 1, 20, 1, 1, 10, 0, 15, 255);
	expect_read();
	EXPECT_EQ(m.distance[0][0], 10);
	EXPECT_EQ(m.distance[0][1], 20);
	EXPECT_EQ(m.distance[1][0], 20);
	EXPECT_EQ(m.distance[15][0], 255);
	EXPECT_EQ(m.distance[2][3], 0);
	MATRIX(0, 1, 20, 1, 0, 40);
	expect_read();
	EXPECT_EQ(m.distance[0][1], 20);
	EXPECT_EQ(m.distance[1][0], 40);
	set_bytes("/distance-map", "distance-matrix", "", 0);
	expect_read();
}

static void distances_that_are_none(void)
{
	start_with_distances();
	MATRIX(0, 1, 20, 1);
	expect_refused(ERR_FORMAT, "/distance-map: distance-matrix has 16 bytes, not triples");
	set_bytes("/distance-map", "distance-matrix", "\0", 1);
	expect_refused(ERR_FORMAT, "/distance-map: distance-matrix has 1 bytes, not triples");
	MATRIX(0, 16, 20);
	expect_refused(ERR_FULL, "/distance-map: NUMA nodes 0 and 16; there may be 16");
	MATRIX(~0u, 0, 20);
	expect_refused(ERR_FULL, "/distance-map: NUMA nodes 4294967295 and 0; there may be 16");
	MATRIX(0, 1, 20, 2, 3, 9);
	expect_refused(ERR_FORMAT, "/distance-map: 9 is no distance from node 2 to 3");
	MATRIX(0, 1, 256);
	expect_refused(ERR_FORMAT, "/distance-map: 256 is no distance from node 0 to 1");
	MATRIX(1, 1, 11);
	expect_refused(ERR_FORMAT, "/distance-map: 11 is no distance from node 1 to 1");
	/* What is switched off says nothing. */
	SET_LIST("/distance-map", "status", "disabled");
	expect_read();
}

/* ---- DMA ---- */

static const char bus[] = "/platform-bus@c000000";
static const char inner[] = "/platform-bus@c000000/bus@800000";

static void expect_reach(u64 last)
{
	expect_read();
	EXPECT_EQ(m.dma_last, last);
}

static void dma_reaches_the_nearest_end(void)
{
	start();
	expect_reach(~0UL);
	set_bytes(bus, "dma-ranges", NULL, 0);
	expect_reach(~0UL);
	/* The bus sees 1 GiB at its 0xc0000000; two ranges: the higher end counts. */
	SET_CELLS(bus, "dma-ranges", 0xc0000000, 0, 0x40000000, 0x3fffffff);
	expect_reach(0x7ffffffe);
	SET_CELLS(bus, "dma-ranges", 0, 0, 0x80000000, 0x1000, 0x1000, 0, 0x40000000, 0x1000);
	expect_reach(0x80000fff);
	/* Of two buses the one that reaches less; PCI's addresses have three cells. */
	SET_CELLS("/pcie@10000000", "dma-ranges", 0x2000000, 0, 0, 0, 0, 1, 0);
	expect_reach(0x80000fff);
	SET_CELLS("/pcie@10000000", "dma-ranges", 0x2000000, 0, 0, 0, 0, 0, 0x60000000);
	expect_reach(0x5fffffff);
	/* Ranges of no size reach nothing and limit nobody; so do those of a bus that is off. */
	SET_CELLS("/pcie@10000000", "dma-ranges", 0x2000000, 0, 0, 0, 0, 0, 0);
	expect_reach(0x80000fff);
	SET_LIST(bus, "status", "disabled");
	expect_reach(~0UL);
	/* The root's children count as the CPU does. */
	SET_CELLS("/", "dma-ranges", 1);
	expect_reach(~0UL);
	SET_LIST(bus, "status", "okay");
	SET_CELLS(bus, "dma-ranges", 0, ~0u, 0xfffff000, 0x1000);
	expect_reach(~0UL);
}

static void start_with_inner_bus(void)
{
	start();
	add_node(bus, "bus@800000");
	SET_CELLS(inner, "#address-cells", 1);
	SET_CELLS(inner, "#size-cells", 1);
	SET_CELLS(inner, "dma-ranges", 0, 0x1000, 0x10000);
}

static void dma_through_bus_after_bus(void)
{
	start_with_inner_bus();
	/* The outer bus says nothing, or that nothing changes. */
	expect_reach(0x10fff);
	set_bytes(bus, "dma-ranges", NULL, 0);
	expect_reach(0x10fff);
	SET_CELLS(bus, "dma-ranges", 0, 0, 0x40000000, 0x20000);
	expect_reach(0x40010fff);
	SET_CELLS(bus, "dma-ranges", 0, 0, 0x40000000, 0x11000);
	expect_reach(0x40010fff);
	SET_CELLS(bus, "dma-ranges", 0, 0, 0x40000000, 0x10fff);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/bus@800000: "
				   "0x1000 + 0x10000 is in no range of its bus");
}

static void dma_ranges_that_are_none(void)
{
	start();
	SET_CELLS(bus, "dma-ranges", 0, 0, 0x40000000);
	expect_refused(ERR_FORMAT,
		       "/platform-bus@c000000: dma-ranges has 12 bytes, not entries of 16");
	SET_CELLS(bus, "dma-ranges", 0, ~0u, 0xfffff000, 0x1001);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000: "
				   "0xfffffffffffff000 + 0x1001 leaves the address space");
	SET_CELLS(bus, "#size-cells", 3);
	SET_CELLS(bus, "dma-ranges", 0, 0, 0, 1, 0, 0);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000: dma-ranges do not fit into 64 bits");
	start_with_inner_bus();
	SET_CELLS(inner, "#address-cells", 0);
	SET_CELLS(inner, "#size-cells", 0);
	SET_CELLS(bus, "#address-cells", 0);
	DELETE(bus, "ranges");
	EXPECT_EQ(fdt_del_node(tree, node_of("/platform-bus@c000000/pl011@1000")), 0);
	expect_refused(ERR_FORMAT, "/platform-bus@c000000/bus@800000: "
				   "dma-ranges has 12 bytes, not entries of 0");
}

TESTS(T(nodes_of_memory_and_processors), T(nodes_that_are_none),
      T(distances_in_one_direction_or_two), T(distances_that_are_none),
      T(dma_reaches_the_nearest_end), T(dma_through_bus_after_bus), T(dma_ranges_that_are_none))
