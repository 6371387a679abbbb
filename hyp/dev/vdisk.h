/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is on a guest's disk: 4 KiB blocks, each its own frame, as the module has it, or zero.
 *
 *	vdisk_init(&d, bytes, module, &pool);     module NULL: a disk of zeros
 *	promise = vdisk_frames(bytes);            the caller promise_make()s as many, once
 *	n = vdisk_write(&d, at, bytes, n);
 *	vdisk_release(&d);                        everything written is gone
 *
 * A write takes a frame for each block it touches, so the module stays as it was (it is
 * copied on write), and a discard gives frames back.  All frames that a disk can ever need are
 * promised to it: no write fails for want of memory.  The map from block to frame is a table of
 * three levels, 512 entries each, whose pages come out of the same promise: 512 GiB at most.
 *
 * A frame is filled before anything of it can be read, and whoever takes it after the disk
 * scrubs it before another guest gets it, as all of the pool is.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises calls
 * on one disk, and those that take or give frames on the mm.
 */
#ifndef HYP_DEV_VDISK_H
#define HYP_DEV_VDISK_H

#include "include/types.h"

struct mm;

enum { VDISK_BLOCK = 4096 };

#define VDISK_MAX (1UL << 39)

struct vdisk {
	u64 size;         /* bytes, a multiple of 512 up to VDISK_MAX */
	const u8 *module; /* what it holds at first; NULL for zeros */
	struct mm *mm;
	u64 *root;  /* NULL while nothing was written */
	u64 blocks; /* frames that hold data */
	u64 tables; /* frames that hold the map */
};

/* Frames to promise for a disk of that size. */
u64 vdisk_frames(u64 size);

void vdisk_init(struct vdisk *d, u64 size, const void *module, struct mm *mm);

/*
 * At most n bytes from `at` on, n not 0, [at, at + n) within the disk; returns how many bytes
 * it has done, which is at least what lies in one block.
 */
u64 vdisk_read(const struct vdisk *d, u64 at, void *to, u64 n);
u64 vdisk_write(struct vdisk *d, u64 at, const void *from, u64 n);

/* The same, with zeros; a whole block gives its frame back. */
u64 vdisk_zero(struct vdisk *d, u64 at, u64 n);

/* All as it was at first; every frame is free and promised again. */
void vdisk_release(struct vdisk *d);

/* NULL, or what is wrong with the map. */
const char *vdisk_check(const struct vdisk *d);

#endif
