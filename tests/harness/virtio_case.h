/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest for the virtio devices under test: RAM whose pages are scattered, with canaries between
 * them, and a driver that fills one queue.  Included once by each test.
 */
#ifndef TESTS_HARNESS_VIRTIO_CASE_H
#define TESTS_HARNESS_VIRTIO_CASE_H

#include "hyp/dev/virtio.h"
#include "include/bits.h"
#include "lib/str.h"

enum { CASE_PAGE = 4096, CASE_PAGES = 64, CASE_GUARD = 64, CASE_CANARY = 0xa5 };

#define CASE_BASE 0x40000000UL
#define CASE_SIZE ((u64)CASE_PAGES * CASE_PAGE)
#define CASE_END (CASE_BASE + CASE_SIZE)

/* A page of RAM and what no device may touch. */
struct case_page {
	u8 byte[CASE_PAGE];
	u8 guard[CASE_GUARD];
};

struct vm {
	struct case_page page[CASE_PAGES]; /* the last of RAM first */
	u64 lost;                          /* this page can no longer be reached; 0 is none */
	u64 read_only;                     /* this one not be written */
	u64 watched, asked;                /* how often this very address was asked for */
};

static struct vm guest aligned_to(64);

static inline struct case_page *case_page(struct vm *vm, u64 ipa)
{
	return &vm->page[CASE_PAGES - 1 - (ipa - CASE_BASE) / CASE_PAGE];
}

bool virtio_is_ram(const struct vm *vm, ipa_t ipa, u64 n)
{
	(void)vm;
	return ipa.v >= CASE_BASE && range_within(ipa.v - CASE_BASE, n, CASE_SIZE - 1);
}

void *virtio_memory(struct vm *vm, ipa_t ipa, u64 n, bool write, u64 *got)
{
	u64 offset = ipa.v % CASE_PAGE, page = ipa.v - offset;

	vm->asked += ipa.v == vm->watched;
	if (!virtio_is_ram(vm, ipa, 1) || page == vm->lost || (write && page == vm->read_only))
		return NULL;
	*got = min_u64(n, CASE_PAGE - offset);
	return case_page(vm, ipa.v)->byte + offset;
}

static inline void case_open(void)
{
	memset(&guest, 0, sizeof(guest));
	for (u32 i = 0; i < CASE_PAGES; i++)
		memset(guest.page[i].guard, CASE_CANARY, CASE_GUARD);
}

static inline bool case_is_sound(void)
{
	for (u32 i = 0; i < CASE_PAGES; i++)
		for (u32 k = 0; k < CASE_GUARD; k++)
			if (guest.page[i].guard[k] != CASE_CANARY)
				return false;
	return true;
}

static inline void case_put(u64 ipa, const void *from, u64 n)
{
	for (u64 done = 0, step; done < n; done += step) {
		u64 at = ipa + done;

		step = min_u64(n - done, CASE_PAGE - at % CASE_PAGE);
		memcpy(case_page(&guest, at)->byte + at % CASE_PAGE, (const u8 *)from + done, step);
	}
}

static inline void case_get(u64 ipa, void *to, u64 n)
{
	for (u64 done = 0, step; done < n; done += step) {
		u64 at = ipa + done;

		step = min_u64(n - done, CASE_PAGE - at % CASE_PAGE);
		memcpy((u8 *)to + done, case_page(&guest, at)->byte + at % CASE_PAGE, step);
	}
}

static inline u64 case_word(u64 ipa, u32 size)
{
	u64 value = 0;

	case_get(ipa, &value, size);
	return value;
}

/* ---- The driver's side ----------------------------------------------------------------------- */

/* Rings where they cross pages: the used ring's first entry begins 4 bytes before a page's end. */
#define CASE_DESC (CASE_BASE + CASE_PAGE - 64)
#define CASE_AVAIL (CASE_BASE + 3UL * CASE_PAGE - 6)
#define CASE_USED (CASE_BASE + 5UL * CASE_PAGE - 8)
#define CASE_DATA (CASE_BASE + 8UL * CASE_PAGE)

enum { D_NEXT = 1, D_WRITE = 2, D_INDIRECT = 4 };

static inline void case_desc(u32 index, u64 ipa, u32 size, u16 flags, u16 next)
{
	u64 words[2] = { ipa, size | (u64)flags << 32 | (u64)next << 48 };

	case_put(CASE_DESC + 16UL * index, words, sizeof(words));
}

/* Makes a chain available that begins at head, in a queue of `size`. */
static inline void case_offer(u16 head, u32 size)
{
	u16 index = (u16)case_word(CASE_AVAIL + 2, 2);

	case_put(CASE_AVAIL + 4 + 2UL * (index % size), &head, 2);
	index++;
	case_put(CASE_AVAIL + 2, &index, 2);
}

/* A register of the device. */
static inline u32 case_read(const struct virtio *d, u32 offset)
{
	return (u32)virtio_read(d, offset, 4);
}

/* What a driver writes, register by register, to bring a device up to DRIVER_OK. */
struct case_write {
	u32 offset, value;
};

#define CASE_BRING_UP(features_low, queue_size)                                                    \
	{                                                                                          \
		{ 0x070, 0 }, { 0x070, 1 }, { 0x070, 3 }, { 0x024, 0 }, { 0x020, (features_low) }, \
			{ 0x024, 1 }, { 0x020, 1 }, { 0x070, 11 }, { 0x030, 0 },                   \
			{ 0x038, (queue_size) }, { 0x080, (u32)CASE_DESC }, { 0x084, 0 },          \
			{ 0x090, (u32)CASE_AVAIL }, { 0x094, 0 }, { 0x0a0, (u32)CASE_USED },       \
			{ 0x0a4, 0 }, { 0x044, 1 }, { 0x070, 15 },                                 \
	}

#endif
