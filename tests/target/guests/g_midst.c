/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two vCPUs or three, of which the second is always in the middle of something when the VM is
 * stopped or reset: what=0 it takes memory, 1 has a disk read and write, 2 starts the third, 3
 * writes to the console; what=4 the first resets the VM meanwhile, what=5 both do; what=6 both take
 * memory, so that the one that a start begins with is always in an exit.  All that a start finds
 * must be fresh.  It says "busy", how often, and how much was not as it should be.
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "include/bits.h"
#include "lib/str.h"
#include "tests/target/guests/rt.h"

enum { DISK = 0x0a000000, QUEUE = 8, DATA = 65536, NEXT = 1, WRITE = 2, UARTDR = 0 };

#define SECRET 0x517ec0de5ec2e7edUL

static volatile u64 done, bad;

/* ---- Memory ---------------------------------------------------------------------------------- */

enum { PER_LINE = 256 };

/* From there to the end, again and again; vCPU 0 says how far it is. */
static void take_from(u64 first, u32 n)
{
	for (;;)
		for (u64 at = first; at < RAM_BASE + rt_ram_size(); at += 4096) {
			volatile u64 *p = (volatile u64 *)at;

			bad += *p != 0 && *p != SECRET;
			*p = SECRET;
			done++;
			if (n == 0 && at / 4096 % PER_LINE == 0)
				say("busy: %lu, bad %lu", done, bad);
		}
}

static void take_memory(u32 n)
{
	take_from(rt_entry[0] + 0x100000, n);
}

/* ---- The disk -------------------------------------------------------------------------------- */

static struct {
	struct {
		u64 ipa;
		u32 size;
		u16 flags, next;
	} desc[QUEUE];
	u16 avail_flags, avail_index, avail[QUEUE];
	u32 used_flags_index aligned_to(4);
	u64 used[QUEUE];
} ring aligned_to(4096);

static struct {
	u32 type, reserved;
	u64 sector;
} header;

static u64 data[DATA / 8];
static volatile u8 status;

static void set(u32 offset, u64 value)
{
	mmio_write32(DISK + offset, (u32)value);
}

static void bring_up(void)
{
	static const u32 first[][2] = { { 0x070, 0 }, { 0x070, 3 },  { 0x024, 1 },
					{ 0x020, 1 }, { 0x070, 11 }, { 0x038, QUEUE } };

	for (u32 i = 0; i < ARRAY_SIZE(first); i++)
		set(first[i][0], first[i][1]);
	set(0x080, (u64)ring.desc);
	set(0x090, (u64)&ring.avail_flags);
	set(0x0a0, (u64)&ring.used_flags_index);
	set(0x044, 1);
	set(0x070, 15);
}

static void request(u32 type)
{
	header.type = type;
	header.sector = 0;
	status = 0xee;
	ring.desc[0].ipa = (u64)&header;
	ring.desc[0].size = sizeof(header);
	ring.desc[0].flags = NEXT;
	ring.desc[0].next = 1;
	ring.desc[1].ipa = (u64)data;
	ring.desc[1].size = DATA;
	ring.desc[1].flags = type ? NEXT : NEXT | WRITE;
	ring.desc[1].next = 2;
	ring.desc[2].ipa = (u64)&status;
	ring.desc[2].size = 1;
	ring.desc[2].flags = WRITE;
	ring.avail[ring.avail_index % QUEUE] = 0;
	dsb_sy();
	ring.avail_index++;
	dsb_sy();
	set(0x050, 0);
	bad += status != 0;
}

/* The disk is blank when the VM starts; from then on it holds what was written. */
static void use_disk(u32 n)
{
	(void)n;
	bring_up();
	for (u64 word = 0;; word = SECRET + done) {
		request(0);
		for (u32 i = 0; i < ARRAY_SIZE(data); i++) {
			bad += data[i] != word;
			data[i] = SECRET + done + 1;
		}
		done++;
		request(1);
		memset(data, 0, sizeof(data));
	}
}

/* ---- Calls, the console, resets -------------------------------------------------------------- */

static volatile u64 turns;

static void one_turn(u32 n)
{
	(void)n;
	turns++;
}

static void start_others(u32 n)
{
	(void)n;
	for (;; done++) {
		if (hvc_call(PSCI_AFFINITY_INFO_64, 2, 0, 0) == PSCI_AFFINITY_OFF)
			bad += rt_start_cpu(2, one_turn) != PSCI_SUCCESS;
		bad += turns > done + 1;
	}
}

static void talk(u32 n)
{
	(void)n;
	for (;; done++) {
		for (const char *c = "talk, talk, talk\n"; *c; c++)
			mmio_write8(UART_BASE + UARTDR, (u8)*c);
		for (volatile u32 i = 0; i < 20000; i++)
			;
	}
}

static void reset_soon(u32 n)
{
	u64 until = rt_time_ms() + 5 + n;

	while (rt_time_ms() < until)
		done++;
	hvc_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	bad++; /* nobody comes back from that */
	say("busy: came back from a reset");
}

void guest(void)
{
	static void (*const kinds[])(u32) = { take_memory, use_disk,   start_others, talk,
					      take_memory, reset_soon, take_memory };
	u64 what = rt_arg("what", 0);

	bad += done != 0;
	bad += rt_start_cpu(1, kinds[what]) != PSCI_SUCCESS;
	if (what == 4 || what == 5) {
		say("busy: up, bad %lu", bad);
		reset_soon(0);
	}
	if (what == 6)
		take_memory(0);
	for (;;) {
		rt_sleep_until(rt_time_ms() + 20);
		say("busy: %lu, bad %lu", done, bad);
	}
}
