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
#include "tests/target/guests/rt_virtio.h"

enum {
	SECTOR = 512,
	ROUNDS = 3000,
	DISK_INTID = 48,
	GICD_ISPENDR1 = 0x08000204,
	DATA = 16384,
};
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };
enum { NEEDS_RESET = 64 };

static struct {
	u32 type, reserved;
	u64 sector;
} header;

static u8 data[DATA], status;

static u16 used_index(void)
{
	return (u16)(*(volatile u32 *)&rt_ring.used_flags_index >> 16);
}

static u8 request(u32 type, u64 sector, u32 n)
{
	u16 way = type == T_OUT ? 0 : DESC_WRITE;

	header.type = type;
	header.sector = sector;
	status = 0xee;
	rt_ring.desc[0] = (struct rt_desc){ (u64)&header, 16, DESC_NEXT, n ? 1 : 2 };
	rt_ring.desc[1] = (struct rt_desc){ (u64)data, n, (u16)(DESC_NEXT | way), 2 };
	rt_ring.desc[2] = (struct rt_desc){ (u64)&status, 1, DESC_WRITE, 0 };
	rt_virtio_offer(0);
	rt_virtio_set(VIRTIO_DISK, VIRTIO_NOTIFY, 0);
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
	IS(rt_virtio_reg(VIRTIO_DISK, 0), 0x74726976, "the disk is there");
	IS(rt_virtio_reg(VIRTIO_DISK, 4), 2, "version 2");
	IS(rt_virtio_reg(VIRTIO_DISK, 8), 2, "a block device");
	IS(rt_virtio_reg(VIRTIO_RNG, 8), 4, "and random numbers");
	IS(mmio_read64(VIRTIO_DISK + 0x100) * SECTOR, rt_arg("disk", 0), "its size");
	TRY(rt_virtio_reg(VIRTIO_DISK, 0x400));
	IS(taken.count, 1, "the next slot is nothing");
	IS(rt_virtio_up(VIRTIO_DISK), VIRTIO_RUNNING, "it comes up");
}

static void as_a_driver_does(void)
{
	u64 last = rt_arg("disk", 0) / SECTOR - 1;
	bool ro = rt_arg("fixed", 0);

	IS(request(T_IN, 0, DATA), S_OK, "reads");
	OK_IF(is_original(0, DATA), "what is on the disk");
	IS(rt_virtio_reg(VIRTIO_DISK, 0x060), 1, "and interrupts");
	OK_IF(mmio_read32(GICD_ISPENDR1) & 1u << (DISK_INTID - 32), "the line is high");
	rt_virtio_set(VIRTIO_DISK, 0x064, 1);
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
	IS(rt_virtio_reg(VIRTIO_DISK, VIRTIO_STATUS), VIRTIO_RUNNING, "the device still runs");
}

/* Longer than one turn: the store is executed again until all is done. */
static void a_long_queue(void)
{
	header.type = T_IN;
	header.sector = 0;
	rt_ring.desc[0] = (struct rt_desc){ (u64)&header, 16, DESC_NEXT, 1 };
	for (u32 i = 1; i < RT_QUEUE - 1; i++)
		rt_ring.desc[i] =
			(struct rt_desc){ (u64)data, DATA, DESC_NEXT | DESC_WRITE, (u16)(i + 1) };
	rt_ring.desc[RT_QUEUE - 1] = (struct rt_desc){ (u64)&status, 1, DESC_WRITE, 0 };
	status = 0xee;
	memset(data, 0xff, DATA);
	for (u32 i = 0; i < RT_QUEUE; i++)
		rt_virtio_offer(0);
	rt_virtio_set(VIRTIO_DISK, VIRTIO_NOTIFY, 0);
	IS(used_index(), rt_ring.avail_index, "all of a long queue is done");
	IS(*(volatile u8 *)&status, S_OK, "well");
	IS(data[DATA - 1], original((RT_QUEUE - 2) * DATA - 1), "to its last byte");
}

/* Something that cannot be: the device needs a reset and does nothing until it has one. */
static void refused(const char *name, const struct rt_desc *first, u16 head)
{
	bool good = rt_virtio_up(VIRTIO_DISK) == VIRTIO_RUNNING;
	u16 before;

	rt_ring.desc[0] = *first;
	rt_ring.desc[1] = (struct rt_desc){ (u64)&status, 1, DESC_WRITE, 0 };
	before = used_index();
	rt_virtio_offer(head);
	rt_virtio_set(VIRTIO_DISK, VIRTIO_NOTIFY, 0);
	good = good &&
	       rt_virtio_reg(VIRTIO_DISK, VIRTIO_STATUS) == (VIRTIO_RUNNING | NEEDS_RESET) &&
	       rt_virtio_reg(VIRTIO_DISK, 0x060) == 2 && used_index() == before;
	rt_virtio_set(VIRTIO_DISK, VIRTIO_NOTIFY, 0);
	good = good && used_index() == before;
	rt_ok(good, name);
}

#define REFUSED(name, ...) refused(name, &(struct rt_desc){ __VA_ARGS__ }, 0)

static void as_none_may(void)
{
	u64 end = RAM_BASE + rt_ram_size();
	struct rt_desc fine = { (u64)&header, 16, DESC_NEXT, 1 };

	REFUSED("a loop of one", (u64)&header, 16, DESC_NEXT, 0);
	REFUSED("a descriptor beyond the queue", (u64)&header, 16, DESC_NEXT, RT_QUEUE);
	REFUSED("a buffer below RAM", RAM_BASE - 1, 16, DESC_NEXT, 1);
	REFUSED("a buffer over the end of RAM", end - 15, 16, DESC_NEXT, 1);
	REFUSED("a buffer behind RAM", end, 16, DESC_NEXT, 1);
	REFUSED("a device as a buffer", 0x09000000, 16, DESC_NEXT, 1);
	REFUSED("the device itself", VIRTIO_DISK, 16, DESC_NEXT, 1);
	REFUSED("2^32 - 1 bytes", (u64)&header, ~0U, DESC_NEXT, 1);
	REFUSED("at the end of all addresses", ~0UL, 1, DESC_NEXT, 1);
	REFUSED("at 2^63", 1UL << 63, 16, DESC_NEXT, 1);
	REFUSED("an indirect table", (u64)rt_ring.desc, 16, DESC_INDIRECT, 0);
	REFUSED("a header that is too short", (u64)&header, 15, DESC_NEXT, 1);
	REFUSED("a header to be written", (u64)&header, 16, DESC_WRITE | DESC_NEXT, 1);
	REFUSED("no status", (u64)&header, 16, 0, 0);
	refused("a head beyond the queue", &fine, RT_QUEUE);
	refused("a head of 65535", &fine, 0xffff);
	rt_virtio_up(VIRTIO_DISK);
	rt_ring.avail_index = RT_QUEUE + 1;
	dsb_sy();
	rt_virtio_set(VIRTIO_DISK, VIRTIO_NOTIFY, 0);
	IS(rt_virtio_reg(VIRTIO_DISK, VIRTIO_STATUS), VIRTIO_RUNNING | NEEDS_RESET,
	   "an index that is too far ahead");
}

static void rings_nowhere(void)
{
	static const u64 nowhere[] = { 0, 0x08000000, 0x0a000000, ~0UL & ~15UL, 1UL << 62 };

	for (u32 which = 0x080; which <= 0x0a0; which += 0x10)
		for (u32 i = 0; i < ARRAY_SIZE(nowhere); i++) {
			rt_virtio_up(VIRTIO_DISK);
			rt_virtio_set(VIRTIO_DISK, 0x044, 0);
			rt_virtio_place(VIRTIO_DISK, which, nowhere[i]);
			rt_virtio_set(VIRTIO_DISK, 0x044, 1);
			if (!(rt_virtio_reg(VIRTIO_DISK, VIRTIO_STATUS) & NEEDS_RESET) ||
			    rt_virtio_reg(VIRTIO_DISK, 0x044))
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

		if (round % 8 == 0 || rt_virtio_reg(VIRTIO_DISK, VIRTIO_STATUS) & NEEDS_RESET)
			rt_virtio_up(VIRTIO_DISK);
		header.type = (u32)(r >> 60);
		header.sector = rt_random() >> (r >> 8 & 63);
		for (u32 i = 0; i < 4; i++) {
			u64 at = rt_random(), what = rt_random();

			rt_ring.desc[i].ipa = at % 16 ? (u64)data + at % DATA : at >> (what & 63);
			if (at % 37 == 0)
				rt_ring.desc[i].ipa = end - (at >> 60);
			rt_ring.desc[i].size = (u32)(what >> 32) >> (what >> 8 & 31);
			rt_ring.desc[i].flags = (u16)(what & 3 & (i == 0 ? 1 : 3));
			rt_ring.desc[i].next = (u16)(what >> 16 & (at % 11 ? 3 : 0xffff));
		}
		if (r & 1)
			rt_ring.desc[0] = (struct rt_desc){ (u64)&header, 16, DESC_NEXT, 1 };
		rt_virtio_offer((u16)(r >> 16 & 3));
		rt_virtio_set(VIRTIO_DISK, r & 0x100 ? VIRTIO_NOTIFY : (u32)(r >> 20 & 0x1fc),
			      (u32)(r >> 32) * (r >> 9 & 1));
		failed += (rt_virtio_reg(VIRTIO_DISK, VIRTIO_STATUS) & NEEDS_RESET) != 0;
	}
	say("# %u of %u rounds ended in NEEDS_RESET", failed, (u32)ROUNDS);
	OK_IF(failed > ROUNDS / 20 && failed < ROUNDS, "anything at all");
	IS(rt_virtio_up(VIRTIO_DISK), VIRTIO_RUNNING, "then it comes up as before");
	IS(request(T_IN, rt_arg("disk", 0) / SECTOR - 1, SECTOR), S_OK, "and reads");
}

static void random_numbers(void)
{
	u64 first[8];

	IS(rt_virtio_up(VIRTIO_RNG), VIRTIO_RUNNING, "the random numbers come up");
	rt_ring.desc[0] = (struct rt_desc){ (u64)data, 64, DESC_WRITE, 0 };
	for (u32 i = 0; i < 2; i++) {
		memset(data, 0, 64);
		rt_virtio_offer(0);
		rt_virtio_set(VIRTIO_RNG, VIRTIO_NOTIFY, 0);
		IS(rt_ring.used[i].size, 64, "64 bytes are given");
		if (i == 0)
			memcpy(first, data, 64);
	}
	OK_IF(memcmp(first, data, 32) != 0 && memcmp(first, data + 32, 32) != 0, "never the same");
	rt_ring.desc[0] = (struct rt_desc){ (u64)data, 64, 0, 0 };
	rt_virtio_offer(0);
	rt_virtio_set(VIRTIO_RNG, VIRTIO_NOTIFY, 0);
	IS(rt_virtio_reg(VIRTIO_RNG, VIRTIO_STATUS), VIRTIO_RUNNING | NEEDS_RESET, "it takes none");
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
	rt_virtio_up(VIRTIO_DISK);
	memset(data, 0xe1, DATA);
	for (u64 s = 0; s < 64; s += DATA / SECTOR)
		request(T_OUT, s, DATA);
}
