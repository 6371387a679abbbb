/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio-mmio device as its driver has it: registers, and one queue, for one device at a time.
 *
 *	EXPECT(rt_virtio_up(VIRTIO_RNG) == VIRTIO_RUNNING);
 *	rt_ring.desc[0] = (struct rt_desc){ (u64)buffer, size, DESC_WRITE, 0 };
 *	rt_virtio_offer(0);
 *	rt_virtio_set(VIRTIO_RNG, VIRTIO_NOTIFY, 0);
 *
 * Notified, EL2 does the work before the next instruction.
 */
#ifndef TESTS_TARGET_GUESTS_RT_VIRTIO_H
#define TESTS_TARGET_GUESTS_RT_VIRTIO_H

#include "include/types.h"

enum { VIRTIO_DISK = 0x0a000000, VIRTIO_RNG = 0x0a000200 };
enum { VIRTIO_NOTIFY = 0x050, VIRTIO_STATUS = 0x070 };
enum { VIRTIO_RUNNING = 15 };
enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4 };
enum { RT_QUEUE = 16 };

struct rt_desc {
	u64 ipa;
	u32 size;
	u16 flags, next;
};

extern struct rt_ring {
	struct rt_desc desc[RT_QUEUE];
	u16 avail_flags, avail_index, avail[RT_QUEUE];
	u32 used_flags_index aligned_to(4);
	struct {
		u32 head, size;
	} used[RT_QUEUE];
} rt_ring;

u32 rt_virtio_reg(u64 device, u32 offset);
void rt_virtio_set(u64 device, u32 offset, u64 value);

/* A queue's address: two registers. */
void rt_virtio_place(u64 device, u32 offset, u64 ipa);

/* From reset to DRIVER_OK, with the ring, which is emptied; what its status is then. */
u32 rt_virtio_up(u64 device);

/* The chain that begins there is the device's next. */
void rt_virtio_offer(u16 head);

#endif
