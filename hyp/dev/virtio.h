/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio-mmio transport, version 2 (VIRTIO 1.2, section 4.2): the registers of one device
 * with one queue.  What the device does with its queue is its own (hyp/dev/vblk.h, vrng.h).
 *
 *	virtio_init(&d, VIRTIO_ID_BLOCK, features, &config, sizeof(config));
 *	if (virtio_write(vm, &d, offset, size, value) == VIRTIO_NOTIFIED) ...run the queue...
 *	line = virtio_line(&d);
 *
 * The life of a device: reset, features agreed (FEATURES_OK stays only where the driver took
 * a subset with VERSION_1 in it), queue set up while QueueReady is 0, DRIVER_OK.  Only then is
 * the queue looked at.  A driver that breaks a rule finds NEEDS_RESET in its status, and the
 * device does nothing more until status 0 is written.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises all
 * calls for one VM with each other and with changes of its stage 2.
 */
#ifndef HYP_DEV_VIRTIO_H
#define HYP_DEV_VIRTIO_H

#include "hyp/dev/virtqueue.h"

enum { VIRTIO_SIZE = 0x200, VIRTIO_CONFIG = 64 };
enum { VIRTIO_ID_BLOCK = 2, VIRTIO_ID_ENTROPY = 4 };

/* Feature bits of every device. */
#define VIRTIO_F_VERSION_1 (1UL << 32)

struct virtio {
	u32 id;
	u64 offered, accepted; /* features */
	u32 offered_half, accepted_half, queue_selected;
	u32 status, interrupt;
	u32 config_size;
	u8 config[VIRTIO_CONFIG];
	struct virtqueue queue;
};

/* What the device has to do after a register was written. */
enum virtio_event {
	VIRTIO_NOTHING,
	VIRTIO_NOTIFIED, /* there may be something in the queue, which is running */
	VIRTIO_RESET,    /* whatever it was doing with the queue is void */
};

/* A device in reset; VERSION_1 is offered beside features.  size is at most VIRTIO_CONFIG. */
void virtio_init(struct virtio *d, u32 id, u64 features, const void *config, size_t size);

/* As status 0 does it: nothing agreed, nothing set up. */
void virtio_reset(struct virtio *d);

/*
 * Accesses by the guest: offset within VIRTIO_SIZE, size 1, 2, 4 or 8.  Registers are 32 bits
 * wide and read as zero at any other width or alignment, which ignores writes, too; the device's
 * configuration, from 0x100 on, is read at every width, and never written.
 */
u64 virtio_read(const struct virtio *d, u32 offset, u32 size);
enum virtio_event virtio_write(const struct vm *vm, struct virtio *d, u32 offset, u32 size,
			       u64 value);

/* Whether the queue may be looked at. */
bool virtio_is_running(const struct virtio *d);

/* The driver broke a rule: NEEDS_RESET, and an interrupt if it was up. */
void virtio_fail(struct virtio *d);
bool virtio_has_failed(const struct virtio *d);

/* Gives a chain back and asks for the interrupt that its driver wants; false where that failed. */
bool virtio_done(struct vm *vm, struct virtio *d, u16 head, u32 written);

/* The level of its interrupt line. */
bool virtio_line(const struct virtio *d);

#endif
