/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slabs, for the sources of mm/ only: blocks of pages cut into objects.  Functions marked
 * "entered" are called pinned with the mm entered (mm_port_enter()); the others with nothing
 * held.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "include/bits.h"
#include "mm/cache.h"
#include "mm/checking.h"
#include "mm/kmalloc.h"

/* In next[]: the end of the chain of free objects, and an object that is outside. */
enum { SLAB_END = 0xffff, SLAB_BUSY = 0xfffe };

/* The descriptor.  In checked caches next[] is followed by a struct object_note per object. */
struct slab {
	struct list link;
	struct cache *cache;
	u8 *block;   /* the first page */
	u8 *objects; /* the first one */
	u16 free;    /* index of the first free object, or SLAB_END */
	u16 in_use;
	u16 node;
	u16 next[]; /* per object: the next free one, SLAB_END, or SLAB_BUSY */
};

/* What a checked cache remembers of an object. */
struct object_note {
	u64 caller;    /* who took it last */
	u32 requested; /* bytes of it that the owner may use */
	u32 sum;       /* of the contents it had when it became free, with a constructor */
};

/*
 * offset / stride = offset * inverse >> SLAB_INVERSE_SHIFT, exactly, for slabs of up to order 3:
 * with e = inverse * stride - 2^shift, e < stride <= 2^15, the quotient is right while offset * e
 * < 2^shift, and offset < 2^15.  Larger slabs hold one or two objects: 0 and the stride itself are
 * divided rightly as well, and what is wrong is found by multiplying back.
 */
enum { SLAB_INVERSE_SHIFT = 40, SLAB_MAX_SHARED_ORDER = 3 };

static always_inline size_t slab_notes_offset(const struct cache *c)
{
	return align_up(offsetof(struct slab, next) + c->per_slab * sizeof(u16), 8);
}

/* Bytes of a descriptor. */
static always_inline size_t slab_size(const struct cache *c)
{
	size_t notes = (c->flags & CACHE_CHECKED) ? sizeof(struct object_note) : 0;

	return slab_notes_offset(c) + c->per_slab * notes;
}

static always_inline struct object_note *slab_note(const struct cache *c, struct slab *s, u64 i)
{
	return (struct object_note *)(void *)((u8 *)s + slab_notes_offset(c)) + i;
}

/* The index of an object; a wrong pointer is a CHECK failure. */
u64 slab_index(const struct cache *c, const struct slab *s, const void *object);

/*
 * The page of an object of c; any cache where c is NULL.  A CHECK names what is wrong with the
 * pointer.
 */
struct page *slab_page(const struct cache *c, const struct mm *m, const void *object);

static always_inline struct slab *slab_of(const struct page *page)
{
	return (struct slab *)page->lru_owner;
}

/* Entered: an object of a slab of node n that is there already; NULL. */
void *slab_take(struct cache *c, struct cache_node *n);

/* Entered: takes one back into its slab.  Slabs beyond c->keep are moved to `gone`. */
void slab_put(struct cache *c, void *object, struct list *gone);

/* Slabs that were moved to `gone` go back to the pages; returns how many. */
u64 slab_release_all(struct cache *c, struct list *gone);

/* An object of a new slab, or of one of another node; NULL. */
void *slab_take_new(struct cache *c, u32 gfp);

/* An object without the help of magazines, and back.  In checked caches this is the only way. */
void *slab_alloc(struct cache *c, u32 gfp, u64 caller);
void slab_free(struct cache *c, void *object);

/* Whether gfp can be met by c. */
bool slab_gfp_fits(const struct cache *c, u32 gfp);

/* ---- mm/magazine.c ---- */

/* The slow halves of cache_alloc() and of cache_free() and kfree(). */
void *magazine_alloc(struct cache *c, u32 gfp, u64 caller);
void magazine_free(void *object, struct cache *c);

/* Entered: a cache has got its slot, which is empty on every CPU. */
void magazine_join(struct cache *c);

/* Adds what is in magazines. */
void magazine_stats(struct cache *c, struct cache_stats *s);

/* All magazines of all CPUs and depots are emptied and freed; no CPU is at work on c. */
void magazine_leave(struct cache *c);

/* ---- mm/guard.c: checked caches ---- */

/* A new slab's objects, constructed already. */
void guard_new(struct cache *c, struct slab *s);
/* An object becomes its owner's: it was left alone while free. */
void guard_taken(struct cache *c, void *object, u64 caller);
/* It is given back: its surroundings are whole. */
void guard_given(struct cache *c, void *object);
/* Only so many bytes of it are its owner's. */
void guard_request(struct cache *c, void *object, size_t size);
/* What is wrong with object i, or NULL. */
const char *guard_check(const struct cache *c, struct slab *s, u32 i);

/* What all caches are: checked in builds that check (mm/checking.h). */
enum { CACHE_CHECKS = MM_CHECKING ? CACHE_CHECKED : 0 };

/* ---- mm/cache.c ---- */

/* cache_init() with the nodes' parts at hand (mm has several) or in the cache itself (NULL). */
void cache_set_up(struct cache *c, struct mm *m, const struct cache_config *config,
		  struct cache_node *nodes);

/* ---- common small things ---- */

static always_inline u64 slab_enter(struct mm *m)
{
	u64 was = mm_port_pin();

	mm_port_enter(m);
	return was;
}

static always_inline void slab_leave(struct mm *m, u64 was)
{
	mm_port_leave(m);
	mm_port_unpin(was);
}

/* Where slot n stands in struct mm_cpu. */
#define SLOT_OFFSET(n)                                                                             \
	((u32)(offsetof(struct mm_cpu, objects.slot) + (n) * sizeof(struct cache_slot)))

static always_inline struct cache_slot *slot_at(struct mm_cpu *cpu, u64 offset)
{
	return (struct cache_slot *)(void *)((u8 *)cpu + offset);
}

static always_inline bool magazine_is_full(void **top)
{
	return ((uintptr_t)top & (MAGAZINE_SIZE - 1)) == 0;
}

/* The fast path of all allocations: NULL where the loaded magazine is empty. */
static always_inline void *slot_pop(u64 offset)
{
	u64 was = mm_port_pin();
	struct cache_slot *slot = slot_at(mm_port_cpu(), offset);
	void **top = slot->top - 1;
	void *object = *top;

	if (likely(object))
		slot->top = top;
	mm_port_unpin(was);
	return object;
}

#endif
