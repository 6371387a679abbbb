/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The geometry of a cache, and its place among the others.
 *
 * A slab, from its block's start:  colour | descriptor, if on it | guard | objects, a stride each |
 * leftover.  It keeps true:
 * 1. colour + first + per_slab * stride <= block, for every colour;
 * 2. descriptor and guard end at or before the first object, which is aligned, as the stride is;
 * 3. a cache whose descriptors are off its slabs has objects of 512 bytes at least, at most 64 on a
 *    slab, and a descriptor that comes, in at most two steps, from a cache which has its own on the
 *    slab: growing ends.
 */
#include "include/check.h"
#include "mm/slab.h"

enum {
	ON_SLAB_BELOW = 512, /* bytes of object */
	GUARD = 8,           /* bytes in front of an object of a checked cache, and behind it */
	GRAINS = 64,         /* waste is compared in so many parts of a block */
	MAGAZINES_UP_TO = 32 << 10,
	DEPOT_BYTES = 256 << 10 /* in full magazines of a node's depot, at most */
};

static bool gfp_is_for_a_cache(u32 gfp)
{
	return (gfp & CACHE_SLOW_GFP) == 0;
}

static bool config_is_valid(const struct cache_config *config)
{
	return config->size > 0 && config->size <= CACHE_MAX_SIZE &&
	       (config->align == 0 || is_power_of_two(config->align)) &&
	       config->align <= CACHE_MAX_ALIGN && (config->flags & ~(u32)CACHE_FLAGS) == 0 &&
	       gfp_is_for_a_cache(config->gfp) &&
	       (config->flags & (CACHE_DMA | CACHE_RECLAIMABLE)) != (CACHE_DMA | CACHE_RECLAIMABLE);
}

/* Where the first object would be with n of them and the descriptor on the slab or not. */
static size_t first_offset(struct cache *c, size_t n, bool off_slab)
{
	c->per_slab = (u32)n;
	return align_up((off_slab ? 0 : slab_size(c)) + c->guard, c->align);
}

static bool fits(struct cache *c, size_t n, bool off_slab)
{
	return first_offset(c, n, off_slab) + n * c->stride <= PAGE_SIZE << c->order;
}

/* The most objects a block of c->order holds, and where the descriptor is then; may be 0. */
static void fill_block(struct cache *c)
{
	bool small = c->object_size < ON_SLAB_BELOW;
	size_t n = (PAGE_SIZE << c->order) / c->stride;

	while (n > 0 && !fits(c, n, !small))
		n--;
	c->off_slab = n > 0 && !fits(c, n, false);
	c->first = (u32)first_offset(c, n, c->off_slab);
}

/* The share of a block of c->order that is no object's, in GRAINS. */
static u64 waste(const struct cache *c)
{
	u64 block = PAGE_SIZE << c->order;

	return (block - (u64)c->per_slab * c->object_size) * GRAINS / block;
}

/* The order of least waste, the smallest of equal ones. */
static void choose_order(struct cache *c)
{
	u64 least = ~0UL;
	u32 best = 0;

	for (u32 order = 0; order <= MAX_ORDER; order++) {
		c->order = order;
		fill_block(c);
		if (c->per_slab > 0 && waste(c) < least) {
			least = waste(c);
			best = order;
		}
		if (c->per_slab > 0 && order >= SLAB_MAX_SHARED_ORDER)
			break;
	}
	CHECK(least != ~0UL);
	c->order = best;
	fill_block(c);
	CHECK(c->per_slab < SLAB_BUSY && (c->per_slab <= 2 || best <= SLAB_MAX_SHARED_ORDER));
}

static void choose_colours(struct cache *c, size_t line)
{
	size_t left = (PAGE_SIZE << c->order) - c->first - (size_t)c->per_slab * c->stride;

	c->colour_step = (u32)max_u64(line, c->align);
	c->colours = 1 + (u32)(left / c->colour_step);
}

/* 63 objects of up to 256 bytes, fewer of larger ones; none above 32 KiB. */
static void choose_magazines(struct cache *c)
{
	size_t size = c->object_size;

	if ((c->flags & (CACHE_CHECKED | CACHE_NO_MAGAZINES)) || size > MAGAZINES_UP_TO)
		return;
	c->rounds = MAGAZINE_ROUNDS;
	if (size > 256)
		c->rounds = (u32)max_u64(2, min_u64(MAGAZINE_ROUNDS, (64UL << 10) / size));
	c->depot_limit = (u32)max_u64(2, min_u64(32, DEPOT_BYTES / (c->rounds * size)));
}

/* Guards: GUARD bytes behind the object, and as many in front of it, where a block has room. */
static void choose_stride(struct cache *c, size_t size)
{
	size_t guarded = align_up(size + 2 * GUARD, c->align);

	c->stride = (u32)align_up(size, c->align);
	c->guard = 0;
	if ((c->flags & CACHE_CHECKED) && guarded + c->align <= CACHE_MAX_SIZE) {
		c->stride = (u32)guarded;
		c->guard = GUARD;
	}
}

static void choose_geometry(struct cache *c, const struct cache_config *config, size_t line)
{
	c->align = (u32)(config->align ? config->align : 8);
	if (c->flags & CACHE_ALIGN_LINE)
		c->align = (u32)max_u64(c->align, line);
	c->object_size = (u32)config->size;
	choose_stride(c, config->size);
	choose_order(c);
	c->inverse = ((1UL << SLAB_INVERSE_SHIFT) + c->stride - 1) / c->stride;
	choose_colours(c, line);
	choose_magazines(c);
	c->keep = c->order <= SLAB_MAX_SHARED_ORDER ? 2 + 2 * c->rounds / c->per_slab : 0;
}

static void node_init(struct cache_node *n)
{
	*n = (struct cache_node){ .slabs = 0 };
	list_init(&n->full);
	list_init(&n->partial);
	list_init(&n->empty);
}

/* Entered: a slot of its own; where there is none left, no magazines. */
static void take_slot(struct kmalloc *k, struct cache *c)
{
	u32 slot = 1;

	c->slot = SLOT_OFFSET(0);
	while (slot < CACHE_SLOTS && (k->slots[slot / 64] & BIT(slot % 64)))
		slot++;
	if (c->rounds == 0 || slot == CACHE_SLOTS) {
		c->rounds = 0;
		return;
	}
	k->slots[slot / 64] |= BIT(slot % 64);
	c->slot = SLOT_OFFSET(slot);
	magazine_join(c);
}

static u32 gfp_of(const struct cache_config *config)
{
	u32 gfp = config->gfp;

	if (config->flags & CACHE_DMA)
		gfp |= __GFP_DMA;
	if (config->flags & CACHE_RECLAIMABLE)
		gfp |= __GFP_RECLAIMABLE;
	return gfp;
}

void cache_set_up(struct cache *c, struct mm *m, const struct cache_config *config,
		  struct cache_node *nodes)
{
	struct kmalloc *k = m->kmalloc;
	u64 was;

	*c = (struct cache){
		.flags = config->flags | CACHE_CHECKS,
		.gfp = gfp_of(config),
		.mm = m,
		.name = config->name,
		.construct = config->construct,
		.destruct = config->destruct,
		.node = nodes ? nodes : &c->home,
	};
	choose_geometry(c, config, k->line);
	for (u32 i = 0; i < m->config.nodes; i++)
		node_init(&c->node[i]);
	was = slab_enter(m);
	take_slot(k, c);
	list_add_last(&k->caches, &c->link);
	slab_leave(m, was);
}

enum err cache_init(struct cache *c, struct mm *m, const struct cache_config *config)
{
	struct cache_node *nodes = NULL;

	if (!config_is_valid(config) || !m->kmalloc)
		return ERR_INVALID;
	if (m->config.nodes > 1) {
		nodes = kmalloc(m->config.nodes * sizeof(*nodes), GFP_KERNEL);
		if (!nodes)
			return ERR_NOMEM;
	}
	cache_set_up(c, m, config, nodes);
	return OK;
}
