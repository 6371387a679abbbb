/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Magazines and the depot.  It keeps true:
 * 1. a slot's loaded magazine is at `top` or there is none (cache_never), and then no spare; its
 *    spare is full or empty or there is none;
 * 2. a magazine in the depot is full or empty, chained by its first word, which is NULL again
 *    when it leaves;
 * 3. objects in magazines are of the node whose CPUs and depot hold them;
 * 4. magazines come from the slabs of the generic cache of 512 bytes, never from its magazines, so
 *    getting one cannot need one.
 */
#include "mm/slab.h"

#include "include/check.h"

void *const cache_never[MAGAZINE_WORDS] aligned_to(MAGAZINE_SIZE);

/* Behind the end: no object is below it, and none fits above. */
static void **never(void)
{
	return (void **)(uintptr_t)(cache_never + MAGAZINE_WORDS);
}

static bool is_loaded(const struct cache_slot *slot)
{
	return slot->top != never();
}

static void **empty_top(const struct cache *c, void **magazine)
{
	return magazine + MAGAZINE_WORDS - c->rounds;
}

static void **magazine_of(void **top)
{
	return (void **)(((uintptr_t)top - 1) & ~(uintptr_t)(MAGAZINE_SIZE - 1));
}

static void push(void ***head, u32 *count, void **magazine)
{
	magazine[0] = (void *)*head;
	*head = magazine;
	(*count)++;
}

static void **pop(void ***head, u32 *count)
{
	void **magazine = *head;

	if (!magazine)
		return NULL;
	*head = (void **)magazine[0];
	magazine[0] = NULL;
	(*count)--;
	return magazine;
}

static void **take_empty(struct cache_node *n)
{
	return pop(&n->empty_magazines, &n->empty_count);
}

static void put_empty(struct cache_node *n, void **magazine)
{
	push(&n->empty_magazines, &n->empty_count, magazine);
}

/* ---- Exchanges, entered ---- */

static void swap(struct cache_slot *slot)
{
	void **loaded = slot->top;

	slot->top = slot->spare;
	slot->spare = loaded;
}

/* Half of an empty loaded magazine, from slabs that are there. */
static bool fill(struct cache *c, struct cache_slot *slot, struct cache_node *n)
{
	u32 want = (c->rounds + 1) / 2;

	while (want-- > 0) {
		void *object = slab_take(c, n);

		if (!object)
			break;
		*slot->top++ = object;
	}
	return slot->top[-1] != NULL;
}

/* Whether the loaded magazine has an object now. */
static bool refill(struct cache *c, struct cache_slot *slot, struct cache_node *n)
{
	void **magazine;

	if (slot->top[-1])
		return true;
	slot->fills++;
	if (slot->spare && magazine_is_full(slot->spare)) {
		swap(slot);
		return true;
	}
	magazine = pop(&n->full_magazines, &n->full_count);
	if (magazine) {
		if (slot->spare)
			put_empty(n, magazine_of(slot->spare));
		slot->spare = is_loaded(slot) ? slot->top : NULL;
		slot->top = magazine + MAGAZINE_WORDS;
		return true;
	}
	if (!is_loaded(slot)) {
		magazine = take_empty(n);
		if (!magazine)
			return false;
		slot->top = empty_top(c, magazine);
	}
	return fill(c, slot, n);
}

/* The objects below top go to their slabs; returns the magazine, empty. */
static void **flush(struct cache *c, void **top, struct list *gone)
{
	while (top[-1])
		slab_put(c, *--top, gone);
	return magazine_of(top);
}

/* Whether the loaded magazine has room now; where not, it wants an empty one. */
static bool make_room(struct cache *c, struct cache_slot *slot, struct cache_node *n,
		      struct list *gone)
{
	void **magazine;

	if (!magazine_is_full(slot->top))
		return true;
	slot->spills++;
	if (slot->spare && magazine_is_full(slot->spare) && n->full_count >= c->depot_limit)
		slot->spare = empty_top(c, flush(c, slot->spare, gone));
	if (slot->spare && !magazine_is_full(slot->spare)) {
		swap(slot);
		return true;
	}
	magazine = take_empty(n);
	if (!magazine)
		return false;
	if (slot->spare)
		push(&n->full_magazines, &n->full_count, magazine_of(slot->spare));
	slot->spare = is_loaded(slot) ? slot->top : NULL;
	slot->top = empty_top(c, magazine);
	return true;
}

/* ---- Magazines as memory ---- */

static void **new_magazine(struct cache *c)
{
	struct cache *of = kmalloc_cache(c->mm, MAGAZINE_SIZE);
	void **magazine = slab_alloc(of, __GFP_KSWAPD_RECLAIM, (uintptr_t)c);

	if (magazine)
		__builtin_memset(magazine, 0, MAGAZINE_SIZE);
	return magazine;
}

/* The node of this CPU's depot has an empty magazine more; false without memory. */
static bool stock(struct cache *c)
{
	void **magazine = new_magazine(c);
	u64 was;

	if (!magazine)
		return false;
	was = slab_enter(c->mm);
	put_empty(&c->node[mm_port_cpu()->node], magazine);
	slab_leave(c->mm, was);
	return true;
}

static void free_chain(struct cache *c, void **magazine)
{
	while (magazine) {
		void **next = (void **)magazine[0];

		slab_free(kmalloc_cache(c->mm, MAGAZINE_SIZE), magazine);
		magazine = next;
	}
}

/* ---- The slow halves ---- */

/*
 * An object of the magazines or, where there is no magazine, of the slabs; *wanting is whether
 * an empty magazine was missing.
 */
static void *from_slot(struct cache *c, bool *wanting)
{
	u64 was = slab_enter(c->mm);
	struct mm_cpu *cpu = mm_port_cpu();
	struct cache_slot *slot = slot_at(cpu, c->slot);
	struct cache_node *n = &c->node[cpu->node];
	void *object;

	if (refill(c, slot, n)) {
		object = *--slot->top;
	} else {
		*wanting = !is_loaded(slot);
		object = slab_take(c, n);
	}
	slab_leave(c->mm, was);
	return object;
}

void *magazine_alloc(struct cache *c, u32 gfp, u64 caller)
{
	bool wanting = false;
	void *object;

	if (!slab_gfp_fits(c, gfp))
		return NULL;
	if (c->rounds == 0) {
		object = slab_alloc(c, gfp, caller);
	} else {
		object = from_slot(c, &wanting);
		if (wanting)
			stock(c);
		if (!object)
			object = slab_take_new(c, gfp);
	}
	if (object && (gfp & __GFP_ZERO))
		__builtin_memset(object, 0, c->object_size);
	return object;
}

/* Whether the object went into a magazine; *local is whether it may. */
static bool to_slot(struct cache *c, void *object, bool *local)
{
	const struct slab *s = slab_of(virt_to_page(object));
	struct cache_slot *slot;
	struct mm_cpu *cpu;
	struct list gone;
	bool done;
	u64 was;

	list_init(&gone);
	was = slab_enter(c->mm);
	cpu = mm_port_cpu();
	slot = slot_at(cpu, c->slot);
	*local = s->node == cpu->node;
	done = *local && make_room(c, slot, &c->node[cpu->node], &gone);
	if (done)
		*slot->top++ = object;
	slab_leave(c->mm, was);
	slab_release_all(c, &gone);
	return done;
}

void magazine_free(void *object, struct cache *c)
{
	bool local = false;

	(void)slab_page(c, c->mm, object);
	if (c->rounds == 0) {
		slab_free(c, object);
		return;
	}
	do {
		if (to_slot(c, object, &local))
			return;
	} while (local && stock(c));
	slab_free(c, object);
}

/* ---- Emptying ---- */

/* Objects of a slot go to the slabs, its magazines to the depot. */
static void empty_slot(struct cache *c, struct cache_slot *slot, struct cache_node *n,
		       struct list *gone)
{
	if (is_loaded(slot))
		put_empty(n, flush(c, slot->top, gone));
	if (slot->spare)
		put_empty(n, flush(c, slot->spare, gone));
	slot->top = never();
	slot->spare = NULL;
}

/* One step: a depot's full magazine into the slabs, or its empty ones and slabs out. */
static bool drain_step(struct cache *c, struct cache_node *n, struct list *gone, void ***chain)
{
	void **magazine = pop(&n->full_magazines, &n->full_count);

	if (magazine) {
		put_empty(n, flush(c, magazine + MAGAZINE_WORDS, gone));
		return true;
	}
	*chain = n->empty_magazines;
	n->empty_magazines = NULL;
	n->empty_count = 0;
	while (!list_is_empty(&n->empty)) {
		struct list *first = n->empty.next;

		list_remove(first);
		list_add_last(gone, first);
		n->empty_slabs--;
		n->slabs--;
		c->released++;
	}
	return false;
}

static u64 drain_node(struct cache *c, struct cache_node *n)
{
	bool more = true;
	u64 slabs = 0;

	while (more) {
		void **chain = NULL;
		struct list gone;
		u64 was;

		list_init(&gone);
		was = slab_enter(c->mm);
		more = drain_step(c, n, &gone, &chain);
		slab_leave(c->mm, was);
		slabs += slab_release_all(c, &gone);
		free_chain(c, chain);
	}
	return slabs;
}

static u64 drain_nodes(struct cache *c)
{
	u64 slabs = 0;

	for (u32 i = 0; i < c->mm->config.nodes; i++)
		slabs += drain_node(c, &c->node[i]);
	return slabs << c->order;
}

u64 cache_shrink(struct cache *c)
{
	struct list gone;
	u64 was, slabs;

	list_init(&gone);
	was = slab_enter(c->mm);
	if (c->rounds > 0) {
		struct mm_cpu *cpu = mm_port_cpu();

		empty_slot(c, slot_at(cpu, c->slot), &c->node[cpu->node], &gone);
	}
	slab_leave(c->mm, was);
	slabs = slab_release_all(c, &gone);
	return (slabs << c->order) + drain_nodes(c);
}

void magazine_leave(struct cache *c)
{
	struct list gone;
	u64 was;

	list_init(&gone);
	was = slab_enter(c->mm);
	for (struct mm_cpu *cpu = c->mm->cpus; cpu && c->rounds > 0; cpu = cpu->next)
		empty_slot(c, slot_at(cpu, c->slot), &c->node[cpu->node], &gone);
	slab_leave(c->mm, was);
	slab_release_all(c, &gone);
	drain_nodes(c);
}

/* ---- Slots ---- */

static void open_slot(struct mm_cpu *cpu, u32 offset)
{
	*slot_at(cpu, offset) =
		(struct cache_slot){ .top = never(), .key = cpu->objects.key | offset };
}

void magazine_join(struct cache *c)
{
	for (struct mm_cpu *cpu = c->mm->cpus; cpu; cpu = cpu->next)
		open_slot(cpu, c->slot);
}

void cache_cpu_init(struct mm_cpu *c)
{
	c->objects.map = CACHE_CHECKS ? NULL : c->map;
	c->objects.key = SLAB_KEY(c->node);
	for (u32 i = 0; i < CACHE_SLOTS; i++)
		open_slot(c, SLOT_OFFSET(i));
}

static u64 in_magazine(const struct cache *c, void **top)
{
	return (u64)(top - empty_top(c, magazine_of(top)));
}

void magazine_stats(struct cache *c, struct cache_stats *s)
{
	for (struct mm_cpu *cpu = c->mm->cpus; cpu && c->rounds > 0; cpu = cpu->next) {
		const struct cache_slot *slot = slot_at(cpu, c->slot);

		s->cached += is_loaded(slot) ? in_magazine(c, slot->top) : 0;
		s->cached += slot->spare ? in_magazine(c, slot->spare) : 0;
		s->magazines += is_loaded(slot) ? 1 : 0;
		s->magazines += slot->spare ? 1 : 0;
		s->fills += slot->fills;
		s->spills += slot->spills;
	}
	for (u32 i = 0; i < c->mm->config.nodes; i++) {
		s->cached += c->node[i].full_count * (u64)c->rounds;
		s->magazines += c->node[i].full_count + c->node[i].empty_count;
	}
}
