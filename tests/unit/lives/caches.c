/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest finds in its memory, with its caches on or off, as data and as code: zeros and what
 * EL2 has put there, on CPUs with every size of cache line and DC ZVA block, with and without
 * FEAT_S2FWB and what CTR_EL0.DIC promises.  The machine judges each frame that is mapped.
 */
#include "hyp/mem/guest_mem.h"
#include "lib/str.h"
#include "tests/harness/tap.h"
#include "tests/lives/machine.h"

enum { PAGE = 4096, RAM = 4 << 20, KERNEL = 0x80000 };

static char why[VM_WHY];

static struct vm *start(const struct machine_config *c, const char *args)
{
	struct vm *vm;

	machine_open(c);
	vm = machine_guest(args);
	EXPECT_EQ(vm_start(vm, why), OK);
	return vm;
}

static void stop(struct vm *vm)
{
	vm_stop(vm, VM_END_CONSOLE);
	machine_close();
}

/* One life: pages or a block taken and mapped, an image loaded, all given back. */
static void one_life(const struct machine_config *c, const char *args)
{
	struct vm *vm = start(c, args);
	u8 image[MACHINE_MODULE];

	for (u64 i = 0; i < sizeof(image); i++)
		image[i] = machine_module(i);
	EXPECT(machine_shows(vm, VM_RAM_BASE + KERNEL, image, sizeof(image)));
	EXPECT_EQ(guest_mem_fault(vm, mk_ipa(VM_RAM_BASE + RAM - 1)), OK);
	EXPECT_EQ(guest_mem_fault_in(vm, mk_ipa(VM_RAM_BASE)), OK);
	EXPECT_EQ(machine_load(vm, VM_RAM_BASE + RAM - 1, false), 0);
	EXPECT_EQ(machine_load(vm, VM_RAM_BASE, true), 0);
	stop(vm);
}

/*
 * CTR_EL0.DminLine and DCZID_EL0.BS over all that a page can hold, the latter prohibited as well:
 * each is log2 of words, and neither is the other.
 */
static void every_line(void)
{
	u32 rest = 0;

	for (u32 line = 16; line <= 2048; line *= 2)
		for (u32 block = 8; block <= 2048; block *= 2, rest++)
			one_life(&(struct machine_config){ .line = line,
							   .block = block == 8 ? 0 : block,
							   .no_ic = rest & 1,
							   .fwb = (rest & 6) == 6 },
				 "tf.mem=4M tf.leaf=4k");
}

static void blocks(void)
{
	for (u32 line = 16; line <= 2048; line *= 8)
		for (u32 rest = 0; rest < 4; rest++)
			one_life(&(struct machine_config){ .line = line,
							   .block = 64,
							   .no_ic = rest & 1,
							   .fwb = rest & 2 },
				 "tf.mem=4M tf.leaf=2m");
}

/* Larger granules come as several frames. */
static void granules(void)
{
	static const char *const args[] = { "tf.mem=4M tf.granule=16k tf.leaf=16k",
					    "tf.mem=4M tf.granule=64k tf.leaf=64k",
					    "tf.mem=4M tf.granule=64k tf.leaf=2m" };

	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		one_life(&(struct machine_config){ .line = 64, .block = 64 }, args[i]);
}

/* What is not needed is not done: S2FWB needs no clean, DIC no IC. */
static void no_more_than_needed(void)
{
	struct machine_counts n;

	one_life(&(struct machine_config){ .line = 64, .block = 64, .fwb = true, .no_ic = true },
		 "tf.mem=4M tf.leaf=2m");
	n = machine_counts();
	EXPECT_EQ(n.cvac, 0);
	EXPECT_EQ(n.ic, 0);
	EXPECT(n.zva > 0);
	one_life(&(struct machine_config){ .line = 64, .block = 64 }, "tf.mem=4M tf.leaf=2m");
	n = machine_counts();
	EXPECT(n.cvac > 0 && n.ic > 0);
}

/* Every first and last byte about the ends of a line and of a page; nothing beside them changes. */
static void what_el2_writes(void)
{
	static const u64 places[] = { 0, 1, 63, 64, 65, PAGE - 65, PAGE - 1, PAGE, 2 * PAGE - 1 };
	static u8 want[4 * PAGE];
	struct vm *vm =
		start(&(struct machine_config){ .line = 64, .block = 64 }, "tf.mem=4M tf.leaf=4k");
	u64 base = VM_RAM_BASE + RAM / 2 + 0x100000;

	memset(want, 0, sizeof(want));
	for (u64 at = 0; at < sizeof(want); at += PAGE)
		EXPECT_EQ(guest_mem_fault(vm, mk_ipa(base + at)), OK);
	for (u64 i = 0; i < ARRAY_SIZE(places) * ARRAY_SIZE(places); i++) {
		u64 at = places[i % ARRAY_SIZE(places)], n = places[i / ARRAY_SIZE(places)] + 1;

		memset(want + at, (int)i + 1, n);
		EXPECT_EQ(guest_mem_write(vm, mk_ipa(base + at), want + at, n), OK);
		EXPECT(machine_shows(vm, base, want, sizeof(want)));
	}
	stop(vm);
}

/*
 * A guest leaves dirty lines, and words in memory that its caches do not show; what is there after
 * a reset is as after the first start.
 */
static void a_reset(void)
{
	for (u32 fwb = 0; fwb < 2; fwb++) {
		struct vm *vm =
			start(&(struct machine_config){ .line = 64, .block = 64, .fwb = fwb },
			      "tf.mem=4M tf.leaf=2m");
		u64 last = VM_RAM_BASE + RAM - 64;

		for (u32 cached = 0; cached < 2; cached++) {
			EXPECT_EQ(guest_mem_fault_in(vm, mk_ipa(last)), OK);
			machine_store(vm, last, 0xee, cached);
			machine_store(vm, VM_RAM_BASE + KERNEL, 0xee, cached);
			vm_reset(vm);
			EXPECT_EQ(vm->state, VM_RUNNING);
			EXPECT_EQ(guest_mem_fault_in(vm, mk_ipa(last)), OK);
			for (u32 how = 0; how < 2; how++) {
				EXPECT_EQ(machine_load(vm, last, how), 0);
				EXPECT_EQ(machine_load(vm, VM_RAM_BASE + KERNEL, how),
					  machine_module(0));
			}
		}
		stop(vm);
	}
}

/* DC CISW in a loop, which cleans what the guest has mapped: by turns, to the end, once. */
static void by_set_and_way(void)
{
	struct vm *vm = start(&(struct machine_config){ .line = 64, .block = 64 },
			      "tf.mem=4M tf.leaf=4k tf.populate=eager");
	u64 next = 0, turns = 0;

	for (u64 at = VM_RAM_BASE; at < VM_RAM_BASE + RAM; at += PAGE)
		machine_store(vm, at + at / PAGE % 64 * 64, 0x77, true);
	do {
		next = guest_mem_clean(vm, next, 3 * PAGE);
		turns++;
	} while (next && turns < RAM / PAGE);
	EXPECT_EQ(turns, (RAM / PAGE + 2) / 3);
	for (u64 at = VM_RAM_BASE; at < VM_RAM_BASE + RAM; at += PAGE)
		EXPECT_EQ(machine_load(vm, at + at / PAGE % 64 * 64, false), 0x77);
	stop(vm);
}

TESTS(T(every_line), T(blocks), T(granules), T(no_more_than_needed), T(what_el2_writes), T(a_reset),
      T(by_set_and_way))
