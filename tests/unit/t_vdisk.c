/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk's blocks: a module stays as it was, what is written is read back, frames are taken
 * where they must be and given back where they can be.  A plain copy of the disk is the judge.
 */
#include "hyp/dev/vdisk.h"
#include "include/bits.h"
#include "lib/str.h"
#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

/* The disk spans two tables, and its last block is one sector. */
enum { SECTOR = 512, BLOCKS = 600, SIZE = BLOCKS * VDISK_BLOCK - 7 * SECTOR, FRAMES = 640 };

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(PAGE_SIZE);
static u8 module[SIZE], judge[SIZE], buffer[SIZE];
static struct vdisk disk;

static void open_disk(const u8 *first)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), memory);

	memset(memory, 0x77, sizeof(memory));
	world_open(
		&(struct world_config){ .base = base.v / PAGE_SIZE, .frames = FRAMES, .nodes = 1 });
	EXPECT_EQ(promise_make(&world, vdisk_frames(SIZE)), OK);
	for (u32 i = 0; i < SIZE; i++)
		module[i] = (u8)(i * 31 + i / 4096 + 1);
	if (first)
		memcpy(judge, module, SIZE);
	else
		memset(judge, 0, SIZE);
	vdisk_init(&disk, SIZE, first, &world);
}

static void read_all(u64 at, u8 *to, u64 n)
{
	for (u64 done = 0; done < n;)
		done += vdisk_read(&disk, at + done, to + done, n - done);
}

static void write_all(u64 at, u64 n, u8 seed)
{
	for (u64 i = 0; i < n; i++)
		judge[at + i] = (u8)(seed + i * 13);
	for (u64 done = 0; done < n;)
		done += vdisk_write(&disk, at + done, judge + at + done, n - done);
}

static void zero_all(u64 at, u64 n)
{
	memset(judge + at, 0, n);
	for (u64 done = 0; done < n;)
		done += vdisk_zero(&disk, at + done, n - done);
}

static void expect_right(void)
{
	const char *wrong = vdisk_check(&disk);

	EXPECT_STR(wrong ? wrong : "sound", "sound");
	read_all(0, buffer, SIZE);
	EXPECT_EQ(memcmp(buffer, judge, SIZE), 0);
	for (u32 i = 0; i < SIZE; i++)
		if (module[i] != (u8)(i * 31 + i / 4096 + 1)) {
			EXPECT_EQ(i, SIZE); /* the module was written to */
			return;
		}
}

static void close_disk(void)
{
	vdisk_release(&disk);
	EXPECT_EQ(disk.blocks + disk.tables, 0);
	EXPECT_EQ(world_free(), FRAMES);
	EXPECT_EQ(world.promised, vdisk_frames(SIZE));
	world_check();
}

static void what_is_promised(void)
{
	EXPECT_EQ(vdisk_frames(0), 0);
	EXPECT_EQ(vdisk_frames(512), 1 + 3);
	EXPECT_EQ(vdisk_frames(512 * 4096), 512 + 3);
	EXPECT_EQ(vdisk_frames(512 * 4096 + 1), 513 + 2 + 1 + 1);
	EXPECT_EQ(vdisk_frames(VDISK_MAX), (1UL << 27) + (1UL << 18) + (1UL << 9) + 1);
}

static void a_module_as_it_is(void)
{
	open_disk(module);
	expect_right();
	EXPECT_EQ(disk.blocks + disk.tables, 0);
	close_disk();
}

static void copied_on_write(void)
{
	open_disk(module);
	write_all(5 * VDISK_BLOCK + 100, 10, 1);
	EXPECT_EQ(disk.blocks, 1);
	EXPECT_EQ(disk.tables, 3);
	write_all(5 * VDISK_BLOCK, VDISK_BLOCK, 2);
	EXPECT_EQ(disk.blocks, 1);
	write_all(6 * VDISK_BLOCK - 1, 2, 3);
	EXPECT_EQ(disk.blocks, 2);
	write_all(SIZE - 1, 1, 4);
	EXPECT_EQ(disk.blocks, 3);
	EXPECT_EQ(disk.tables, 4);
	expect_right();
	close_disk();
	memcpy(judge, module, SIZE);
	expect_right();
}

static void a_disk_of_zeros(void)
{
	open_disk(NULL);
	expect_right();
	EXPECT_EQ(vdisk_zero(&disk, 0, SIZE), 512 * VDISK_BLOCK); /* a table's share at once */
	EXPECT_EQ(disk.tables, 0);
	write_all(VDISK_BLOCK + 1, 1, 9);
	expect_right();
	zero_all(VDISK_BLOCK, VDISK_BLOCK);
	EXPECT_EQ(disk.blocks, 0);
	zero_all(VDISK_BLOCK + 5, 7);
	EXPECT_EQ(disk.blocks, 0);
	expect_right();
	close_disk();
}

static void holes_in_a_module(void)
{
	open_disk(module);
	zero_all(3 * VDISK_BLOCK, 2 * VDISK_BLOCK);
	EXPECT_EQ(disk.blocks, 0);
	expect_right();
	write_all(3 * VDISK_BLOCK + 7, 3, 1); /* the rest of the hole stays zero */
	EXPECT_EQ(disk.blocks, 1);
	expect_right();
	zero_all(4 * VDISK_BLOCK + 7, 30);
	EXPECT_EQ(disk.blocks, 1);
	zero_all(8 * VDISK_BLOCK - 1, 2);
	EXPECT_EQ(disk.blocks, 3);
	expect_right();
	zero_all(0, SIZE);
	/* A part of the last block is not a whole one. */
	EXPECT_EQ(disk.blocks, 1);
	expect_right();
	close_disk();
}

/* Every block: the promise is just enough. */
static void all_of_it(void)
{
	open_disk(module);
	write_all(0, SIZE, 77);
	EXPECT_EQ(disk.blocks + disk.tables, vdisk_frames(SIZE));
	EXPECT_EQ(world.promised, 0);
	expect_right();
	close_disk();
}

static void at_random(void)
{
	u64 state = 7;

	for (u32 round = 0; round < 2; round++) {
		open_disk(round ? module : NULL);
		for (u32 i = 0; i < 400; i++) {
			u64 at = tap_random(&state) % SIZE;
			u64 n = 1 + tap_random(&state) % (5 * VDISK_BLOCK);

			if (i % 3 == 0)
				at = align_down(at, VDISK_BLOCK);
			n = min_u64(n, SIZE - at);
			if (tap_random(&state) % 3)
				write_all(at, n, (u8)i);
			else
				zero_all(at, n);
		}
		expect_right();
		close_disk();
	}
}

TESTS(T(what_is_promised), T(a_module_as_it_is), T(copied_on_write), T(a_disk_of_zeros),
      T(holes_in_a_module), T(all_of_it), T(at_random))
