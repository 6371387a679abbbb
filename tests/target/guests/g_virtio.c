/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk and random numbers by virtio: what a driver does, then all that one must not do.  The
 * disk holds (i * 7 + i / 512) mod 256 at byte i; zeros with blank=1 among the boot arguments, and
 * with fixed=1 it cannot be written.  Each start finds it so, whatever was written before.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "lib/str.h"
#include "tests/target/guests/rt.h"

enum {
	QUEUE = 16,
	SECTOR = 512,
	ROUNDS = 3000,
	DISK = 0x0a000000,
	RNG = 0x0a000200,
	DISK_INTID = 48,
	GICD_ISPENDR1 = 0x08000204,
	DATA = 16384,
};
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
enum { NEEDS_RESET = 64, RUNNING = 15 };

struct desc {
	u64 ipa;
	u32 size;
	u16 flags, next;
};

static struct {
	struct desc desc[QUEUE];
	u16 avail_flags, avail_index, avail[QUEUE];
	u32 used_flags_index aligned_to(4);
	struct {
		u32 head, size;
	} used[QUEUE];
} ring aligned_to(4096);

static struct {
	u32 type, reserved;
	u64 sector;
} header;

static u8 data[DATA], status;

static u32 reg(u64 device, u32 offset)
{
	return mmio_read32(device + offset);
}

static void set(u64 device, u32 offset, u64 value)
{
	mmio_write32(device + offset, (u32)value);
}

static void place(u64 device, u32 offset, u64 ipa)
{
	set(device, offset, ipa);
	set(device, offset + 4, ipa >> 32);
}

/* From reset to DRIVER_OK; what its status is then. */
static u32 bring_up(u64 device)
{
	memset(&ring, 0, sizeof(ring));
	set(device, 0x070, 0);
	set(device, 0x070, 3);
	set(device, 0x024, 1);
	set(device, 0x020, 1);
	set(device, 0x070, 11);
	set(device, 0x038, QUEUE);
	place(device, 0x080, (u64)ring.desc);
	place(device, 0x090, (u64)&ring.avail_flags);
	place(device, 0x0a0, (u64)&ring.used_flags_index);
	set(device, 0x044, 1);
	set(device, 0x070, RUNNING);
	return reg(device, 0x070);
}

static void offer(u16 head)
{
	ring.avail[ring.avail_index % QUEUE] = head;
	dsb_sy();
	ring.avail_index++;
	dsb_sy();
}

static u16 used_index(void)
{
	return (u16)(*(volatile u32 *)&ring.used_flags_index >> 16);
}

static u8 request(u32 type, u64 sector, u32 n)
{
	u16 way = type == T_OUT ? 0 : WRITE;

	header.type = type;
	header.sector = sector;
	status = 0xee;
	ring.desc[0] = (struct desc){ (u64)&header, 16, NEXT, n ? 1 : 2 };
	ring.desc[1] = (struct desc){ (u64)data, n, (u16)(NEXT | way), 2 };
	ring.desc[2] = (struct desc){ (u64)&status, 1, WRITE, 0 };
	offer(0);
	set(DISK, 0x050, 0);
	return *(volatile u8 *)&status;
}

static u8 original(u64 at)
{
	return rt_arg("blank", 0) ? 0 : (u8)(at * 7 + at / SECTOR);
}

static bool is_original(u64 sector, u32 n)
{
	for (u64 i = 0; i < n; i++)
		if (data[i] != original(sector * SECTOR + i))
			return false;
	return true;
}

static void identity(void)
{
	IS(reg(DISK, 0), 0x74726976, "the disk is there");
	IS(reg(DISK, 4), 2, "version 2");
	IS(reg(DISK, 8), 2, "a block device");
	IS(reg(RNG, 8), 4, "and random numbers");
	IS(mmio_read64(DISK + 0x100) * SECTOR, rt_arg("disk", 0), "its size");
	TRY(reg(DISK, 0x400));
	IS(taken.count, 1, "the next slot is nothing");
	IS(bring_up(DISK), RUNNING, "it comes up");
}

static void as_a_driver_does(void)
{
	u64 last = rt_arg("disk", 0) / SECTOR - 1;
	bool ro = rt_arg("fixed", 0);

	IS(request(T_IN, 0, DATA), S_OK, "reads");
	OK_IF(is_original(0, DATA), "what is on the disk");
	IS(reg(DISK, 0x060), 1, "and interrupts");
	OK_IF(mmio_read32(GICD_ISPENDR1) & 1u << (DISK_INTID - 32), "the line is high");
	set(DISK, 0x064, 1);
	OK_IF(!(mmio_read32(GICD_ISPENDR1) & 1u << (DISK_INTID - 32)), "until acknowledged");
	IS(request(T_IN, last, SECTOR), S_OK, "reads the last sector");
	OK_IF(is_original(last, SECTOR), "as it is");
	memset(data, 0x5a, DATA);
	IS(request(T_OUT, 3, DATA), ro ? S_IOERR : S_OK, "writes, or is told that it cannot");
	memset(data, 0, DATA);
	IS(request(T_IN, 3, SECTOR), S_OK, "reads it again");
	OK_IF(ro ? is_original(3, SECTOR) : data[0] == 0x5a && data[SECTOR - 1] == 0x5a,
	      "and finds what was written");
	IS(request(T_IN, 2, SECTOR), S_OK, "reads the one before");
	OK_IF(is_original(2, SECTOR), "which is as it was");
	IS(request(T_FLUSH, 0, 0), S_OK, "flushes");
	IS(request(T_GET_ID, 0, 20), S_OK, "asks for its name");
	OK_IF(memcmp(data, "twofold disk", 13) == 0, "which is twofold disk");
	IS(request(T_IN, last + 1, SECTOR), S_IOERR, "nothing is behind the end");
	IS(request(T_IN, last, 2 * SECTOR), S_IOERR, "nor half of it");
	IS(request(T_IN, ~0UL, SECTOR), S_IOERR, "nor at 2^64");
	IS(request(99, 0, SECTOR), S_UNSUPP, "type 99 is unknown");
	IS(reg(DISK, 0x070), RUNNING, "the device still runs");
}

/* Longer than one turn: the store is executed again until all is done. */
static void a_long_queue(void)
{
	header.type = T_IN;
	header.sector = 0;
	ring.desc[0] = (struct desc){ (u64)&header, 16, NEXT, 1 };
	for (u32 i = 1; i < QUEUE - 1; i++)
		ring.desc[i] = (struct desc){ (u64)data, DATA, NEXT | WRITE, (u16)(i + 1) };
	ring.desc[QUEUE - 1] = (struct desc){ (u64)&status, 1, WRITE, 0 };
	status = 0xee;
	memset(data, 0xff, DATA);
	for (u32 i = 0; i < QUEUE; i++)
		offer(0);
	set(DISK, 0x050, 0);
	IS(used_index(), ring.avail_index, "all of a long queue is done");
	IS(*(volatile u8 *)&status, S_OK, "well");
	IS(data[DATA - 1], original((QUEUE - 2) * DATA - 1), "to its last byte");
}

/* Something that cannot be: the device needs a reset and does nothing until it has one. */
static void refused(const char *name, const struct desc *first, u16 head)
{
	bool good = bring_up(DISK) == RUNNING;
	u16 before;

	ring.desc[0] = *first;
	ring.desc[1] = (struct desc){ (u64)&status, 1, WRITE, 0 };
	before = used_index();
	offer(head);
	set(DISK, 0x050, 0);
	good = good && reg(DISK, 0x070) == (RUNNING | NEEDS_RESET) && reg(DISK, 0x060) == 2 &&
	       used_index() == before;
	set(DISK, 0x050, 0);
	good = good && used_index() == before;
	rt_ok(good, name);
}

#define REFUSED(name, ...) refused(name, &(struct desc){ __VA_ARGS__ }, 0)

static void as_none_may(void)
{
	u64 end = RAM_BASE + rt_ram_size();
	struct desc fine = { (u64)&header, 16, NEXT, 1 };

	REFUSED("a loop of one", (u64)&header, 16, NEXT, 0);
	REFUSED("a descriptor beyond the queue", (u64)&header, 16, NEXT, QUEUE);
	REFUSED("a buffer below RAM", RAM_BASE - 1, 16, NEXT, 1);
	REFUSED("a buffer over the end of RAM", end - 15, 16, NEXT, 1);
	REFUSED("a buffer behind RAM", end, 16, NEXT, 1);
	REFUSED("a device as a buffer", 0x09000000, 16, NEXT, 1);
	REFUSED("the device itself", DISK, 16, NEXT, 1);
	REFUSED("2^32 - 1 bytes", (u64)&header, ~0U, NEXT, 1);
	REFUSED("at the end of all addresses", ~0UL, 1, NEXT, 1);
	REFUSED("at 2^63", 1UL << 63, 16, NEXT, 1);
	REFUSED("an indirect table", (u64)ring.desc, 16, INDIRECT, 0);
	REFUSED("a header that is too short", (u64)&header, 15, NEXT, 1);
	REFUSED("a header to be written", (u64)&header, 16, WRITE | NEXT, 1);
	REFUSED("no status", (u64)&header, 16, 0, 0);
	refused("a head beyond the queue", &fine, QUEUE);
	refused("a head of 65535", &fine, 0xffff);
	bring_up(DISK);
	ring.avail_index = QUEUE + 1;
	dsb_sy();
	set(DISK, 0x050, 0);
	IS(reg(DISK, 0x070), RUNNING | NEEDS_RESET, "an index that is too far ahead");
}

static void rings_nowhere(void)
{
	static const u64 nowhere[] = { 0, 0x08000000, 0x0a000000, ~0UL & ~15UL, 1UL << 62 };

	for (u32 which = 0x080; which <= 0x0a0; which += 0x10)
		for (u32 i = 0; i < ARRAY_SIZE(nowhere); i++) {
			bring_up(DISK);
			set(DISK, 0x044, 0);
			place(DISK, which, nowhere[i]);
			set(DISK, 0x044, 1);
			if (!(reg(DISK, 0x070) & NEEDS_RESET) || reg(DISK, 0x044))
				IS(which, nowhere[i], "rings outside RAM are refused");
		}
	OK_IF(true, "rings outside RAM");
}

/* Anything at all, again and again: no matter what becomes of the device, it comes up again. */
static void at_random(void)
{
	u64 end = RAM_BASE + rt_ram_size();
	u32 failed = 0;

	for (u32 round = 0; round < ROUNDS; round++) {
		u64 r = rt_random();

		if (round % 8 == 0 || reg(DISK, 0x070) & NEEDS_RESET)
			bring_up(DISK);
		header.type = (u32)(r >> 60);
		header.sector = rt_random() >> (r >> 8 & 63);
		for (u32 i = 0; i < 4; i++) {
			u64 at = rt_random(), what = rt_random();

			ring.desc[i].ipa = at % 16 ? (u64)data + at % DATA : at >> (what & 63);
			if (at % 37 == 0)
				ring.desc[i].ipa = end - (at >> 60);
			ring.desc[i].size = (u32)(what >> 32) >> (what >> 8 & 31);
			ring.desc[i].flags = (u16)(what & 3 & (i == 0 ? 1 : 3));
			ring.desc[i].next = (u16)(what >> 16 & (at % 11 ? 3 : 0xffff));
		}
		if (r & 1)
			ring.desc[0] = (struct desc){ (u64)&header, 16, NEXT, 1 };
		offer((u16)(r >> 16 & 3));
		set(DISK, r & 0x100 ? 0x050 : (u32)(r >> 20 & 0x1fc),
		    (u32)(r >> 32) * (r >> 9 & 1));
		failed += (reg(DISK, 0x070) & NEEDS_RESET) != 0;
	}
	say("# %u of %u rounds ended in NEEDS_RESET", failed, (u32)ROUNDS);
	OK_IF(failed > ROUNDS / 20 && failed < ROUNDS, "anything at all");
	IS(bring_up(DISK), RUNNING, "then it comes up as before");
	IS(request(T_IN, rt_arg("disk", 0) / SECTOR - 1, SECTOR), S_OK, "and reads");
}

static void random_numbers(void)
{
	u64 first[8];

	IS(bring_up(RNG), RUNNING, "the random numbers come up");
	ring.desc[0] = (struct desc){ (u64)data, 64, WRITE, 0 };
	for (u32 i = 0; i < 2; i++) {
		memset(data, 0, 64);
		offer(0);
		set(RNG, 0x050, 0);
		IS(ring.used[i].size, 64, "64 bytes are given");
		if (i == 0)
			memcpy(first, data, 64);
	}
	OK_IF(memcmp(first, data, 32) != 0 && memcmp(first, data + 32, 32) != 0, "never the same");
	ring.desc[0] = (struct desc){ (u64)data, 64, 0, 0 };
	offer(0);
	set(RNG, 0x050, 0);
	IS(reg(RNG, 0x070), RUNNING | NEEDS_RESET, "it takes none");
}

void guest(void)
{
	rt_mmu_on(0);
	identity();
	as_a_driver_does();
	a_long_queue();
	as_none_may();
	rings_nowhere();
	random_numbers();
	at_random();
	bring_up(DISK);
	memset(data, 0xe1, DATA);
	for (u64 s = 0; s < 64; s += DATA / SECTOR)
		request(T_OUT, s, DATA);
}
