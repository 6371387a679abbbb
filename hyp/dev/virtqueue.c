/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walker of a split virtqueue.
 * 1. What comes from guest memory is read once, and a copy of it is judged and used.
 * 2. A chain has at most as many parts as the queue has descriptors, so a loop ends as a chain
 *    that is too long.
 * 3. Every byte of a chain that is handed out was RAM when the chain was read, and is
 *    looked up again when it is used.
 */
#include "hyp/dev/virtqueue.h"

#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"

/* Layout of a descriptor and of the rings, section 2.7.5 to 2.7.8; all little-endian. */
enum {
	DESC_SIZE = 16,
	DESC_ALIGN = 16,
	AVAIL_ALIGN = 2,
	USED_ALIGN = 4,
	RING_FLAGS = 0,
	RING_INDEX = 2,
	RING_ENTRIES = 4,
	AVAIL_ENTRY = 2,
	USED_ENTRY = 8,
};

#define CHAIN_MOST BIT(32)
#define DESC_F_NEXT BIT(0)
#define DESC_F_WRITE BIT(1)
#define DESC_F_INDIRECT BIT(2)
#define AVAIL_F_NO_INTERRUPT BIT(0)

struct desc {
	u64 ipa;
	u32 size;
	u16 flags, next;
};

/* A naturally aligned word of guest memory, by one load or store; false where there is no RAM. */
static bool load16(struct vm *vm, u64 ipa, u16 *value)
{
	u64 got;
	u16 *p = virtio_memory(vm, mk_ipa(ipa), sizeof(*p), false, &got);

	if (!p || got != sizeof(*p))
		return false;
	*value = __atomic_load_n(p, __ATOMIC_ACQUIRE);
	return true;
}

static bool store16(struct vm *vm, u64 ipa, u16 value)
{
	u64 got;
	u16 *p = virtio_memory(vm, mk_ipa(ipa), sizeof(*p), true, &got);

	if (!p || got != sizeof(*p))
		return false;
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
	return true;
}

static bool store32(struct vm *vm, u64 ipa, u32 value)
{
	u64 got;
	u32 *p = virtio_memory(vm, mk_ipa(ipa), sizeof(*p), true, &got);

	if (!p || got != sizeof(*p))
		return false;
	__atomic_store_n(p, value, __ATOMIC_RELAXED);
	return true;
}

/* A descriptor is aligned to its size, so it lies in one page. */
static bool load_desc(struct vm *vm, u64 ipa, struct desc *d)
{
	u64 got, word;
	u64 *p = virtio_memory(vm, mk_ipa(ipa), DESC_SIZE, false, &got);

	if (!p || got != DESC_SIZE)
		return false;
	d->ipa = __atomic_load_n(&p[0], __ATOMIC_RELAXED);
	word = __atomic_load_n(&p[1], __ATOMIC_RELAXED);
	d->size = (u32)get(BITS(31, 0), word);
	d->flags = (u16)get(BITS(47, 32), word);
	d->next = (u16)get(BITS(63, 48), word);
	return true;
}

static bool is_place(const struct vm *vm, u64 ipa, u64 size, u64 align)
{
	return is_aligned(ipa, align) && virtio_is_ram(vm, mk_ipa(ipa), size);
}

enum err vq_enable(const struct vm *vm, struct virtqueue *q)
{
	if (!is_power_of_two(q->size) || q->size > VQ_MAX)
		return ERR_FORMAT;
	if (!is_place(vm, q->desc, DESC_SIZE * (u64)q->size, DESC_ALIGN) ||
	    !is_place(vm, q->avail, RING_ENTRIES + AVAIL_ENTRY * (u64)q->size, AVAIL_ALIGN) ||
	    !is_place(vm, q->in_use, RING_ENTRIES + USED_ENTRY * (u64)q->size, USED_ALIGN))
		return ERR_FORMAT;
	q->next = 0;
	q->used = 0;
	q->ready = true;
	return OK;
}

/* The descriptor becomes the chain's next part. */
static must_check enum err add_part(const struct vm *vm, struct vq_chain *c, const struct desc *d)
{
	bool write = d->flags & DESC_F_WRITE;

	if (d->flags & DESC_F_INDIRECT)
		return ERR_FORMAT;
	if (d->size && !virtio_is_ram(vm, mk_ipa(d->ipa), d->size))
		return ERR_FORMAT;
	if (!write && c->writable_from != c->count)
		return ERR_FORMAT;
	c->part[c->count++] = (struct vq_part){ d->ipa, d->size };
	if (write) {
		c->writable_bytes += d->size;
	} else {
		c->writable_from = c->count;
		c->readable_bytes += d->size;
	}
	return OK;
}

static must_check enum err read_chain(struct vm *vm, const struct virtqueue *q, struct vq_chain *c)
{
	struct desc d = { .flags = DESC_F_NEXT, .next = c->head };

	while (d.flags & DESC_F_NEXT) {
		enum err e;

		if (d.next >= q->size || c->count == q->size)
			return ERR_FORMAT;
		if (!load_desc(vm, q->desc + DESC_SIZE * (u64)d.next, &d))
			return ERR_FORMAT;
		e = add_part(vm, c, &d);
		if (e != OK)
			return e;
	}
	/* Section 2.7.5: no more than that in total. */
	return c->readable_bytes + c->writable_bytes <= CHAIN_MOST ? OK : ERR_FORMAT;
}

enum err vq_pop(struct vm *vm, struct virtqueue *q, struct vq_chain *c)
{
	u16 index, waiting;
	enum err e;

	CHECK(q->ready);
	if (!load16(vm, q->avail + RING_INDEX, &index))
		return ERR_FORMAT;
	waiting = (u16)(index - q->next);
	if (waiting == 0)
		return ERR_NOENT;
	if (waiting > q->size)
		return ERR_FORMAT;
	c->count = 0;
	c->writable_from = 0;
	c->readable_bytes = 0;
	c->writable_bytes = 0;
	if (!load16(vm, q->avail + RING_ENTRIES + AVAIL_ENTRY * (u64)(q->next % q->size), &c->head))
		return ERR_FORMAT;
	e = read_chain(vm, q, c);
	if (e == OK)
		q->next++;
	return e;
}

enum err vq_push(struct vm *vm, struct virtqueue *q, u16 head, u32 written)
{
	u64 entry = q->in_use + RING_ENTRIES + USED_ENTRY * (u64)(q->used % q->size);

	CHECK(q->ready);
	if (!store32(vm, entry, head) || !store32(vm, entry + 4, written))
		return ERR_FORMAT;
	q->used++;
	return store16(vm, q->in_use + RING_INDEX, q->used) ? OK : ERR_FORMAT;
}

bool vq_wants_interrupt(struct vm *vm, const struct virtqueue *q)
{
	u16 flags;

	/* The index that was just written must be seen before the driver's wish is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !load16(vm, q->avail + RING_FLAGS, &flags) || !(flags & AVAIL_F_NO_INTERRUPT);
}

struct vq_cursor vq_readable(const struct vq_chain *c)
{
	return (struct vq_cursor){ .part = 0, .end = c->writable_from };
}

struct vq_cursor vq_writable(const struct vq_chain *c)
{
	return (struct vq_cursor){ .part = c->writable_from, .end = c->count, .write = true };
}

void *vq_run(struct vm *vm, const struct vq_chain *c, struct vq_cursor *at, u64 n, u64 *got)
{
	const struct vq_part *p;
	void *run;

	while (at->part < at->end && at->offset == c->part[at->part].size) {
		at->part++;
		at->offset = 0;
	}
	if (at->part == at->end)
		return NULL;
	p = &c->part[at->part];
	run = virtio_memory(vm, mk_ipa(p->ipa + at->offset), min_u64(n, p->size - at->offset),
			    at->write, got);
	if (run)
		at->offset += (u32)*got;
	return run;
}

void vq_skip(const struct vq_chain *c, struct vq_cursor *at, u64 n)
{
	for (; n && at->part < at->end; at->part++, at->offset = 0) {
		u32 left = c->part[at->part].size - at->offset;

		if (n < left) {
			at->offset += (u32)n;
			return;
		}
		n -= left;
	}
}

u64 vq_copy_out(struct vm *vm, const struct vq_chain *c, struct vq_cursor *at, void *to, u64 n)
{
	u64 done = 0, got;

	while (done < n) {
		const void *run = vq_run(vm, c, at, n - done, &got);

		if (!run)
			break;
		memcpy((u8 *)to + done, run, got);
		done += got;
	}
	return done;
}

u64 vq_copy_in(struct vm *vm, const struct vq_chain *c, struct vq_cursor *at, const void *from,
	       u64 n)
{
	u64 done = 0, got;

	while (done < n) {
		void *run = vq_run(vm, c, at, n - done, &got);

		if (!run)
			break;
		memcpy(run, (const u8 *)from + done, got);
		done += got;
	}
	return done;
}
