/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's side of virtio-mmio (version 2), for raw guests.  What a device reads of the ring
 * stands in memory before it is told.
 */
#include "tests/target/guests/rt_virtio.h"

#include "arch/insn.h"
#include "lib/str.h"

enum { DRIVER_FEATURES = 0x020, FEATURES_SEL = 0x024, QUEUE_NUM = 0x038, QUEUE_READY = 0x044 };
enum { QUEUE_DESC = 0x080, QUEUE_DRIVER = 0x090, QUEUE_DEVICE = 0x0a0 };
enum { ACKNOWLEDGED = 3, FEATURES_OK = 11 };

struct rt_ring rt_ring aligned_to(4096);

u32 rt_virtio_reg(u64 device, u32 offset)
{
	return mmio_read32(device + offset);
}

void rt_virtio_set(u64 device, u32 offset, u64 value)
{
	mmio_write32(device + offset, (u32)value);
}

void rt_virtio_place(u64 device, u32 offset, u64 ipa)
{
	rt_virtio_set(device, offset, ipa);
	rt_virtio_set(device, offset + 4, ipa >> 32);
}

u32 rt_virtio_up(u64 device)
{
	memset(&rt_ring, 0, sizeof(rt_ring));
	rt_virtio_set(device, VIRTIO_STATUS, 0);
	rt_virtio_set(device, VIRTIO_STATUS, ACKNOWLEDGED);
	rt_virtio_set(device, FEATURES_SEL, 1);
	rt_virtio_set(device, DRIVER_FEATURES, 1); /* VERSION_1 */
	rt_virtio_set(device, VIRTIO_STATUS, FEATURES_OK);
	rt_virtio_set(device, QUEUE_NUM, RT_QUEUE);
	rt_virtio_place(device, QUEUE_DESC, (u64)rt_ring.desc);
	rt_virtio_place(device, QUEUE_DRIVER, (u64)&rt_ring.avail_flags);
	rt_virtio_place(device, QUEUE_DEVICE, (u64)&rt_ring.used_flags_index);
	rt_virtio_set(device, QUEUE_READY, 1);
	rt_virtio_set(device, VIRTIO_STATUS, VIRTIO_RUNNING);
	return rt_virtio_reg(device, VIRTIO_STATUS);
}

void rt_virtio_offer(u16 head)
{
	rt_ring.avail[rt_ring.avail_index % RT_QUEUE] = head;
	dsb_sy();
	rt_ring.avail_index++;
	dsb_sy();
}
