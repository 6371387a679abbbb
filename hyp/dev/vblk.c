/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to a disk.
 * 1. One request is under way at a time; its chain is in b->chain, out of the guest's reach.
 * 2. [at, at + left) lies within the disk, checked when the request begins.
 * 3. A request that was begun is given back exactly once, with its status in its last byte,
 *    unless the device is reset or fails meanwhile.
 */
#include "hyp/dev/vblk.h"

#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"

enum { SECTOR = 512, HEADER = 16, ID_SIZE = 20, SEG_MAX = VQ_MAX - 2 };

/* Of the budget: a request beside its bytes, a block that is zeroed, a run at least. */
enum { REQUEST_COST = 2048, BLOCK_COST = 512, RUN_COST = 64 };

/* Types and status, section 5.2.6. */
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_WRITE_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

#define F_SEG_MAX BIT(2)
#define F_RO BIT(5)
#define F_BLK_SIZE BIT(6)
#define F_FLUSH BIT(9)
#define F_TOPOLOGY BIT(10)
#define F_DISCARD BIT(13)
#define F_WRITE_ZEROES BIT(14)
#define ZEROES_UNMAP BIT(0)

/* Section 5.2.4, as far as its features are offered. */
struct blk_config {
	u64 capacity; /* in sectors */
	u32 size_max, seg_max;
	u16 cylinders;
	u8 heads, sectors;
	u32 blk_size;
	u8 physical_block_exp, alignment_offset;
	u16 min_io_size;
	u32 opt_io_size;
	u8 writeback, unused;
	u16 num_queues;
	u32 max_discard_sectors, max_discard_seg, discard_sector_alignment;
	u32 max_write_zeroes_sectors, max_write_zeroes_seg;
	u8 write_zeroes_may_unmap, unused1[3];
};

_Static_assert(offsetof(struct blk_config, max_discard_sectors) == 36, "section 5.2.4");
_Static_assert(offsetof(struct blk_config, write_zeroes_may_unmap) == 56, "section 5.2.4");
_Static_assert(sizeof(struct blk_config) <= VIRTIO_CONFIG, "it fits");

struct header {
	u32 type, reserved;
	u64 sector;
};

struct zeroes {
	u64 sector;
	u32 sectors, flags;
};

_Static_assert(sizeof(struct header) == HEADER && sizeof(struct zeroes) == 16, "section 5.2.6");

static const char id_text[ID_SIZE] = "twofold disk";

const char *const vblk_kind_names[VBLK_KINDS] = {
	[VBLK_READ] = "read",       [VBLK_WRITE] = "write",   [VBLK_FLUSH] = "flush",
	[VBLK_DISCARD] = "discard", [VBLK_GET_ID] = "get-id", [VBLK_OTHER] = "other",
};

void vblk_init(struct vblk *b, u64 size, const void *module, bool read_only, struct mm *mm)
{
	u64 features = F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY;
	u32 most = (u32)min_u64(size / SECTOR, BITS(31, 0));
	struct blk_config c = {
		.capacity = size / SECTOR,
		.seg_max = SEG_MAX,
		.blk_size = SECTOR,
		.physical_block_exp = 3,
		.max_discard_sectors = most,
		.max_discard_seg = 1,
		.discard_sector_alignment = VDISK_BLOCK / SECTOR,
		.max_write_zeroes_sectors = most,
		.max_write_zeroes_seg = 1,
		.write_zeroes_may_unmap = 1,
	};

	memset(b, 0, sizeof(*b));
	b->read_only = read_only;
	features |= read_only ? F_RO : F_DISCARD | F_WRITE_ZEROES;
	virtio_init(&b->virtio, VIRTIO_ID_BLOCK, features, &c, sizeof(c));
	vdisk_init(&b->disk, size, module, mm);
}

void vblk_stop(struct vblk *b)
{
	virtio_reset(&b->virtio);
	vdisk_release(&b->disk);
	b->busy = false;
}

void vblk_restart(struct vblk *b)
{
	vblk_stop(b);
	memset(b->requests, 0, sizeof(b->requests));
	b->errors = 0;
	b->bytes_read = 0;
	b->bytes_written = 0;
}

/* Nothing more is to be done for the request but to give it back. */
static void end_with(struct vblk *b, u8 status)
{
	b->status = status;
	b->left = 0;
}

/* The request's range in bytes, if all of it is on the disk. */
static void set_range(struct vblk *b, u64 sector, u64 bytes)
{
	u64 sectors = bytes / SECTOR;

	if (bytes % SECTOR ||
	    (sectors && !range_within(sector, sectors, b->disk.size / SECTOR - 1))) {
		end_with(b, S_IOERR);
		return;
	}
	b->at = sector * SECTOR;
	b->left = bytes;
}

static void begin_read(struct vblk *b, u64 sector)
{
	b->kind = VBLK_READ;
	b->data = vq_writable(&b->chain);
	set_range(b, sector, b->chain.writable_bytes - 1);
}

static void begin_write(struct vblk *b, u64 sector)
{
	b->kind = VBLK_WRITE;
	if (b->read_only)
		end_with(b, S_IOERR);
	else
		set_range(b, sector, b->chain.readable_bytes - HEADER);
}

static void begin_zeroes(struct vm *vm, struct vblk *b, u64 allowed_flags)
{
	struct zeroes z;

	b->kind = VBLK_DISCARD;
	if (b->read_only || b->chain.readable_bytes != HEADER + sizeof(z) ||
	    vq_copy_out(vm, &b->chain, &b->data, &z, sizeof(z)) != sizeof(z))
		end_with(b, S_IOERR);
	else if (z.flags & ~allowed_flags)
		end_with(b, S_UNSUPP);
	else
		set_range(b, z.sector, (u64)z.sectors * SECTOR);
}

static void get_id(struct vm *vm, struct vblk *b)
{
	u64 room = min_u64(b->chain.writable_bytes - 1, ID_SIZE);

	b->kind = VBLK_GET_ID;
	b->data = vq_writable(&b->chain);
	b->given = (u32)vq_copy_in(vm, &b->chain, &b->data, id_text, room);
}

static void begin_kind(struct vm *vm, struct vblk *b, const struct header *h)
{
	switch (h->type) {
	case T_IN: begin_read(b, h->sector); break;
	case T_OUT: begin_write(b, h->sector); break;
	case T_FLUSH: b->kind = VBLK_FLUSH; break;
	case T_GET_ID: get_id(vm, b); break;
	case T_DISCARD: begin_zeroes(vm, b, 0); break;
	case T_WRITE_ZEROES: begin_zeroes(vm, b, ZEROES_UNMAP); break;
	default: end_with(b, S_UNSUPP); break;
	}
}

/* Takes the next request out of the queue; false where there is none, or it cannot be one. */
static bool begin(struct vm *vm, struct vblk *b)
{
	struct header h;
	enum err e;

	if (!virtio_is_running(&b->virtio))
		return false;
	e = vq_pop(vm, &b->virtio.queue, &b->chain);
	if (e == ERR_NOENT)
		return false;
	b->data = vq_readable(&b->chain);
	if (e != OK || b->chain.writable_bytes == 0 ||
	    vq_copy_out(vm, &b->chain, &b->data, &h, sizeof(h)) != sizeof(h)) {
		virtio_fail(&b->virtio);
		return false;
	}
	b->busy = true;
	b->kind = VBLK_OTHER;
	b->status = S_OK;
	b->left = 0;
	b->given = 0;
	begin_kind(vm, b, &h);
	b->requests[b->kind]++;
	return true;
}

/* One run of guest memory to or from the disk. */
static void copy_run(struct vblk *b, u8 *run, u64 n)
{
	for (u64 done = 0; done < n;) {
		u64 at = b->at + done;

		if (b->kind == VBLK_READ)
			done += vdisk_read(&b->disk, at, run + done, n - done);
		else
			done += vdisk_write(&b->disk, at, run + done, n - done);
	}
	if (b->kind == VBLK_READ) {
		b->given += (u32)n;
		b->bytes_read += n;
	} else {
		b->bytes_written += n;
	}
}

/* A piece of the request, of about budget bytes; returns what it has cost, at least 1. */
static u64 go_on(struct vm *vm, struct vblk *b, u64 budget)
{
	u64 n = min_u64(b->left, budget), cost;

	if (b->kind == VBLK_DISCARD) {
		n = vdisk_zero(&b->disk, b->at, b->left);
		cost = BLOCK_COST;
	} else {
		u8 *run = vq_run(vm, &b->chain, &b->data, n, &n);

		if (!run) { /* memory has gone since the chain was read */
			end_with(b, S_IOERR);
			return 1;
		}
		copy_run(b, run, n);
		cost = max_u64(n, RUN_COST);
	}
	b->at += n;
	b->left -= n;
	return cost;
}

/* The status into the last writable byte, and the chain back to the driver. */
static bool finish(struct vm *vm, struct vblk *b)
{
	struct vq_cursor last = vq_writable(&b->chain);

	b->busy = false;
	if (b->status != S_OK)
		b->errors++;
	vq_skip(&b->chain, &last, b->chain.writable_bytes - 1);
	if (vq_copy_in(vm, &b->chain, &last, &b->status, 1) != 1) {
		virtio_fail(&b->virtio);
		return false;
	}
	return virtio_done(vm, &b->virtio, b->chain.head, b->given + 1);
}

/* Works until the queue is empty or the budget used up; true: there may be more. */
static bool run(struct vm *vm, struct vblk *b)
{
	u64 spent = 0;

	while (spent < VBLK_BUDGET) {
		if (!b->busy) {
			if (!begin(vm, b))
				return false;
			spent += REQUEST_COST;
		}
		while (b->left && spent < VBLK_BUDGET)
			spent += go_on(vm, b, VBLK_BUDGET - spent);
		if (!b->left && !finish(vm, b))
			return false;
	}
	return true;
}

u64 vblk_read(const struct vblk *b, u32 offset, u32 size)
{
	return virtio_read(&b->virtio, offset, size);
}

bool vblk_write(struct vm *vm, struct vblk *b, u32 offset, u32 size, u64 value)
{
	switch (virtio_write(vm, &b->virtio, offset, size, value)) {
	case VIRTIO_NOTIFIED: return run(vm, b);
	case VIRTIO_RESET: b->busy = false; break;
	case VIRTIO_NOTHING: break;
	}
	return false;
}
