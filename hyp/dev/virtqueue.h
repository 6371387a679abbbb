/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A split virtqueue, from the device's side (VIRTIO 1.2, section 2.7).
 *
 *	if (vq_enable(vm, &q, last) != OK) ...                 the driver has said where it is
 *	while ((e = vq_pop(vm, &q, &chain)) == OK) {
 *		struct vq_cursor at = vq_readable(&chain);
 *		while ((p = vq_run(vm, &chain, &at, n, &length))) ...
 *		vq_push(vm, &q, chain.head, written);
 *	}
 *
 * Everything in guest memory is the guest's to change at any moment, so each thing is read
 * once, into local memory, and judged there: a descriptor, a ring's index, an entry.  No address
 * is used but through virtio_memory(), which looks it up in the guest's stage 2 at each use, so
 * nothing has to be pinned: no pointer is kept from one call to the next.
 *
 * ERR_FORMAT says that the driver broke a rule: a ring outside RAM or not aligned, a size that is
 * no power of two, an index or a head beyond the queue, a chain that loops or is longer than the
 * queue, a buffer outside RAM, a readable buffer behind a writable one, an indirect
 * descriptor (not offered here).  The device then needs a reset; what had been read of the
 * chain is void.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises all
 * calls for one VM with each other and with changes of its stage 2.
 */
#ifndef HYP_DEV_VIRTQUEUE_H
#define HYP_DEV_VIRTQUEUE_H

#include "include/err.h"
#include "include/types.h"

struct vm;

enum { VQ_MAX = 128 };

struct virtqueue {
	u32 size;                /* a power of two up to VQ_MAX */
	bool ready;              /* only then may chains be popped */
	u16 next;                /* index of the next available entry */
	u16 used;                /* index of the next used entry */
	u64 desc, avail, in_use; /* where table and rings are: IPAs */
};

/* A chain, out of the guest's reach.  Readable parts come first. */
struct vq_part {
	u64 ipa;
	u32 size;
};

struct vq_chain {
	u16 head;
	u32 count, writable_from; /* parts in all; the first writable one */
	u64 readable_bytes, writable_bytes;
	struct vq_part part[VQ_MAX];
};

/* A place in a chain: it moves on as runs are taken, and ends where its side does. */
struct vq_cursor {
	u32 part, end;
	u32 offset;
	bool write;
};

/*
 * Guest memory, as the program that is linked supplies it: the address at which n bytes at most
 * of RAM from ipa on can be read (or written, too), and in *got how many of them lie
 * together.  Memory that is not there yet is taken.  NULL where ipa is no RAM, or not writable
 * and asked to be; *got is at least 1 otherwise.  The address is good until the VM's stage
 * 2 is changed.
 */
void *virtio_memory(struct vm *vm, ipa_t ipa, u64 n, bool write, u64 *got);

/* Whether all of [ipa, ipa + n) is RAM of the guest; n is not 0. */
bool virtio_is_ram(const struct vm *vm, ipa_t ipa, u64 n);

/* Begins to use the queue that size, desc, avail and in_use describe; ERR_FORMAT. */
must_check enum err vq_enable(const struct vm *vm, struct virtqueue *q);

/* The next available chain: ERR_NOENT where there is none, ERR_FORMAT. */
must_check enum err vq_pop(struct vm *vm, struct virtqueue *q, struct vq_chain *c);

/* Gives a chain back, written bytes of its writable part having been filled.  ERR_FORMAT. */
must_check enum err vq_push(struct vm *vm, struct virtqueue *q, u16 head, u32 written);

/* Whether the driver wants to be interrupted for what it was given back. */
bool vq_wants_interrupt(struct vm *vm, const struct virtqueue *q);

/* From the first readable, or writable, byte on. */
struct vq_cursor vq_readable(const struct vq_chain *c);
struct vq_cursor vq_writable(const struct vq_chain *c);

/*
 * The next run of at most n bytes, n not 0: its address, its length in *got, and the cursor moves
 * past it.  NULL at the end of the side, or where memory is no more what it was when the
 * chain was popped.
 */
void *vq_run(struct vm *vm, const struct vq_chain *c, struct vq_cursor *at, u64 n, u64 *got);

/* Moves on by n bytes, or to the end of the side. */
void vq_skip(const struct vq_chain *c, struct vq_cursor *at, u64 n);

/* Copies up to n bytes from, or to, the chain; returns how many there were. */
u64 vq_copy_out(struct vm *vm, const struct vq_chain *c, struct vq_cursor *at, void *to, u64 n);
u64 vq_copy_in(struct vm *vm, const struct vq_chain *c, struct vq_cursor *at, const void *from,
	       u64 n);

#endif
