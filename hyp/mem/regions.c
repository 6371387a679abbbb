/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot table: an ordered array of regions.  A claim cuts the pool region it lies in into at
 * most three; everything is checked before the first change.
 */
#include "hyp/mem/regions.h"

#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"

enum { PAGE = 4096 };

static u64 last_of(struct fdt_range x)
{
	return x.base.v + (x.size - 1);
}

static bool covers(struct fdt_range a, struct fdt_range b)
{
	return a.base.v <= b.base.v && last_of(b) <= last_of(a);
}

/* Rounded out to whole pages; false where the range is empty or wraps. */
static bool to_pages(struct fdt_range *x)
{
	u64 first = align_down(x->base.v, PAGE), last;

	if (!range_within(x->base.v, x->size, ~0UL - PAGE))
		return false;
	last = last_of(*x) | (PAGE - 1);
	*x = (struct fdt_range){ mk_pa(first), last - first + 1 };
	return true;
}

void regions_init(struct regions *r)
{
	r->count = 0;
}

static void insert(struct regions *r, u32 at, const char *name, enum region_kind kind, u64 first,
		   u64 last)
{
	struct region *n = &r->region[at];

	memmove(n + 1, n, (r->count - at) * sizeof(*n));
	r->count++;
	*n = (struct region){ .kind = kind, .range = { mk_pa(first), last - first + 1 } };
	fmt(n->name, sizeof(n->name), "%s", name);
}

enum err regions_add_ram(struct regions *r, struct fdt_range bank, char why[REGIONS_WHY])
{
	struct region *before = r->count ? &r->region[r->count - 1] : NULL;
	u64 first = align_up(bank.base.v, PAGE);
	u64 end;

	if (!range_within(bank.base.v, bank.size, ~0UL - PAGE)) {
		fmt(why, REGIONS_WHY,
		    "memory bank 0x%lx, size 0x%lx: empty or beyond the end of addresses",
		    bank.base.v, bank.size);
		return ERR_FORMAT;
	}
	end = align_down(last_of(bank) + 1, PAGE);
	if (end <= first)
		return OK;
	if (before && first <= last_of(before->range)) {
		fmt(why, REGIONS_WHY, "memory bank 0x%lx overlaps the one before or lies below it",
		    bank.base.v);
		return ERR_FORMAT;
	}
	if (before && before->kind == REGION_POOL && last_of(before->range) + 1 == first) {
		before->range.size += end - first;
		return OK;
	}
	if (r->count == REGIONS_MAX) {
		fmt(why, REGIONS_WHY, "more than %u regions", (u32)REGIONS_MAX);
		return ERR_FULL;
	}
	insert(r, r->count, "pool", REGION_POOL, first, end - 1);
	return OK;
}

/* Cuts the named piece out of pool region i, which covers it. */
static void cut(struct regions *r, u32 i, const char *name, enum region_kind kind,
		struct fdt_range piece)
{
	u64 first = r->region[i].range.base.v, last = last_of(r->region[i].range);

	if (last_of(piece) < last)
		insert(r, i + 1, "pool", REGION_POOL, last_of(piece) + 1, last);
	if (piece.base.v > first) {
		r->region[i].range.size = piece.base.v - first;
		insert(r, i + 1, name, kind, piece.base.v, last_of(piece));
	} else {
		r->region[i].range = piece;
		r->region[i].kind = kind;
		fmt(r->region[i].name, sizeof(r->region[i].name), "%s", name);
	}
}

static struct region *overlapping_claim(struct regions *r, struct fdt_range range)
{
	for (u32 i = 0; i < r->count; i++)
		if (r->region[i].kind != REGION_POOL &&
		    ranges_overlap(r->region[i].range.base.v, r->region[i].range.size, range.base.v,
				   range.size))
			return &r->region[i];
	return NULL;
}

static bool overlaps_pool(const struct regions *r, struct fdt_range range)
{
	for (u32 i = 0; i < r->count; i++)
		if (r->region[i].kind == REGION_POOL &&
		    ranges_overlap(r->region[i].range.base.v, r->region[i].range.size, range.base.v,
				   range.size))
			return true;
	return false;
}

static must_check enum err no_room(struct regions *r, char why[REGIONS_WHY])
{
	if (r->count + 2 <= REGIONS_MAX)
		return OK;
	fmt(why, REGIONS_WHY, "more than %u regions", (u32)REGIONS_MAX);
	return ERR_FULL;
}

enum err regions_claim(struct regions *r, const char *name, struct fdt_range range,
		       char why[REGIONS_WHY])
{
	struct fdt_range piece = range;
	struct region *other;
	enum err e = no_room(r, why);

	if (e != OK)
		return e;
	if (!to_pages(&piece)) {
		fmt(why, REGIONS_WHY,
		    "%s at 0x%lx, size 0x%lx: empty or beyond the end of addresses", name,
		    range.base.v, range.size);
		return ERR_RANGE;
	}
	other = overlapping_claim(r, piece);
	if (other) {
		fmt(why, REGIONS_WHY, "%s (0x%lx-0x%lx) overlaps %s (0x%lx-0x%lx)", name,
		    piece.base.v, last_of(piece), other->name, other->range.base.v,
		    last_of(other->range));
		return ERR_EXISTS;
	}
	for (u32 i = 0; i < r->count; i++) {
		if (!covers(r->region[i].range, piece))
			continue;
		cut(r, i, name, REGION_CLAIMED, piece);
		return OK;
	}
	fmt(why, REGIONS_WHY, "%s (0x%lx-0x%lx) does not lie in RAM", name, piece.base.v,
	    last_of(piece));
	return ERR_RANGE;
}

enum err regions_reserve(struct regions *r, struct fdt_range range, char why[REGIONS_WHY])
{
	struct fdt_range piece = range;
	enum err e;

	if (!to_pages(&piece) || !overlaps_pool(r, piece))
		return OK;
	/* Only the first and the last pool region it meets can be cut, each into two. */
	e = no_room(r, why);
	if (e != OK)
		return e;
	for (u32 i = 0; i < r->count; i++) {
		struct fdt_range *have = &r->region[i].range;
		struct fdt_range part;

		if (r->region[i].kind != REGION_POOL ||
		    !ranges_overlap(have->base.v, have->size, piece.base.v, piece.size))
			continue;
		part.base = mk_pa(max_u64(have->base.v, piece.base.v));
		part.size = min_u64(last_of(*have), last_of(piece)) - part.base.v + 1;
		cut(r, i, "reserved", REGION_RESERVED, part);
	}
	return OK;
}

struct region *regions_largest_pool(struct regions *r)
{
	struct region *best = NULL;

	for (u32 i = 0; i < r->count; i++)
		if (r->region[i].kind == REGION_POOL &&
		    (!best || r->region[i].range.size > best->range.size))
			best = &r->region[i];
	return best;
}
