/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated PL031.
 * 1. It counts by itself: nothing is done between two accesses, each of which catches up on the
 *    seconds that have passed, so that no second is compared with the match twice, or never.
 * 2. A clock of the machine that is set back raises no alarm.
 */
#include "hyp/dev/vrtc.h"

#include "hyp/dev/reg32.h"

enum {
	RTCDR = 0x000,
	RTCMR = 0x004,
	RTCLR = 0x008,
	RTCCR = 0x00c,
	RTCIMSC = 0x010,
	RTCRIS = 0x014,
	RTCMIS = 0x018,
	RTCICR = 0x01c,
	RTCID = 0xfe0,
};

/* RTCPeriphID0-3, RTCPCellID0-3: a PL031 r1p3. */
static const u8 id[8] = { 0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

void vrtc_reset(struct vrtc *r, u32 now)
{
	*r = (struct vrtc){ .next = now };
}

/* The counter; the match is in the seconds since the last look, or it is not. */
static u32 look(struct vrtc *r, u32 now)
{
	u32 counter = now + r->ahead, passed = counter + 1 - r->next;

	if ((s32)passed <= 0)
		return counter;
	r->raw |= r->match - r->next < passed;
	r->next = counter + 1;
	return counter;
}

static u32 read_register(struct vrtc *r, u32 counter, u32 offset)
{
	switch (offset) {
	case RTCDR: return counter;
	case RTCMR: return r->match;
	case RTCLR: return r->load;
	case RTCCR: return 1; /* it cannot be stopped */
	case RTCIMSC: return r->enabled;
	case RTCRIS: return r->raw;
	case RTCMIS: return r->raw && r->enabled;
	default: break;
	}
	if (offset >= RTCID && offset < RTCID + 4 * ARRAY_SIZE(id))
		return id[(offset - RTCID) / 4];
	return 0;
}

u64 vrtc_read(struct vrtc *r, u32 now, u32 offset, u32 size)
{
	return reg32_read(read_register(r, look(r, now), reg32_at(offset)), offset, size);
}

void vrtc_write(struct vrtc *r, u32 now, u32 offset, u32 size, u64 value)
{
	u32 counter = look(r, now), word = reg32_written(value, offset, size);

	switch (reg32_at(offset)) {
	case RTCMR:
		r->match = word;
		r->next = counter;
		break;
	case RTCLR:
		r->load = word;
		r->ahead = word - now;
		r->next = word;
		break;
	case RTCIMSC: r->enabled = word & 1; break;
	case RTCICR: r->raw = r->raw && !(word & 1); break;
	default: break;
	}
}
