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
#include "tests/target/guests/rt_virtio.h"

enum { DATA = 65536, UARTDR = 0 };

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
	u32 type, reserved;
	u64 sector;
} header;

static u64 data[DATA / 8];
static volatile u8 status;

static void request(u32 type)
{
	u16 way = type ? 0 : DESC_WRITE;

	header.type = type;
	header.sector = 0;
	status = 0xee;
	rt_ring.desc[0] = (struct rt_desc){ (u64)&header, sizeof(header), DESC_NEXT, 1 };
	rt_ring.desc[1] = (struct rt_desc){ (u64)data, DATA, (u16)(DESC_NEXT | way), 2 };
	rt_ring.desc[2] = (struct rt_desc){ (u64)&status, 1, DESC_WRITE, 0 };
	rt_virtio_offer(0);
	rt_virtio_set(VIRTIO_DISK, VIRTIO_NOTIFY, 0);
	bad += status != 0;
}

/* The disk is blank when the VM starts; from then on it holds what was written. */
static void use_disk(u32 n)
{
	(void)n;
	rt_virtio_up(VIRTIO_DISK);
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
