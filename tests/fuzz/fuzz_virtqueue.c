/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk and a random number generator under libFuzzer, as a hostile guest has them: any
 * registers, any memory, descriptors that are nearly right.  Whatever it does, no byte outside
 * its RAM changes, a notification comes to an end, and frames, map and module stay sound.
 *
 * An input is a row of actions, a byte each that chooses, and its arguments.
 */
#include "hyp/dev/vblk.h"
#include "hyp/dev/vrng.h"
#include "include/check.h"
#include "mm/promise.h"
#include "tests/fuzz/fuzz.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/virtio_case.h"

enum { SECTORS = 96, SIZE = SECTORS * 512, FRAMES = 20, QUEUE = 16, TURNS = 100000 };

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(PAGE_SIZE);
static u8 module[SIZE], module_copy[SIZE];
static struct vblk disk;
static struct vrng rng;

struct input {
	const u8 *at, *end;
};

static u64 take(struct input *in, u32 bytes)
{
	u64 value = 0;

	for (u32 i = 0; i < bytes && in->at < in->end; i++)
		value |= (u64)*in->at++ << 8 * i;
	return value;
}

static void write_register(bool to_rng, u32 offset, u32 size, u64 value)
{
	for (u32 turns = 0;; turns++) {
		bool again = to_rng ? vrng_write(&guest, &rng, offset, size, value)
				    : vblk_write(&guest, &disk, offset, size, value);

		if (!again || offset != 0x050)
			return;
		CHECK(turns < TURNS);
	}
}

static void bring_up(bool to_rng)
{
	static const struct case_write writes[] = CASE_BRING_UP(0, QUEUE);

	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		write_register(to_rng, writes[i].offset, 4, writes[i].value);
}

/* An address in RAM, mostly. */
static u64 take_ipa(struct input *in)
{
	u64 kind = take(in, 1);

	if (kind < 8)
		return take(in, 8);
	return CASE_BASE + take(in, 3) % CASE_SIZE;
}

static void put_desc(struct input *in)
{
	u32 index = (u32)take(in, 1) % (QUEUE + 1);
	u64 ipa = take_ipa(in);
	u32 size = (u32)take(in, take(in, 1) % 8 ? 2 : 4);

	case_desc(index, ipa, size, (u16)take(in, 1), (u16)take(in, 1));
}

/* A request as a driver would make it, but for its numbers. */
static void put_request(struct input *in)
{
	u64 words[2] = { take(in, 1) % 16, take(in, 2) };
	u32 n = (u32)take(in, 2);
	u16 way = take(in, 1) % 2 ? D_WRITE : 0;

	case_put(CASE_DATA, words, sizeof(words));
	case_desc(0, CASE_DATA, 16, D_NEXT, 1);
	case_desc(1, CASE_DATA + 200, n, (u16)(D_NEXT | way), 2);
	case_desc(2, CASE_DATA + 100, 1, D_WRITE, 0);
	case_offer(0, QUEUE);
}

static void put_bytes(struct input *in)
{
	u64 at = take(in, 3) % (CASE_SIZE - 16), value = take(in, 8);

	case_put(CASE_BASE + at, &value, 8);
}

static void act(struct input *in)
{
	u64 what = take(in, 1);
	bool to_rng = what & 0x80;

	switch (what & 15) {
	case 0: bring_up(to_rng); break;
	case 1: write_register(to_rng, (u32)take(in, 1) * 4 % VIRTIO_SIZE, 4, take(in, 4)); break;
	case 2:
		write_register(to_rng, (u32)take(in, 2) % VIRTIO_SIZE, 1u << take(in, 1) % 4,
			       take(in, 8));
		break;
	case 3: put_bytes(in); break;
	case 4: case_offer((u16)take(in, 1), QUEUE); break;
	case 5: put_request(in); break;
	case 6: guest.lost = CASE_BASE + take(in, 1) % CASE_PAGES * CASE_PAGE; break;
	case 7: guest.read_only = CASE_BASE + take(in, 1) % CASE_PAGES * CASE_PAGE; break;
	case 8: guest.lost = guest.read_only = 0; break;
	case 9:
		(void)vblk_read(&disk, (u32)take(in, 2) % VIRTIO_SIZE, 1u << take(in, 1) % 4);
		break;
	case 10:
	case 11:
	case 12: put_desc(in); break;
	default: write_register(to_rng, 0x050, 4, 0); break;
	}
}

static void expect_sound(void)
{

	CHECK(case_is_sound());
	CHECK(vdisk_check(&disk.disk) == NULL);
	CHECK(memcmp(module, module_copy, SIZE) == 0);
	vblk_stop(&disk);
	CHECK(world_free() == FRAMES && world.promised == vdisk_frames(SIZE));
	world_check();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 key[VRNG_KEY];
	struct input in = { data, data + size };
	pa_t base = mm_port_set(mk_pa(0x80000000), memory);

	case_open();
	world_open(
		&(struct world_config){ .base = base.v / PAGE_SIZE, .frames = FRAMES, .nodes = 1 });
	CHECK(promise_make(&world, vdisk_frames(SIZE)) == OK);
	for (u32 i = 0; module_copy[1] == 0 && i < SIZE; i++)
		module[i] = module_copy[i] = (u8)(i * 7);
	vblk_init(&disk, SIZE, size % 2 ? module : NULL, size % 8 == 0, &world);
	vrng_init(&rng);
	vrng_restart(&rng, key);
	bring_up(false);
	bring_up(true);
	while (in.at < in.end)
		act(&in);
	expect_sound();
	return 0;
}
