/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem: nodes, zones, free blocks by order and mobility, per-CPU lists, indices.
 */
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/mem/pool.h"
#include "mm/pcp.h"

static void show_pool(void)
{
	u64 managed = mm_managed(&pool), free = pool_free();

	print("pool       %lu frames (%s): %lu free (%s), %lu used (%s)\n", managed,
	      size_text(managed * PAGE_SIZE), free, size_text(free * PAGE_SIZE), managed - free,
	      size_text((managed - free) * PAGE_SIZE));
	print("promised   %lu of the free frames (%s); %lu are anybody's\n", pool.promised,
	      size_text(pool.promised * PAGE_SIZE), pool_spare());
}

static void show_orders(const struct zone *z)
{
	static const char *const lists[ZONE_LISTS] = { "unmovable", "movable", "reclaimable",
						       "isolated" };
	u64 blocks[ZONE_LISTS];

	print("    %-11s", "order");
	for (unsigned int order = 0; order < ORDERS; order++)
		print("%6u", order);
	print("  2M blocks\n");
	zone_count_blocks(z, blocks);
	for (unsigned int list = 0; list < ZONE_LISTS; list++) {
		print("    %-11s", lists[list]);
		for (unsigned int order = 0; order < ORDERS; order++)
			print("%6u", z->area[order].count[list]);
		print("  %9lu\n", blocks[list]);
	}
	print("    unusable   ");
	for (unsigned int order = 0; order < ORDERS; order++)
		print("%2u.%03u", zone_unusable(z, order) / 1000, zone_unusable(z, order) % 1000);
	print("\n    fragmented ");
	for (unsigned int order = 0; order < ORDERS; order++)
		print("%6d", zone_fragmentation(z, order));
	print("\n");
}

static void show_zone(const struct zone *z)
{
	print("  %-8s [mem 0x%012lx-0x%012lx]  present %lu  managed %lu  free %lu\n",
	      zone_name(z->kind), z->start * PAGE_SIZE, z->end * PAGE_SIZE - 1, z->present,
	      z->managed, z->free);
	print("    min %lu  low %lu  high %lu  reserve %lu %lu %lu %lu  steals %lu  claims %lu\n",
	      z->mark[WMARK_MIN], z->mark[WMARK_LOW], z->mark[WMARK_HIGH], z->reserve[ZONE_DMA],
	      z->reserve[ZONE_DMA32], z->reserve[ZONE_NORMAL], z->reserve[ZONE_HIGH],
	      z->stats.steals, z->stats.claims);
	show_orders(z);
}

static void show_node(const struct node *n)
{
	print("node %u     distance", n->id);
	for (u32 i = 0; i < pool.config.nodes; i++)
		print(" %u", n->distance[i]);
	print("  hit %lu  miss %lu  foreign %lu\n", node_hits(n), n->stats.miss, n->stats.foreign);
	for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
		if (n->zone[kind].present != 0)
			show_zone(&n->zone[kind]);
}

static void show_cpu(const struct mm_cpu *c)
{
	static const u8 orders[PCP_ORDERS] = { 0, 1, 2, 3, PAGEBLOCK_ORDER, MAX_ORDER };

	print("cpu lists  node %u, blocks by order:", c->node);
	for (unsigned int i = 0; i < PCP_ORDERS; i++)
		print("  %u: %lu", orders[i], pcp_count_order(c, orders[i]));
	print("\n");
}

enum command_result cmd_mem(const struct args *a)
{
	(void)a;
	show_pool();
	for (u32 i = 0; i < pool.config.nodes; i++)
		show_node(&pool.node[i]);
	for (const struct mm_cpu *c = pool.cpus; c; c = c->next)
		show_cpu(c);
	return COMMAND_OK;
}
