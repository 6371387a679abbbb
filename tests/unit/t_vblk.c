/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to a disk: every type, cut into segments anywhere, at the disk's edges; what cannot be
 * done, what cannot be a request, and what is done in turns.
 */
#include "hyp/dev/vblk.h"

#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"
#include "tests/harness/virtio_case.h"

enum { SECTORS = 2048, SIZE = SECTORS * 512, FRAMES = 300, QUEUE = 64 };
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2, S_NONE = 0xee };

#define HEADER_AT (CASE_DATA)
#define STATUS_AT (CASE_DATA + CASE_PAGE)
#define DATA_AT (CASE_DATA + 2UL * CASE_PAGE + 100)

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(PAGE_SIZE);
static u8 module[SIZE], buffer[40 * CASE_PAGE];
static struct vblk b;

static bool write(u32 offset, u32 value)
{
	return vblk_write(&guest, &b, offset, 4, value);
}

static void bring_up_driver(void)
{
	static const struct case_write writes[] = CASE_BRING_UP(0x204, QUEUE);

	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		EXPECT(!write(writes[i].offset, writes[i].value));
	EXPECT(virtio_is_running(&b.virtio));
}

static void open_disk(bool read_only)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), memory);

	case_open();
	world_open(
		&(struct world_config){ .base = base.v / PAGE_SIZE, .frames = FRAMES, .nodes = 1 });
	EXPECT_EQ(promise_make(&world, vdisk_frames(SIZE)), OK);
	for (u32 i = 0; i < SIZE; i++)
		module[i] = (u8)(i * 31 + i / 512 + 1);
	vblk_init(&b, SIZE, module, read_only, &world);
	bring_up_driver();
}

static void put_header(u32 type, u64 sector)
{
	u64 words[2] = { type, sector };
	u8 none = S_NONE;

	case_put(HEADER_AT, words, sizeof(words));
	case_put(STATUS_AT, &none, 1);
}

static u8 status(void)
{
	return (u8)case_word(STATUS_AT, 1);
}

static u32 used_length(void)
{
	u32 index = (u32)case_word(CASE_USED + 2, 2) - 1;

	return (u32)case_word(CASE_USED + 8 + 8UL * (index % QUEUE), 4);
}

static void notify(void)
{
	for (u32 turns = 0; write(0x050, 0); turns++)
		if (turns == 10000) {
			EXPECT(turns < 10000);
			return;
		}
}

/* A request with one data segment, or none where n is 0; its status. */
static u8 request(u32 type, u64 sector, u32 n)
{
	bool in = type == T_IN || type == T_GET_ID;

	put_header(type, sector);
	case_desc(0, HEADER_AT, 16, D_NEXT, n ? 1 : 2);
	case_desc(1, DATA_AT, n, in ? D_NEXT | D_WRITE : D_NEXT, 2);
	case_desc(2, STATUS_AT, 1, D_WRITE, 0);
	case_offer(0, QUEUE);
	notify();
	return status();
}

static void fill(u8 seed, u32 n)
{
	for (u32 i = 0; i < n; i++)
		buffer[i] = (u8)(seed + i * 3);
	case_put(DATA_AT, buffer, n);
}

static bool holds(const u8 *want, u32 n)
{
	case_get(DATA_AT, buffer, n);
	return memcmp(buffer, want, n) == 0;
}

static void what_it_offers(void)
{
	open_disk(false);
	EXPECT_EQ(vblk_read(&b, 0x008, 4), VIRTIO_ID_BLOCK);
	EXPECT_EQ(vblk_read(&b, 0x100, 8), SECTORS);
	EXPECT_EQ(vblk_read(&b, 0x10c, 4), VQ_MAX - 2);
	EXPECT_EQ(vblk_read(&b, 0x114, 4), 512);
	EXPECT_EQ(b.virtio.offered & (1UL << 5), 0);
	open_disk(true);
	EXPECT_EQ(b.virtio.offered & (1UL << 5 | 1UL << 13 | 1UL << 14), 1UL << 5);
}

static void reads(void)
{
	open_disk(false);
	EXPECT_EQ(request(T_IN, 0, 512), S_OK);
	EXPECT(holds(module, 512));
	EXPECT_EQ(used_length(), 513);
	EXPECT_EQ(request(T_IN, 7, 30 * CASE_PAGE), S_OK);
	EXPECT(holds(module + 7 * 512, 30 * CASE_PAGE));
	EXPECT_EQ(request(T_IN, SECTORS - 1, 512), S_OK);
	EXPECT(holds(module + SIZE - 512, 512));
	EXPECT_EQ(request(T_IN, 3, 0), S_OK);
	EXPECT_EQ(b.disk.blocks, 0);
	EXPECT_EQ(b.requests[VBLK_READ], 4);
	EXPECT_EQ(b.errors, 0);
	EXPECT(case_is_sound());
}

static void writes(void)
{
	open_disk(false);
	fill(5, 3 * CASE_PAGE);
	EXPECT_EQ(request(T_OUT, 9, 3 * CASE_PAGE), S_OK);
	EXPECT_EQ(used_length(), 1);
	fill(0, 3 * CASE_PAGE);
	EXPECT_EQ(request(T_IN, 9, 3 * CASE_PAGE), S_OK);
	for (u32 i = 0; i < 3 * CASE_PAGE; i += 511)
		EXPECT_EQ(case_word(DATA_AT + i, 1), (u8)(5 + i * 3));
	EXPECT_EQ(request(T_IN, 8, 512), S_OK);
	EXPECT(holds(module + 8 * 512, 512));
	EXPECT_EQ(request(T_IN, 33, 512), S_OK);
	EXPECT(holds(module + 33 * 512, 512));
	EXPECT_EQ(request(T_FLUSH, 0, 0), S_OK);
	EXPECT_EQ(module[9 * 512], (u8)(9 * 512 * 31 + 9 + 1));
	vblk_restart(&b);
	bring_up_driver();
	case_put(CASE_AVAIL + 2, "\0", 2);
	EXPECT_EQ(request(T_IN, 9, 512), S_OK);
	EXPECT(holds(module + 9 * 512, 512));
	EXPECT(case_is_sound());
}

/* Header, data and status cut at every place, over as many descriptors as there are. */
/* What the driver is told was written, by each kind of request, behind one that wrote more. */
static void how_much_was_written(void)
{
	static const struct {
		u32 type, n, used;
		u64 sector;
	} cases[] = { { T_OUT, 512, 1, 0 },       { T_FLUSH, 0, 1, 0 }, { T_GET_ID, 7, 8, 0 },
		      { T_IN, 512, 513, 0 },      { T_IN, 0, 1, 0 },    { T_IN, 512, 1, SECTORS },
		      { T_OUT, 512, 1, SECTORS }, { 77, 0, 1, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		open_disk(false);
		EXPECT_EQ(request(T_IN, 0, 4096), S_OK);
		EXPECT_EQ(used_length(), 4097);
		request(cases[i].type, cases[i].sector, cases[i].n);
		EXPECT_EQ(used_length(), cases[i].used);
	}
}

static void segments(void)
{
	for (u32 cut = 1; cut < 16; cut++) {
		u16 i = 0;
		u32 left = 1024 + 1;

		open_disk(false);
		put_header(T_IN, 4);
		case_desc(i++, HEADER_AT, cut, D_NEXT, 1);
		case_desc(i++, HEADER_AT + cut, 16 - cut, D_NEXT, 2);
		for (; left; i++) {
			u32 n = i == 50 ? left : (u32)min_u64(left, 1 + (u64)cut * i % 60);

			left -= n;
			case_desc(i, DATA_AT + 1024 + 1 - left - n, n,
				  left ? D_WRITE | D_NEXT : D_WRITE, (u16)(i + 1));
		}
		case_offer(0, QUEUE);
		notify();
		EXPECT(holds(module + 4 * 512, 1024));
		EXPECT_EQ(case_word(DATA_AT + 1024, 1), S_OK);
		EXPECT_EQ(used_length(), 1025);
	}
}

static void out_of_range(void)
{
	static const struct {
		u64 sector;
		u32 n;
	} cases[] = { { SECTORS, 512 },   { SECTORS - 1, 1024 }, { 0, 511 },
		      { 0, 513 },         { ~0UL, 512 },         { ~0UL, 1024 },
		      { ~0UL >> 9, 512 }, { 1UL << 55, 512 } };

	open_disk(false);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(request(T_IN, cases[i].sector, cases[i].n), S_IOERR);
		EXPECT_EQ(request(T_OUT, cases[i].sector, cases[i].n), S_IOERR);
	}
	EXPECT_EQ(b.errors, 2 * ARRAY_SIZE(cases));
	EXPECT_EQ(b.disk.blocks + b.disk.tables, 0);
	EXPECT_EQ(case_word(DATA_AT, 8), 0);
	EXPECT(!virtio_has_failed(&b.virtio));
}

static void types_that_are_not_there(void)
{
	open_disk(false);
	EXPECT_EQ(request(2, 0, 512), S_UNSUPP);
	EXPECT_EQ(request(~0U, 0, 512), S_UNSUPP);
	EXPECT_EQ(b.requests[VBLK_OTHER], 2);
}

static void its_name(void)
{
	open_disk(false);
	EXPECT_EQ(request(T_GET_ID, 0, 20), S_OK);
	EXPECT(holds((const u8 *)"twofold disk\0\0\0\0\0\0\0", 20));
	EXPECT_EQ(used_length(), 21);
	EXPECT_EQ(request(T_GET_ID, 0, 3), S_OK);
}

static u8 zeroes(u32 type, u64 sector, u32 sectors, u32 flags)
{
	struct {
		u64 sector;
		u32 sectors, flags;
	} z = { sector, sectors, flags };

	case_put(DATA_AT, &z, sizeof(z));
	return request(type, 0, sizeof(z));
}

static void discards(void)
{
	static const u8 zero[CASE_PAGE];

	open_disk(false);
	fill(1, 4 * CASE_PAGE);
	EXPECT_EQ(request(T_OUT, 0, 4 * CASE_PAGE), S_OK);
	EXPECT_EQ(b.disk.blocks, 4);
	EXPECT_EQ(zeroes(T_DISCARD, 8, 8, 0), S_OK);
	EXPECT_EQ(b.disk.blocks, 3);
	EXPECT_EQ(request(T_IN, 8, CASE_PAGE), S_OK);
	EXPECT(holds(zero, CASE_PAGE));
	EXPECT_EQ(zeroes(T_ZEROES, 1, 2, 0), S_OK);
	EXPECT_EQ(zeroes(T_ZEROES, 16, 16, 1), S_OK);
	EXPECT_EQ(b.disk.blocks, 1);
	EXPECT_EQ(request(T_IN, 1, 1024), S_OK);
	EXPECT(holds(zero, 1024));
	EXPECT_EQ(zeroes(T_ZEROES, 0, SECTORS, 1), S_OK);
	EXPECT_EQ(b.disk.blocks, 0);
	EXPECT_EQ(request(T_IN, SECTORS - 8, CASE_PAGE), S_OK);
	EXPECT(holds(zero, CASE_PAGE));
	EXPECT_EQ(zeroes(T_DISCARD, 0, 0, 0), S_OK);
	EXPECT_EQ(zeroes(T_DISCARD, 0, 8, 1), S_UNSUPP);
	EXPECT_EQ(zeroes(T_ZEROES, 0, 8, 2), S_UNSUPP);
	EXPECT_EQ(zeroes(T_DISCARD, SECTORS - 7, 8, 0), S_IOERR);
	EXPECT_EQ(zeroes(T_ZEROES, ~0UL, ~0U, 1), S_IOERR);
	EXPECT_EQ(request(T_DISCARD, 0, 15), S_IOERR);
	EXPECT_EQ(request(T_DISCARD, 0, 17), S_IOERR);
}

static void read_only(void)
{
	open_disk(true);
	EXPECT_EQ(request(T_OUT, 0, 512), S_IOERR);
	EXPECT_EQ(zeroes(T_DISCARD, 0, 8, 0), S_IOERR);
	EXPECT_EQ(zeroes(T_ZEROES, 0, 8, 0), S_IOERR);
	EXPECT_EQ(request(T_IN, 0, 512), S_OK);
	EXPECT(holds(module, 512));
	EXPECT_EQ(b.disk.tables, 0);
}

/* A chain without a whole header, or without a place for the status. */
static void what_is_no_request(void)
{
	open_disk(false);
	case_desc(0, HEADER_AT, 15, D_NEXT, 1);
	case_desc(1, STATUS_AT, 1, D_WRITE, 0);
	case_offer(0, QUEUE);
	notify();
	EXPECT(virtio_has_failed(&b.virtio));
	EXPECT(virtio_line(&b.virtio));
	EXPECT_EQ(case_word(CASE_USED + 2, 2), 0);

	open_disk(false);
	case_desc(0, HEADER_AT, 16, 0, 0);
	case_offer(0, QUEUE);
	notify();
	EXPECT(virtio_has_failed(&b.virtio));

	/* Nothing is written for whom nobody can tell how it went. */
	open_disk(false);
	put_header(T_OUT, 0);
	case_desc(0, HEADER_AT, 16, D_NEXT, 1);
	case_desc(1, DATA_AT, 512, 0, 0);
	case_offer(0, QUEUE);
	notify();
	EXPECT(virtio_has_failed(&b.virtio));
	EXPECT_EQ(b.disk.blocks, 0);

	open_disk(false);
	case_desc(0, STATUS_AT, ~0U, D_WRITE, 0);
	case_offer(0, QUEUE);
	notify();
	EXPECT(virtio_has_failed(&b.virtio));
	EXPECT_EQ(request(T_IN, 0, 512), S_NONE); /* nothing is done before a reset */
	memset(&guest, 0, sizeof(guest));
	bring_up_driver();
	EXPECT_EQ(request(T_IN, 0, 512), S_OK);
}

/* A queue full of long requests is not done at once, but it is done. */
static void in_turns(void)
{
	u32 turns = 0;

	open_disk(false);
	put_header(T_IN, 0);
	case_desc(0, HEADER_AT, 16, D_NEXT, 1);
	for (u16 i = 1; i < 7; i++)
		case_desc(i, DATA_AT, 30 * CASE_PAGE, D_NEXT | D_WRITE, (u16)(i + 1));
	case_desc(7, STATUS_AT, 1, D_WRITE, 0);
	for (u32 i = 0; i < QUEUE; i++)
		case_offer(0, QUEUE);
	while (write(0x050, 0)) {
		turns++;
		EXPECT(turns < 100000);
	}
	EXPECT(turns >= 6U * 30 * CASE_PAGE * QUEUE / VBLK_BUDGET);
	EXPECT_EQ(case_word(CASE_USED + 2, 2), QUEUE);
	EXPECT_EQ(status(), S_OK);
	EXPECT(holds(module + 5 * 30 * CASE_PAGE, 30 * CASE_PAGE));
	EXPECT_EQ(b.bytes_read, 6UL * 30 * CASE_PAGE * QUEUE);
}

/* A reset, or a queue taken away, between two turns ends the request that was under way. */
static void taken_away_between_turns(void)
{
	for (u32 how = 0; how < 2; how++) {
		open_disk(false);
		put_header(T_IN, 0);
		case_desc(0, HEADER_AT, 16, D_NEXT, 1);
		case_desc(1, DATA_AT, 30 * CASE_PAGE, D_NEXT | D_WRITE, 2);
		case_desc(2, STATUS_AT, 1, D_WRITE, 0);
		case_offer(0, QUEUE);
		EXPECT(write(0x050, 0));
		EXPECT(b.busy);
		EXPECT(!write(how ? 0x044 : 0x070, 0));
		EXPECT(!b.busy);
		EXPECT(!write(0x050, 0));
		EXPECT_EQ(case_word(CASE_USED + 2, 2), 0);
		EXPECT_EQ(status(), S_NONE);
	}
}

/* The memory of a request that is under way goes: an error where it can be told, no harm. */
static void memory_goes_between_turns(void)
{
	open_disk(false);
	put_header(T_IN, 0);
	case_desc(0, HEADER_AT, 16, D_NEXT, 1);
	case_desc(1, DATA_AT, 30 * CASE_PAGE, D_NEXT | D_WRITE, 2);
	case_desc(2, STATUS_AT, 1, D_WRITE, 0);
	case_offer(0, QUEUE);
	EXPECT(write(0x050, 0));
	guest.lost = align_down(DATA_AT, CASE_PAGE) + 25UL * CASE_PAGE;
	notify();
	EXPECT_EQ(status(), S_IOERR);
	case_offer(0, QUEUE);
	EXPECT(write(0x050, 0));
	guest.lost = STATUS_AT;
	notify();
	EXPECT(virtio_has_failed(&b.virtio));
}

TESTS(T(what_it_offers), T(reads), T(writes), T(how_much_was_written), T(segments), T(out_of_range),
      T(types_that_are_not_there), T(its_name), T(discards), T(read_only), T(what_is_no_request),
      T(in_turns), T(taken_away_between_turns), T(memory_goes_between_turns))
