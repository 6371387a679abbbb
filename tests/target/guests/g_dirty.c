/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Touches memory by key, so that the dirty log and the access flags can be compared with what was
 * done, and says what came of it.  All of it lies in [8 MiB, 16 MiB) of RAM, which is there
 * before the first key:
 *
 *	w    a byte is written in pages 0, 3, 4, 5, 511, 512, 700 and 1535 from 8 MiB on
 *	r    a byte is read in the same pages
 *	v    the entropy device writes 32 bytes across the end of page 0 from 14 MiB on
 *	c    is it there?
 *	p    a byte is written in page 0 from 12 MiB on, which may not be allowed
 *	h    the highest IPA that 52 bits can say is read
 */
#include "arch/insn.h"
#include "include/bits.h"
#include "tests/target/guests/rt.h"
#include "tests/target/guests/rt_virtio.h"

enum { BYTES = 32 };

#define AREA (RAM_BASE + 0x800000)
#define AREA_END (RAM_BASE + 0x1000000)
#define FORBIDDEN (RAM_BASE + 0xc00000)
#define BUFFER (RAM_BASE + 0xe00000 + 4096 - BYTES / 2)
#define HIGHEST 0xffffffffffff8UL

static const u16 pages[] = { 0, 3, 4, 5, 511, 512, 700, 1535 };

/* How many bytes of the buffer are no longer zero. */
static u32 filled(void)
{
	const volatile u8 *bytes = (const volatile u8 *)BUFFER;
	u32 n = 0;

	for (u32 i = 0; i < BYTES; i++)
		n += bytes[i] != 0;
	return n;
}

/* One request of the entropy device. */
static void by_device(void)
{
	rt_virtio_up(VIRTIO_RNG);
	rt_ring.desc[0] = (struct rt_desc){ BUFFER, BYTES, DESC_WRITE, 0 };
	rt_virtio_offer(0);
	rt_virtio_set(VIRTIO_RNG, VIRTIO_NOTIFY, 0);
	say("used %u, device %s", *(volatile u32 *)&rt_ring.used[0].size,
	    rt_virtio_reg(VIRTIO_RNG, VIRTIO_STATUS) == VIRTIO_RUNNING ? "runs" : "failed");
}

static void touch(bool write)
{
	u64 sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		u64 at = AREA + pages[i] * 4096UL + i;

		if (write)
			mmio_write8(at, (u8)(i + 1));
		else
			sum += mmio_read8(at);
	}
	if (write)
		say("wrote");
	else
		say("read %lu", sum);
}

static void forbidden(void)
{
	TRY(mmio_write8(FORBIDDEN, 1));
	say("refused %lu, holds %u", taken.count, mmio_read8(FORBIDDEN));
}

static void highest(void)
{
	TRY(mmio_read64(HIGHEST));
	say("refused %lu", taken.count);
}

void guest(void)
{
	u64 sum = 0;

	if (!rt_arg("flat", 0))
		rt_mmu_on(0);
	for (u64 at = AREA; at < AREA_END; at += 4096)
		sum += mmio_read8(at);
	say("ready %lu", sum);
	for (;;) {
		switch (rt_key()) {
		case 'w': touch(true); break;
		case 'r': touch(false); break;
		case 'v': by_device(); break;
		case 'c': say("filled %s", filled() > BYTES / 2 ? "most" : "nothing"); break;
		case 'p': forbidden(); break;
		case 'h': highest(); break;
		default: rt_end();
		}
	}
}
