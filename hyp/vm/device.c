/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's device map.  To add a device: a number in device.h, its place and its two cases here.
 */
#include "hyp/vm/device.h"

#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vuart.h"
#include "hyp/mem/guest_mem.h"

_Static_assert(DEVICE_RNG - DEVICE_DISK == VM_SLOT_RNG - VM_SLOT_DISK, "device_of_slot()");

static struct device_place slot_place(enum vm_slot slot, const char *name, bool is_there)
{
	return (struct device_place){ name, VM_VIRTIO_BASE + slot * VIRTIO_SIZE,
				      is_there ? VIRTIO_SIZE : 0 };
}

struct device_place device_place(const struct vm *vm, enum device d)
{
	switch (d) {
	case DEVICE_GICD: return (struct device_place){ "gicd", VM_GICD_BASE, VM_GICD_SIZE };
	case DEVICE_GICR:
		return (struct device_place){ "gicr", VM_GICR_BASE,
					      vm->config.cpus * VM_GICR_STRIDE };
	case DEVICE_UART: return (struct device_place){ "uart", VM_UART_BASE, VM_UART_SIZE };
	case DEVICE_DISK: return slot_place(VM_SLOT_DISK, "disk", vm->config.disk_size != 0);
	case DEVICE_RNG: return slot_place(VM_SLOT_RNG, "rng", vm->config.rng);
	case DEVICE_NONE: break;
	}
	return (struct device_place){ "nothing", 0, 0 };
}

enum device device_of_slot(enum vm_slot slot)
{
	return DEVICE_DISK + slot;
}

enum device device_at(const struct vm *vm, ipa_t ipa)
{
	for (enum device d = 0; d < DEVICE_COUNT; d++) {
		struct device_place p = device_place(vm, d);

		if (ipa.v >= p.base && ipa.v - p.base < p.size)
			return d;
	}
	return DEVICE_NONE;
}

u64 device_read(struct vcpu *v, enum device d, ipa_t ipa, u32 size)
{
	u32 offset = (u32)(ipa.v - device_place(v->vm, d).base);

	switch (d) {
	case DEVICE_GICD: return vgic_cpu_dist_read(v, offset, size);
	case DEVICE_GICR: return vgic_cpu_redist_read(v, offset, size);
	case DEVICE_UART: return vuart_read(v->vm, offset, size);
	case DEVICE_DISK: return vblk_read(&v->vm->disk, offset, size);
	case DEVICE_RNG: return vrng_read(&v->vm->rng, offset, size);
	case DEVICE_NONE: break;
	}
	return 0;
}

static void set_line(struct vm *vm, enum vm_slot slot, const struct virtio *d)
{
	vgic_cpu_set_line(&vm->vcpu[0], VM_VIRTIO_INTID + slot, virtio_line(d));
}

static bool disk_write(struct vm *vm, u32 offset, u32 size, u64 value)
{
	bool again = vblk_write(vm, &vm->disk, offset, size, value);

	set_line(vm, VM_SLOT_DISK, &vm->disk.virtio);
	return !again;
}

static bool rng_write(struct vm *vm, u32 offset, u32 size, u64 value)
{
	bool again = vrng_write(vm, &vm->rng, offset, size, value);

	set_line(vm, VM_SLOT_RNG, &vm->rng.virtio);
	return !again;
}

bool device_write(struct vcpu *v, enum device d, ipa_t ipa, u32 size, u64 value)
{
	u32 offset = (u32)(ipa.v - device_place(v->vm, d).base);

	switch (d) {
	case DEVICE_GICD: vgic_cpu_dist_write(v, offset, size, value); break;
	case DEVICE_GICR: vgic_cpu_redist_write(v, offset, size, value); break;
	case DEVICE_UART: vuart_write(v->vm, offset, size, value); break;
	case DEVICE_DISK: return disk_write(v->vm, offset, size, value);
	case DEVICE_RNG: return rng_write(v->vm, offset, size, value);
	case DEVICE_NONE: break;
	}
	return true;
}

void *virtio_memory(struct vm *vm, ipa_t ipa, u64 n, bool write, u64 *got)
{
	return guest_mem_at(vm, ipa, n, write ? S2_W : S2_R, got);
}

bool virtio_is_ram(const struct vm *vm, ipa_t ipa, u64 n)
{
	return guest_mem_is_ram(vm, ipa, n);
}
