/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-blk (VIRTIO 1.2, section 5.2): a guest's disk.
 *
 *	vblk_init(&b, size, module, read_only, &pool);
 *	again = vblk_write(vm, &b, offset, size, value);      a register of its transport
 *
 * It reads, writes, flushes (what is written is stable at once), discards and writes zeroes
 * (whole 4 KiB blocks give their memory back), and says its name; data may come in any number
 * of segments and be cut anywhere.  A request beyond the disk's end, of half a sector, or to
 * write where the disk is read-only ends with IOERR, one of an unknown type with UNSUPP;
 * a chain that cannot be a request puts the device into NEEDS_RESET.
 *
 * Work is done at once, by the vCPU that notifies, VBLK_BUDGET bytes at a time: when that is
 * used up, vblk_write() says so, the guest's store is not completed, and the guest executes
 * it again after EL2 has looked at its interrupts.  A request may span several such turns.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises all
 * calls for one VM with each other and with changes of its stage 2, and the mm.
 */
#ifndef HYP_DEV_VBLK_H
#define HYP_DEV_VBLK_H

#include "hyp/dev/vdisk.h"
#include "hyp/dev/virtio.h"

enum { VBLK_BUDGET = 64 * 1024 };

enum vblk_kind {
	VBLK_READ,
	VBLK_WRITE,
	VBLK_FLUSH,
	VBLK_DISCARD, /* and write zeroes */
	VBLK_GET_ID,
	VBLK_OTHER,
	VBLK_KINDS,
};

extern const char *const vblk_kind_names[VBLK_KINDS];

struct vblk {
	struct virtio virtio;
	struct vdisk disk;
	bool read_only;
	/* The request that is under way, where busy. */
	bool busy;
	enum vblk_kind kind;
	u8 status;    /* what the driver will be told */
	u64 at, left; /* on the disk: where to go on, and how much is to be done */
	u32 given;    /* bytes written for the driver so far */
	struct vq_chain chain;
	struct vq_cursor data;
	/* Since the guest was started. */
	u64 requests[VBLK_KINDS], errors, bytes_read, bytes_written;
};

/* A disk as vdisk_init() has it; its frames are promised by the caller. */
void vblk_init(struct vblk *b, u64 size, const void *module, bool read_only, struct mm *mm);

/* The disk as at first, all its memory given back, and the transport in reset. */
void vblk_stop(struct vblk *b);

/* The same, and nothing counted yet: as the guest finds it when it starts. */
void vblk_restart(struct vblk *b);

/*
 * Accesses by the guest, as virtio_read() and virtio_write().  True: there is more to do, so the
 * same write has to come again.
 */
u64 vblk_read(const struct vblk *b, u32 offset, u32 size);
must_check bool vblk_write(struct vm *vm, struct vblk *b, u32 offset, u32 size, u64 value);

#endif
