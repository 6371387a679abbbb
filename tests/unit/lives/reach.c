/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What EL2 reads and writes for a guest, by the loader, the console and the virtio devices: RAM of
 * that guest and nothing else, and there nothing that the guest itself could not.
 */
#include "hyp/mem/dirty.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/vm/device.h"
#include "include/bits.h"
#include "lib/str.h"
#include "tests/harness/tap.h"
#include "tests/lives/machine.h"

enum { PAGE = 4096, RAM = 4 << 20, MARK = MACHINE_SECRET };

#define RAM_END (VM_RAM_BASE + RAM)
#define FREE_AT (VM_RAM_BASE + 0x100000) /* nothing of the loader's is here, or in what follows */

static char why[VM_WHY];
static struct vm *vm;

static void start(const char *args)
{
	machine_open(&(struct machine_config){ .line = 64, .block = 64 });
	vm = machine_guest(args);
	EXPECT_EQ(vm_start(vm, why), OK);
}

static void stop(void)
{
	vm_stop(vm, VM_END_CONSOLE);
	machine_close();
}

/* ---- Where ----------------------------------------------------------------------------------- */

static const u64 edges[] = { 0,           VM_GICD_BASE,   VM_UART_BASE, VM_RAM_BASE - PAGE,
			     VM_RAM_BASE, RAM_END - PAGE, RAM_END,      RAM_END + VM_RAM_BASE,
			     1UL << 32,   1UL << 39,      1UL << 40,    1UL << 52,
			     1UL << 63,   0 - VM_RAM_BASE };

/* [ipa, ipa + n) in the guest's RAM, by subtractions that cannot wrap. */
static bool is_inside(u64 ipa, u64 n)
{
	return n <= RAM && ipa >= VM_RAM_BASE && ipa <= RAM_END - n;
}

/* What is refused takes no frame and writes no byte; it is refused for its last byte as well. */
static void judge(u64 ipa, u64 n)
{
	static u8 bytes[RAM];
	u64 taken = machine_taken(), got;

	EXPECT_EQ(guest_mem_is_ram(vm, mk_ipa(ipa), n), is_inside(ipa, n));
	if (is_inside(ipa, n))
		return;
	bytes[0] = MARK;
	EXPECT_EQ(guest_mem_read(vm, bytes, mk_ipa(ipa), n), ERR_RANGE);
	EXPECT_EQ(bytes[0], MARK);
	if (n > sizeof(bytes)) /* whoever does not see it reads beyond the array */
		EXPECT_EQ(guest_mem_write(vm, mk_ipa(ipa), bytes, n), ERR_RANGE);
	if (!is_inside(ipa, 1))
		EXPECT(guest_mem_at(vm, mk_ipa(ipa), n, S2_R, &got) == NULL);
	EXPECT_EQ(machine_taken(), taken);
}

/* A range from each edge, and a byte about it, whose size or whose end is such a number, too. */
static void every_edge(void)
{
	start("tf.mem=4M tf.leaf=4k");
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		for (size_t k = 0; k < ARRAY_SIZE(edges); k++)
			for (u64 d = 0; d < 9; d++) {
				u64 ipa = edges[i] + d / 3 - 1, other = edges[k] + d % 3 - 1;

				judge(ipa, other ? other : 1);
				judge(ipa, other != ipa ? other - ipa : 1);
			}
	EXPECT_EQ(guest_mem_write(vm, mk_ipa(~0UL), why, 0), OK);
	EXPECT_EQ(guest_mem_read(vm, why, mk_ipa(0), 0), OK);
	stop();
}

/* A run ends with its leaf, though what follows it in RAM lies elsewhere. */
static void a_run_ends_with_its_leaf(void)
{
	u64 got = 0;

	start("tf.mem=4M tf.leaf=4k");
	for (u64 i = 9; i--;) /* so that no two pages follow each other as they do in RAM */
		EXPECT_EQ(guest_mem_fault(vm, mk_ipa(FREE_AT + i * PAGE)), OK);
	for (u64 off = 0; off < PAGE; off += 455)
		for (u64 n = 1; n < 3 * PAGE; n += 1111) {
			u64 want = min_u64(n, PAGE - off);

			EXPECT(guest_mem_at(vm, mk_ipa(FREE_AT + PAGE + off), n, S2_R, &got));
			EXPECT_EQ(got, want);
			EXPECT(guest_mem_at(vm, mk_ipa(RAM_END - PAGE + off), n, S2_W, &got));
			EXPECT_EQ(got, want);
		}
	stop();
}

/* Copies across pages that lie anywhere; the bytes about them stay. */
static void across_pages(void)
{
	static u8 from[3 * PAGE], to[3 * PAGE];

	start("tf.mem=4M tf.leaf=4k");
	for (u64 i = 9; i--;)
		EXPECT_EQ(guest_mem_fault(vm, mk_ipa(FREE_AT + i * PAGE)), OK);
	for (u64 i = 0; i < sizeof(from); i++)
		from[i] = (u8)(i % 251 + 1);
	for (u64 off = PAGE - 3; off <= PAGE + 3; off++)
		for (u64 n = 1; n < 2 * PAGE; n += 1365) {
			u64 at = FREE_AT + off;

			machine_store(vm, at - 1, MARK, true);
			machine_store(vm, at + n, MARK, true);
			EXPECT_EQ(guest_mem_write(vm, mk_ipa(at), from, n), OK);
			memset(to, 0, sizeof(to));
			EXPECT_EQ(guest_mem_read(vm, to, mk_ipa(at), n), OK);
			EXPECT(memcmp(from, to, n) == 0 && to[n] == 0);
			EXPECT_EQ(machine_load(vm, at - 1, true), MARK);
			EXPECT_EQ(machine_load(vm, at + n, true), MARK);
		}
	stop();
}

/* ---- With whose right ------------------------------------------------------------------------ */

static void put_page(u64 ipa, u8 perm)
{
	EXPECT_EQ(guest_mem_fault_in(vm, mk_ipa(ipa)), OK);
	machine_store(vm, ipa, MARK, true);
	EXPECT_EQ(s2_protect(&vm->s2, mk_ipa(ipa), PAGE, perm), OK);
}

/* Every permission of a page, wanted in every way, at the beginning of a copy and in its middle. */
static void every_permission(void)
{
	static const u8 perms[] = { 0, S2_R, S2_W, S2_X, S2_R | S2_W, S2_R | S2_X, S2_W | S2_X };
	u8 bytes[2];
	u64 got;

	for (size_t i = 0; i < ARRAY_SIZE(perms); i++) {
		bool r = perms[i] & S2_R, w = perms[i] & S2_W;
		u64 page = FREE_AT + PAGE;

		start("tf.mem=4M tf.leaf=4k");
		put_page(page, perms[i]);
		bytes[1] = 2;
		EXPECT_EQ(guest_mem_at(vm, mk_ipa(page), 1, S2_R, &got) != NULL, r);
		EXPECT_EQ(guest_mem_at(vm, mk_ipa(page), 1, S2_W, &got) != NULL, w);
		EXPECT_EQ(guest_mem_at(vm, mk_ipa(page), 1, S2_R | S2_W, &got) != NULL, r && w);
		EXPECT_EQ(guest_mem_read(vm, bytes, mk_ipa(page - 1), 2), r ? OK : ERR_PERM);
		EXPECT_EQ(bytes[1], r ? MARK : 2);
		bytes[1] = 3;
		EXPECT_EQ(guest_mem_write(vm, mk_ipa(page - 1), bytes, 2), w ? OK : ERR_PERM);
		EXPECT_EQ(machine_load(vm, page, true), w ? 3 : MARK);
		stop();
	}
}

/* ---- The devices ----------------------------------------------------------------------------- */

enum { T_IN = 0, T_OUT = 1, D_NEXT = 1, D_WRITE = 2, QUEUE = 8, S_NONE = 0xee };

/* A page for each, so that each may have its own permission. */
#define DESC_AT FREE_AT
#define AVAIL_AT (FREE_AT + PAGE)
#define USED_AT (FREE_AT + 2UL * PAGE)
#define HEADER_AT (FREE_AT + 3UL * PAGE)
#define DATA_AT (FREE_AT + 4UL * PAGE)
#define STATUS_AT (FREE_AT + 5UL * PAGE)

static void put_word(u64 ipa, u64 value, u64 n)
{
	EXPECT_EQ(guest_mem_write(vm, mk_ipa(ipa), &value, n), OK);
}

static u64 get_from(u64 ipa, u64 n)
{
	u64 value = 0;

	EXPECT_EQ(guest_mem_read(vm, &value, mk_ipa(ipa), n), OK);
	return value;
}

static void write_disk(u64 offset, u64 value)
{
	ipa_t at = mk_ipa(VM_VIRTIO_BASE + offset);

	for (u32 turns = 0; !device_write(&vm->vcpu[0], DEVICE_DISK, at, 4, value); turns++)
		if (turns == 1000) {
			EXPECT(turns < 1000);
			return;
		}
}

static void put_desc(u64 n, u64 ipa, u64 size, u64 flags, u64 next)
{
	put_word(DESC_AT + 16 * n, ipa, 8);
	put_word(DESC_AT + 16 * n + 8, size | flags << 32 | next << 48, 8);
}

static void bring_up(void)
{
	static const u64 writes[][2] = {
		{ 0x070, 0 },        { 0x070, 3 },       { 0x020, 0 },     { 0x024, 1 },
		{ 0x020, 1 },        { 0x070, 11 },      { 0x038, QUEUE }, { 0x080, DESC_AT },
		{ 0x090, AVAIL_AT }, { 0x0a0, USED_AT }, { 0x044, 1 },     { 0x070, 15 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		write_disk(writes[i][0], writes[i][1]);
	EXPECT(virtio_is_running(&vm->disk.virtio));
}

/* One sector to or from DATA_AT; the page at `where` has only these permissions meanwhile. */
static u8 request(u32 type, u64 where, u8 perm)
{
	start("tf.mem=4M tf.leaf=4k tf.disk=64K");
	bring_up();
	put_word(HEADER_AT, type, 8);
	put_word(HEADER_AT + 8, 3, 8);
	put_word(STATUS_AT, S_NONE, 1);
	put_word(DATA_AT, MARK, 1);
	put_word(USED_AT, 0, 1);
	put_desc(0, HEADER_AT, 16, D_NEXT, 1);
	put_desc(1, DATA_AT, 512, type == T_IN ? D_NEXT | D_WRITE : D_NEXT, 2);
	put_desc(2, STATUS_AT, 1, D_WRITE, 0);
	put_word(AVAIL_AT + 2, 1, 2);
	EXPECT_EQ(s2_protect(&vm->s2, mk_ipa(where), PAGE, perm), OK);
	write_disk(0x050, 0);
	EXPECT_EQ(s2_protect(&vm->s2, mk_ipa(where), PAGE, S2_R | S2_W), OK);
	return (u8)get_from(STATUS_AT, 1);
}

/* Which right each of them needs, and that it needs no other. */
static void what_the_disk_may(void)
{
	static const struct {
		u64 page;
		u32 type;
		u8 perm;
		bool fails; /* the device needs a reset */
		u8 status;
	} cases[] = {
		{ DESC_AT, T_IN, S2_R, false, 0 },        { DESC_AT, T_IN, S2_W, true, S_NONE },
		{ AVAIL_AT, T_IN, S2_R, false, 0 },       { AVAIL_AT, T_IN, S2_W, true, S_NONE },
		{ USED_AT, T_IN, S2_W, false, 0 },        { USED_AT, T_IN, S2_R, true, 0 },
		{ HEADER_AT, T_IN, S2_R, false, 0 },      { HEADER_AT, T_IN, S2_W, true, S_NONE },
		{ DATA_AT, T_IN, S2_W, false, 0 },        { DATA_AT, T_IN, S2_R, false, 1 },
		{ DATA_AT, T_OUT, S2_R, false, 0 },       { DATA_AT, T_OUT, S2_W, false, 1 },
		{ STATUS_AT, T_IN, S2_W, false, 0 },      { STATUS_AT, T_IN, S2_R, true, S_NONE },
		{ STATUS_AT, T_OUT, S2_X, true, S_NONE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 status = request(cases[i].type, cases[i].page, cases[i].perm), byte = 0;
		bool moved = status == 0 || cases[i].page == STATUS_AT; /* which comes last */

		EXPECT_EQ(status, cases[i].status);
		EXPECT_EQ(virtio_has_failed(&vm->disk.virtio), cases[i].fails);
		EXPECT_EQ(get_from(DATA_AT, 1), cases[i].type == T_IN && moved ? 0 : MARK);
		EXPECT(vdisk_read(&vm->disk.disk, 3 * 512, &byte, 1) == 1);
		EXPECT_EQ(byte, cases[i].type == T_OUT && moved ? MARK : 0);
		stop();
	}
}

/*
 * Its pages in the disk's hands while the VM stops in the middle of a long request: nothing
 * stays.
 */
static void stopped_in_a_request(void)
{
	for (u32 type = T_IN; type <= T_OUT; type++) {
		start("tf.mem=4M tf.leaf=4k tf.disk=1M");
		bring_up();
		put_word(HEADER_AT, type, 8);
		put_word(HEADER_AT + 8, 0, 8);
		put_desc(0, HEADER_AT, 16, D_NEXT, 1);
		put_desc(1, STATUS_AT + PAGE, 0x80000, type == T_IN ? D_NEXT | D_WRITE : D_NEXT, 2);
		put_desc(2, STATUS_AT, 1, D_WRITE, 0);
		put_word(AVAIL_AT + 2, 1, 2);
		EXPECT(!device_write(&vm->vcpu[0], DEVICE_DISK, mk_ipa(VM_VIRTIO_BASE + 0x50), 4,
				     0));
		EXPECT(vm->disk.busy && vm->disk.left != 0);
		vm_reset(vm);
		EXPECT(!vm->disk.busy && !virtio_is_running(&vm->disk.virtio));
		write_disk(0x050, 0);
		EXPECT_EQ(vm->disk.disk.blocks, 0);
		bring_up();
		write_disk(0x050, 0); /* an empty queue, for memory is new */
		EXPECT(!virtio_has_failed(&vm->disk.virtio));
		stop();
	}
}

/* ---- The marks a guest's own access leaves --------------------------------------------------- */

static void marks(void)
{
	u64 count;

	start("tf.mem=4M tf.leaf=4k tf.disk=64K");
	put_word(FREE_AT, 1, 8);
	put_word(FREE_AT + PAGE, 1, 8);
	EXPECT_EQ(dirty_start(vm, S2_GRAIN_PAGE), OK);
	EXPECT_EQ(get_from(FREE_AT, 8), 1);
	EXPECT_EQ(dirty_harvest(vm, &count), OK);
	EXPECT_EQ(count, 0);
	put_word(FREE_AT + PAGE - 1, 2, 2);
	EXPECT_EQ(dirty_harvest(vm, &count), OK);
	EXPECT_EQ(count, 2);
	put_word(RAM_END - 8, 2, 8); /* taken while the log runs */
	EXPECT_EQ(dirty_harvest(vm, &count), OK);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(vm->dirty.found[(RAM / PAGE - 1) / 64], 1UL << 63);
	EXPECT_EQ(dirty_stop(vm), OK);
	vm_stop(vm, VM_END_CONSOLE);
	machine_mark(); /* with what kmalloc() keeps of the bitmaps */
	machine_close();
}

TESTS(T(every_edge), T(a_run_ends_with_its_leaf), T(across_pages), T(every_permission),
      T(what_the_disk_may), T(stopped_in_a_request), T(marks))
