/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes, by chacha_next(): no byte is given out twice.
 */
#include "hyp/dev/vrng.h"

#include "include/bits.h"
#include "lib/chacha.h"
#include "lib/str.h"

_Static_assert((int)VRNG_KEY == (int)CHACHA_KEY, "one key");

void vrng_init(struct vrng *r)
{
	memset(r, 0, sizeof(*r));
	virtio_init(&r->virtio, VIRTIO_ID_ENTROPY, 0, NULL, 0);
}

void vrng_restart(struct vrng *r, const u8 key[VRNG_KEY])
{
	virtio_reset(&r->virtio);
	memcpy(r->key, key, VRNG_KEY);
	r->requests = 0;
	r->bytes = 0;
}

/* Fills the chain's buffer, as far as one request goes; returns how much that was. */
static u32 fill(struct vm *vm, struct vrng *r)
{
	struct vq_cursor at = vq_writable(&r->chain);
	u64 want = min_u64(r->chain.writable_bytes, VRNG_MOST), done = 0;
	u8 bytes[CHACHA_NEXT];

	while (done < want) {
		u64 n = min_u64(want - done, sizeof(bytes));

		chacha_next(r->key, bytes);
		if (vq_copy_in(vm, &r->chain, &at, bytes, n) != n)
			break;
		done += n;
	}
	return (u32)done;
}

/* One request; false where there is none, or it cannot be one. */
static bool serve(struct vm *vm, struct vrng *r)
{
	enum err e = vq_pop(vm, &r->virtio.queue, &r->chain);
	u32 n;

	if (e == ERR_NOENT)
		return false;
	if (e != OK || r->chain.readable_bytes || r->chain.writable_bytes == 0) {
		virtio_fail(&r->virtio);
		return false;
	}
	n = fill(vm, r);
	r->requests++;
	r->bytes += n;
	return virtio_done(vm, &r->virtio, r->chain.head, n);
}

u64 vrng_read(const struct vrng *r, u32 offset, u32 size)
{
	return virtio_read(&r->virtio, offset, size);
}

bool vrng_write(struct vm *vm, struct vrng *r, u32 offset, u32 size, u64 value)
{
	if (virtio_write(vm, &r->virtio, offset, size, value) != VIRTIO_NOTIFIED)
		return false;
	for (u32 i = 0; i < VQ_MAX; i++)
		if (!serve(vm, r))
			return false;
	return true;
}
