/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of virtio-mmio.
 * 1. Features are fixed once FEATURES_OK is set, the queue once it is ready, until reset.
 * 2. A status bit is set by the driver and cleared by reset alone; NEEDS_RESET is ours.
 * 3. The queue is ready only where its rings lie in RAM.
 */
#include "hyp/dev/virtio.h"

#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"

enum {
	MAGIC = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	VENDOR_ID = 0x00c,
	DEVICE_FEATURES = 0x010,
	DEVICE_FEATURES_SEL = 0x014,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SEL = 0x024,
	QUEUE_SEL = 0x030,
	QUEUE_NUM_MAX = 0x034,
	QUEUE_NUM = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050,
	INTERRUPT_STATUS = 0x060,
	INTERRUPT_ACK = 0x064,
	STATUS = 0x070,
	QUEUE_DESC_LOW = 0x080,
	QUEUE_DESC_HIGH = 0x084,
	QUEUE_DRIVER_LOW = 0x090,
	QUEUE_DRIVER_HIGH = 0x094,
	QUEUE_DEVICE_LOW = 0x0a0,
	QUEUE_DEVICE_HIGH = 0x0a4,
	SHM_LEN_LOW = 0x0b0,
	SHM_BASE_HIGH = 0x0bc,
	CONFIG_GENERATION = 0x0fc,
	CONFIG = 0x100,
};

#define MAGIC_VALUE 0x74726976U  /* "virt" */
#define VENDOR_VALUE 0x466f7754U /* "TwoF" */

#define STATUS_DRIVER_OK BIT(2)
#define STATUS_FEATURES_OK BIT(3)
#define STATUS_NEEDS_RESET BIT(6)
#define STATUS_OF_DRIVER (BITS(3, 0) | BIT(7))

#define INTERRUPT_USED BIT(0)
#define INTERRUPT_CONFIG BIT(1)

#define LOW BITS(31, 0)
#define HIGH BITS(63, 32)

void virtio_init(struct virtio *d, u32 id, u64 features, const void *config, size_t size)
{
	CHECK(size <= VIRTIO_CONFIG);
	memset(d, 0, sizeof(*d));
	d->id = id;
	d->offered = features | VIRTIO_F_VERSION_1;
	d->config_size = (u32)size;
	if (size)
		memcpy(d->config, config, size);
}

void virtio_reset(struct virtio *d)
{
	d->accepted = 0;
	d->offered_half = 0;
	d->accepted_half = 0;
	d->queue_selected = 0;
	d->status = 0;
	d->interrupt = 0;
	d->queue = (struct virtqueue){ 0 };
}

/* The half of a feature word that a selector names; there are no features beyond bit 63. */
static u32 half(u64 word, u32 selected)
{
	return selected < 2 ? (u32)(word >> (32 * selected)) : 0;
}

static u32 read_queue(const struct virtio *d, u32 offset)
{
	if (d->queue_selected != 0)
		return 0;
	return offset == QUEUE_NUM_MAX ? VQ_MAX : d->queue.ready;
}

static u32 read_register(const struct virtio *d, u32 offset)
{
	switch (offset) {
	case MAGIC: return MAGIC_VALUE;
	case VERSION: return 2;
	case DEVICE_ID: return d->id;
	case VENDOR_ID: return VENDOR_VALUE;
	case DEVICE_FEATURES: return half(d->offered, d->offered_half);
	case QUEUE_NUM_MAX:
	case QUEUE_READY: return read_queue(d, offset);
	case INTERRUPT_STATUS: return d->interrupt;
	case STATUS: return d->status;
	case CONFIG_GENERATION: return 0; /* the configuration never changes */
	default: break;
	}
	/* There is no shared memory: its length and base are all ones. */
	return offset >= SHM_LEN_LOW && offset <= SHM_BASE_HIGH ? ~0U : 0;
}

static u64 read_config(const struct virtio *d, u32 at, u32 size)
{
	u64 value = 0;

	for (u32 i = 0; i < size && at + i < d->config_size; i++)
		value |= (u64)d->config[at + i] << 8 * i;
	return value;
}

u64 virtio_read(const struct virtio *d, u32 offset, u32 size)
{
	if (offset >= CONFIG)
		return read_config(d, offset - CONFIG, size);
	return size == 4 && is_aligned(offset, 4) ? read_register(d, offset) : 0;
}

static void write_features(struct virtio *d, u32 value)
{
	if (d->accepted_half < 2 && !(d->status & STATUS_FEATURES_OK))
		d->accepted = replace(d->accepted, d->accepted_half ? HIGH : LOW, value);
}

static enum virtio_event write_status(struct virtio *d, u32 value)
{
	u32 added = value & ~d->status & (u32)STATUS_OF_DRIVER;

	if (value == 0) {
		virtio_reset(d);
		return VIRTIO_RESET;
	}
	if ((d->accepted & ~d->offered) || !(d->accepted & VIRTIO_F_VERSION_1))
		added &= ~(u32)STATUS_FEATURES_OK;
	d->status |= added;
	return VIRTIO_NOTHING;
}

static enum virtio_event write_ready(const struct vm *vm, struct virtio *d, u32 value)
{
	if (d->queue_selected != 0)
		return VIRTIO_NOTHING;
	if (!(value & 1)) {
		d->queue.ready = false;
		return VIRTIO_RESET;
	}
	if (!d->queue.ready && vq_enable(vm, &d->queue) != OK)
		virtio_fail(d);
	return VIRTIO_NOTHING;
}

static void set_half(u64 *word, u64 field, u32 value)
{
	*word = replace(*word, field, value);
}

/* Where the queue is, and how large; it stays as it is while it is ready. */
static void write_queue(struct virtio *d, u32 offset, u32 value)
{
	struct virtqueue *q = &d->queue;

	if (q->ready || d->queue_selected != 0)
		return;
	switch (offset) {
	case QUEUE_NUM: q->size = value; break;
	case QUEUE_DESC_LOW: set_half(&q->desc, LOW, value); break;
	case QUEUE_DESC_HIGH: set_half(&q->desc, HIGH, value); break;
	case QUEUE_DRIVER_LOW: set_half(&q->avail, LOW, value); break;
	case QUEUE_DRIVER_HIGH: set_half(&q->avail, HIGH, value); break;
	case QUEUE_DEVICE_LOW: set_half(&q->in_use, LOW, value); break;
	case QUEUE_DEVICE_HIGH: set_half(&q->in_use, HIGH, value); break;
	default: break;
	}
}

static enum virtio_event write_register(const struct vm *vm, struct virtio *d, u32 offset,
					u32 value)
{
	switch (offset) {
	case DEVICE_FEATURES_SEL: d->offered_half = value; break;
	case DRIVER_FEATURES_SEL: d->accepted_half = value; break;
	case DRIVER_FEATURES: write_features(d, value); break;
	case QUEUE_SEL: d->queue_selected = value; break;
	case INTERRUPT_ACK: d->interrupt &= ~value; break;
	case STATUS: return write_status(d, value);
	case QUEUE_READY: return write_ready(vm, d, value);
	case QUEUE_NOTIFY:
		return value == 0 && virtio_is_running(d) ? VIRTIO_NOTIFIED : VIRTIO_NOTHING;
	default: write_queue(d, offset, value); break;
	}
	return VIRTIO_NOTHING;
}

enum virtio_event virtio_write(const struct vm *vm, struct virtio *d, u32 offset, u32 size,
			       u64 value)
{
	if (offset >= CONFIG || size != 4 || !is_aligned(offset, 4))
		return VIRTIO_NOTHING;
	return write_register(vm, d, offset, (u32)value);
}

bool virtio_is_running(const struct virtio *d)
{
	u64 wanted = STATUS_DRIVER_OK | STATUS_FEATURES_OK;

	return (d->status & (wanted | STATUS_NEEDS_RESET)) == wanted && d->queue.ready;
}

void virtio_fail(struct virtio *d)
{
	d->status |= (u32)STATUS_NEEDS_RESET;
	if (d->status & STATUS_DRIVER_OK)
		d->interrupt |= (u32)INTERRUPT_CONFIG;
}

bool virtio_has_failed(const struct virtio *d)
{
	return (d->status & STATUS_NEEDS_RESET) != 0;
}

bool virtio_done(struct vm *vm, struct virtio *d, u16 head, u32 written)
{
	if (vq_push(vm, &d->queue, head, written) != OK) {
		virtio_fail(d);
		return false;
	}
	if (vq_wants_interrupt(vm, &d->queue))
		d->interrupt |= (u32)INTERRUPT_USED;
	return true;
}

bool virtio_line(const struct virtio *d)
{
	return d->interrupt != 0;
}
