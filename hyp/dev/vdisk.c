/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of a disk.
 * 1. An entry of the map is 0 (as at first), HOLE (zeros), or the address of a frame that is the
 *    disk's alone; entries above the last level are 0 or the address of a table.
 * 2. blocks and tables are what vdisk_frames() promises at most.
 * 3. Nothing is ever written to the module.
 */
#include "hyp/dev/vdisk.h"

#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"
#include "mm/gfp.h"
#include "mm/promise.h"

enum { ENTRIES = 512, ENTRY_BITS = 9, BLOCK_BITS = 12, LEVELS = 3 };

#define HOLE 1UL
#define TABLE_SPAN ((u64)VDISK_BLOCK * ENTRIES)

u64 vdisk_frames(u64 size)
{
	u64 frames = 0, n = align_up(size, VDISK_BLOCK) / VDISK_BLOCK;

	for (u32 level = 0; level <= LEVELS; level++) {
		frames += n;
		n = align_up(n, ENTRIES) / ENTRIES;
	}
	return frames;
}

void vdisk_init(struct vdisk *d, u64 size, const void *module, struct mm *mm)
{
	*d = (struct vdisk){ .size = size, .module = module, .mm = mm };
}

static void *take_frame(struct vdisk *d)
{
	struct page *page = promise_take(d->mm, GFP_KERNEL, 0);

	CHECK(page != NULL);
	return page_address(page);
}

static u64 *take_table(struct vdisk *d)
{
	u64 *table = take_frame(d);

	memset(table, 0, PAGE_SIZE);
	d->tables++;
	return table;
}

/* Which entry of a table on a level (0 holds blocks) a place on the disk belongs to. */
static u32 index_at(u64 at, u32 level)
{
	return (u32)(at >> (BLOCK_BITS + level * ENTRY_BITS)) % ENTRIES;
}

/* The block's entry, NULL where there is no table for it. */
static u64 *find(const struct vdisk *d, u64 at)
{
	u64 *table = d->root;

	for (u32 level = LEVELS - 1; table && level; level--) {
		u64 entry = table[index_at(at, level)];

		table = entry ? mm_port_va(mk_pa(entry)) : NULL;
	}
	return table ? &table[index_at(at, 0)] : NULL;
}

/* The block's entry; tables are made for it. */
static u64 *make(struct vdisk *d, u64 at)
{
	u64 *table;

	if (!d->root)
		d->root = take_table(d);
	table = d->root;
	for (u32 level = LEVELS - 1; level; level--) {
		u64 *entry = &table[index_at(at, level)];

		if (!*entry)
			*entry = mm_port_pa(take_table(d)).v;
		table = mm_port_va(mk_pa(*entry));
	}
	return &table[index_at(at, 0)];
}

static u64 in_block(u64 at, u64 n)
{
	return min_u64(n, VDISK_BLOCK - at % VDISK_BLOCK);
}

/* What the disk held at first; at + n may lie beyond its end, where zeros are. */
static void read_first(const struct vdisk *d, u64 at, void *to, u64 n)
{
	u64 have = d->module ? min_u64(n, d->size - at) : 0;

	if (have)
		memcpy(to, d->module + at, have);
	memset((u8 *)to + have, 0, n - have);
}

static void read_entry(const struct vdisk *d, u64 entry, u64 at, void *to, u64 n)
{
	if (entry == HOLE)
		memset(to, 0, n);
	else if (entry)
		memcpy(to, (const u8 *)mm_port_va(mk_pa(entry)) + at % VDISK_BLOCK, n);
	else
		read_first(d, at, to, n);
}

u64 vdisk_read(const struct vdisk *d, u64 at, void *to, u64 n)
{
	const u64 *entry = find(d, at);
	u64 step = in_block(at, n);

	read_entry(d, entry ? *entry : 0, at, to, step);
	return step;
}

/* The block's own frame: where it has none, one is taken and filled, unless all of it will be. */
static u8 *own_frame(struct vdisk *d, u64 at, bool whole)
{
	u64 *entry = make(d, at);
	u8 *frame;

	if (*entry > HOLE)
		return mm_port_va(mk_pa(*entry));
	frame = take_frame(d);
	if (!whole)
		read_entry(d, *entry, align_down(at, VDISK_BLOCK), frame, VDISK_BLOCK);
	*entry = mm_port_pa(frame).v;
	d->blocks++;
	return frame;
}

u64 vdisk_write(struct vdisk *d, u64 at, const void *from, u64 n)
{
	u64 step = in_block(at, n);

	memcpy(own_frame(d, at, step == VDISK_BLOCK) + at % VDISK_BLOCK, from, step);
	return step;
}

static void give_frame(struct vdisk *d, u64 entry)
{
	if (entry <= HOLE)
		return;
	memset(mm_port_va(mk_pa(entry)), 0, VDISK_BLOCK);
	promise_put(d->mm, pa_to_page(mk_pa(entry)), 0);
	d->blocks--;
}

/* A whole block of zeros: a disk of zeros needs no entry for it, a module's a hole. */
static void make_hole(struct vdisk *d, u64 at)
{
	u64 *entry = d->module ? make(d, at) : find(d, at);

	if (!entry)
		return;
	give_frame(d, *entry);
	*entry = d->module ? HOLE : 0;
}

u64 vdisk_zero(struct vdisk *d, u64 at, u64 n)
{
	const u64 *entry = find(d, at);
	u64 step = in_block(at, n);
	bool is_zero = entry && *entry ? *entry == HOLE : !d->module;

	if (!entry && !d->module) /* nothing was written as far as the table would reach */
		return min_u64(n, TABLE_SPAN - at % TABLE_SPAN);
	if (step == VDISK_BLOCK)
		make_hole(d, at);
	else if (!is_zero)
		memset(own_frame(d, at, false) + at % VDISK_BLOCK, 0, step);
	return step;
}

static void give_table(struct vdisk *d, u64 *table)
{
	promise_put(d->mm, virt_to_page(table), 0);
	d->tables--;
}

/* The data frames, then the pages of the map, lowest level first: three loops, not a recursion. */
void vdisk_release(struct vdisk *d)
{
	for (u32 top = 0; d->root && top < ENTRIES; top++) {
		u64 *middle = d->root[top] ? mm_port_va(mk_pa(d->root[top])) : NULL;

		for (u32 i = 0; middle && i < ENTRIES; i++) {
			u64 *low = middle[i] ? mm_port_va(mk_pa(middle[i])) : NULL;

			for (u32 k = 0; low && k < ENTRIES; k++)
				give_frame(d, low[k]);
			if (low)
				give_table(d, low);
		}
		if (middle)
			give_table(d, middle);
	}
	if (d->root)
		give_table(d, d->root);
	d->root = NULL;
	CHECK(d->blocks == 0 && d->tables == 0);
}

const char *vdisk_check(const struct vdisk *d)
{
	u64 found = 0;

	for (u64 at = 0; d->root && at < d->size;) {
		const u64 *entry = find(d, at);

		if (entry && *entry > HOLE)
			found++;
		/* Where there is no table, on to the next one's share. */
		at = entry ? at + VDISK_BLOCK : align_down(at, TABLE_SPAN) + TABLE_SPAN;
	}
	if (found != d->blocks)
		return "the disk's blocks do not add up";
	if (d->blocks + d->tables > vdisk_frames(d->size))
		return "the disk holds more frames than it was promised";
	return NULL;
}
