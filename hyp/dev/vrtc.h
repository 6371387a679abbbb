/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's clock of the day: a PL031, emulated (Arm DDI 0224), that shows the machine's.
 *
 *	vrtc_reset(&r, now);             at each start; now: seconds since 1970, the machine's
 *	value = vrtc_read(&r, now, offset, size);
 *	vrtc_write(&r, now, offset, size, value);
 *
 * The guest may set it, which lasts until it is started again and is nobody else's.  The alarm's
 * registers work, its interrupt is wired to nothing, as the guest's tree says.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises calls on
 * one struct vrtc.
 */
#ifndef HYP_DEV_VRTC_H
#define HYP_DEV_VRTC_H

#include "include/types.h"

struct vrtc {
	u32 ahead; /* of the machine's clock, modulo 2^32, as all seconds here */
	u32 load, match;
	u32 next; /* the first second that has not been compared with the match */
	bool raw, enabled;
};

void vrtc_reset(struct vrtc *r, u32 now);

/*
 * An access by the guest: offset within the 4 KiB frame, size 1, 2, 4 or 8.  Registers are
 * 32 bits; what is not there reads as zero and ignores writes.
 */
u64 vrtc_read(struct vrtc *r, u32 now, u32 offset, u32 size);
void vrtc_write(struct vrtc *r, u32 now, u32 offset, u32 size, u64 value);

#endif
