/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's device map.  To add a device: a number in device.h, its place and its two cases here.
 */
#include "hyp/vm/device.h"

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/dev/rtc.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vuart.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/vm/mmio.h"

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
	case DEVICE_RTC:
		return (struct device_place){ "rtc", VM_RTC_BASE,
					      vm->config.rtc ? VM_RTC_SIZE : 0 };
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

static always_inline bool is_in(u64 ipa, u64 base, u64 size)
{
	return ipa - base < size;
}

/* The same places as device_place() has, the usual ones first. */
static always_inline enum device find(const struct vm *vm, u64 ipa)
{
	if (is_in(ipa, VM_GICD_BASE, VM_GICD_SIZE))
		return DEVICE_GICD;
	if (is_in(ipa, VM_UART_BASE, VM_UART_SIZE))
		return DEVICE_UART;
	if (is_in(ipa, VM_GICR_BASE, (u64)vm->config.cpus * VM_GICR_STRIDE))
		return DEVICE_GICR;
	for (enum device d = DEVICE_RTC; d < DEVICE_COUNT; d++) {
		struct device_place p = device_place(vm, d);

		if (is_in(ipa, p.base, p.size))
			return d;
	}
	return DEVICE_NONE;
}

enum device device_at(const struct vm *vm, ipa_t ipa)
{
	return find(vm, ipa.v);
}

/*
 * A data abort of EL1 or EL0, by a load or store of one general register, where stage 2 has nothing
 * (levels 0 to 3): so HPFAR_EL2 holds the page.  All other fields may be anything.
 */
#define PLAIN_MASK (ESR_EC | ISS_ISV | ISS_CM | ISS_S1PTW | BITS(5, 2))
#define PLAIN (put(ESR_EC, EC_DABT_LOW) | ISS_ISV | FSC_TRANSLATION_L0)

bool device_trap(struct vcpu *v)
{
	u64 esr = v->regs.esr, page = get(HPFAR_FIPA, v->regs.hpfar) << 12;
	struct mmio m;
	enum device d;
	ipa_t ipa;

	if (page >= VM_RAM_BASE || (esr & PLAIN_MASK) != PLAIN)
		return false;
	ipa = mk_ipa(page | (v->regs.far & BITS(11, 0)));
	d = find(v->vm, ipa.v);
	if (d == DEVICE_NONE || !mmio_decode(esr, &m))
		return false;
	v->vm->exits[EXIT_MMIO]++;
	if (!m.write)
		mmio_load_value(&m, v->regs.x, device_read(v, d, ipa, m.size));
	else if (!device_write(v, d, ipa, m.size, mmio_store_value(&m, v->regs.x)))
		return true; /* more of it when the guest comes again */
	regs_skip(&v->regs);
	return true;
}

u64 device_read(struct vcpu *v, enum device d, ipa_t ipa, u32 size)
{
	u32 at = (u32)ipa.v;

	switch (d) {
	case DEVICE_GICD: return vgic_cpu_dist_read(v, at - (u32)VM_GICD_BASE, size);
	case DEVICE_GICR: return vgic_cpu_redist_read(v, at - (u32)VM_GICR_BASE, size);
	case DEVICE_UART: return vuart_read(v->vm, at - (u32)VM_UART_BASE, size);
	case DEVICE_RTC: return vrtc_read(&v->vm->rtc, rtc_now(), at - (u32)VM_RTC_BASE, size);
	case DEVICE_DISK: return vblk_read(&v->vm->disk, at % VIRTIO_SIZE, size);
	case DEVICE_RNG: return vrng_read(&v->vm->rng, at % VIRTIO_SIZE, size);
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
	u32 at = (u32)ipa.v;

	switch (d) {
	case DEVICE_GICD: vgic_cpu_dist_write(v, at - (u32)VM_GICD_BASE, size, value); break;
	case DEVICE_GICR: vgic_cpu_redist_write(v, at - (u32)VM_GICR_BASE, size, value); break;
	case DEVICE_UART: return vuart_write(v, at - (u32)VM_UART_BASE, size, value);
	case DEVICE_RTC:
		vrtc_write(&v->vm->rtc, rtc_now(), at - (u32)VM_RTC_BASE, size, value);
		break;
	case DEVICE_DISK: return disk_write(v->vm, at % VIRTIO_SIZE, size, value);
	case DEVICE_RNG: return rng_write(v->vm, at % VIRTIO_SIZE, size, value);
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
