/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caches and kmalloc() under libFuzzer: the input is a machine, four caches and a list of requests.
 * Each object is filled with a pattern of its own, which is there when it is freed; at the end
 * caches and pages are checked and all memory comes back.
 */
#include <string.h>

#include "include/bits.h"
#include "include/check.h"
#include "mm/slab.h"
#include "tests/fuzz/fuzz.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/objects.h"

enum { CACHES = 4, LIVE = 512, HEAD = 4 + 3 * CACHES };

struct object {
	u8 *bytes;
	size_t size;
	u8 pattern;
};

static struct cache caches[CACHES];
static bool is_open[CACHES];
static struct object live[LIVE];
static u32 count;

/* ---- Objects ---- */

static void keep(u8 *bytes, size_t size, u8 pattern)
{
	if (!bytes)
		return;
	memset(bytes, pattern, size);
	live[count++] = (struct object){ bytes, size, pattern };
}

static void expect_whole(const struct object *o, size_t size)
{
	for (size_t i = 0; i < size; i++)
		CHECK(o->bytes[i] == o->pattern);
}

static void drop(u32 which)
{
	struct object *at = &live[which % count], o = *at;

	expect_whole(&o, o.size);
	*at = live[--count];
	kfree(o.bytes);
}

/* Sizes by a byte: 1 to 8 of a power of two, up to 256 KiB. */
static size_t size_of(u8 n)
{
	return (size_t)(1 + (n & 7)) << (n >> 4) | (n >> 3 & 1);
}

static void resize(u32 which, size_t size)
{
	struct object *o = &live[which % count];
	u8 *to;

	if (cache_of(o->bytes)->construct || strcmp(cache_of(o->bytes)->name, "fuzz") == 0)
		return;
	to = krealloc(o->bytes, size, GFP_KERNEL);
	if (!to)
		return;
	o->bytes = to;
	expect_whole(o, min_u64(size, o->size));
	o->size = size;
	memset(to, o->pattern, size);
}

static void request(u8 what, u8 n)
{
	struct cache *c = &caches[what & 3];
	u32 gfp = (what & 4 ? GFP_ATOMIC : GFP_KERNEL) | (what & 8 ? __GFP_ZERO : 0);

	switch (what >> 4) {
	case 0:
	case 1:
	case 2:
	case 3:
		for (u32 i = 0; is_open[what & 3] && i <= n % 64u && count < LIVE; i++)
			keep(cache_alloc(c, gfp), c->object_size, (u8)count);
		break;
	case 4:
	case 5: keep(kmalloc(size_of(n), gfp), size_of(n), what); break;
	case 6: keep(kmalloc(size_of(n), gfp | __GFP_DMA), size_of(n), what); break;
	case 7:
		if (count > 0)
			resize(what & 15, size_of(n));
		break;
	case 8: mm_port_set_cpu(&objects_cpu[n % OBJECTS_CPUS]); break;
	case 9: caches_shrink(&objects_mm, n & 1); break;
	default:
		for (u32 i = 0; i <= (what & 31u) && count > 0; i++)
			drop(n + i);
	}
}

/* ---- Machines ---- */

static void open_caches(const u8 *data)
{
	static const u32 flags[8] = { 0,
				      CACHE_CHECKED,
				      CACHE_NO_MAGAZINES,
				      CACHE_ALIGN_LINE,
				      CACHE_DMA,
				      CACHE_RECLAIMABLE,
				      CACHE_CHECKED | CACHE_RECLAIMABLE,
				      CACHE_DMA | CACHE_CHECKED };

	for (u32 i = 0; i < CACHES; i++, data += 3) {
		struct cache_config config = { .name = "fuzz",
					       .size = size_of(data[0]),
					       .align = 1UL << (data[1] % 13),
					       .flags = flags[data[2] & 7] };

		is_open[i] = cache_init(&caches[i], &objects_mm, &config) == OK;
	}
}

static void close_all(void)
{
	while (count > 0)
		drop(count - 1);
	for (u32 i = 0; i < CACHES; i++)
		CHECK(!is_open[i] || cache_destroy(&caches[i]) == OK);
	for (u32 i = 0; i < KMALLOC_CACHES; i++)
		if (objects_kmalloc.dma[i]) {
			CHECK(cache_destroy(objects_kmalloc.dma[i]) == OK);
			kfree(objects_kmalloc.dma[i]);
			objects_kmalloc.dma[i] = NULL;
		}
	objects_shrink();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct objects_machine machine = { .nodes = 1 };
	u64 start;

	if (size < HEAD)
		return 0;
	machine.nodes += data[0] & 1;
	machine.frames = 8 + (data[1] | (u64)data[2] << 8) % 1000;
	machine.dma = 1 + data[3];
	objects_open(&machine);
	start = objects_free();
	count = 0;
	open_caches(data + 4);
	for (size_t i = HEAD; i + 1 < size && count < LIVE; i += 2)
		request(data[i], data[i + 1]);
	objects_expect_sound();
	close_all();
	objects_expect_sound();
	CHECK(objects_free() == start);
	return 0;
}
