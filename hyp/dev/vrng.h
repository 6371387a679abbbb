/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-rng (VIRTIO 1.2, section 5.4): random bytes for a guest.
 *
 *	vrng_init(&r);                   once
 *	vrng_restart(&r, key);           32 bytes out of the machine's seed, at each start
 *	again = vrng_write(vm, &r, offset, size, value);
 *
 * The generator is ChaCha20 that replaces its key with each block, so that what it gave cannot be
 * found out from what it is.  A machine without a seed has none to give: no such device.
 * A request gets VRNG_MOST bytes at most, which the driver has to expect.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises all
 * calls for one VM with each other and with changes of its stage 2.
 */
#ifndef HYP_DEV_VRNG_H
#define HYP_DEV_VRNG_H

#include "hyp/dev/virtio.h"

enum { VRNG_KEY = 32, VRNG_MOST = 256 };

struct vrng {
	struct virtio virtio;
	u8 key[VRNG_KEY];
	u64 requests, bytes; /* since the guest was started */
	struct vq_chain chain;
};

void vrng_init(struct vrng *r);
void vrng_restart(struct vrng *r, const u8 key[VRNG_KEY]);

/* Accesses by the guest.  True: there is more to do, so the same write has to come again. */
u64 vrng_read(const struct vrng *r, u32 offset, u32 size);
must_check bool vrng_write(struct vm *vm, struct vrng *r, u32 offset, u32 size, u64 value);

#endif
