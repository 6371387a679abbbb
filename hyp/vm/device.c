/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's device map.  To add a device: a number in device.h, its place and its two cases here.
 */
#include "hyp/vm/device.h"

#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vuart.h"

struct device_place device_place(const struct vm *vm, enum device d)
{
	switch (d) {
	case DEVICE_GICD: return (struct device_place){ "gicd", VM_GICD_BASE, VM_GICD_SIZE };
	case DEVICE_GICR:
		return (struct device_place){ "gicr", VM_GICR_BASE,
					      vm->config.cpus * VM_GICR_STRIDE };
	case DEVICE_UART: return (struct device_place){ "uart", VM_UART_BASE, VM_UART_SIZE };
	case DEVICE_NONE: break;
	}
	return (struct device_place){ "nothing", 0, 0 };
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
	switch (d) {
	case DEVICE_GICD: return vgic_cpu_dist_read(v, (u32)(ipa.v - VM_GICD_BASE), size);
	case DEVICE_GICR: return vgic_cpu_redist_read(v, (u32)(ipa.v - VM_GICR_BASE), size);
	case DEVICE_UART: return vuart_read(v->vm, (u32)(ipa.v - VM_UART_BASE), size);
	case DEVICE_NONE: break;
	}
	return 0;
}

void device_write(struct vcpu *v, enum device d, ipa_t ipa, u32 size, u64 value)
{
	switch (d) {
	case DEVICE_GICD: vgic_cpu_dist_write(v, (u32)(ipa.v - VM_GICD_BASE), size, value); break;
	case DEVICE_GICR: vgic_cpu_redist_write(v, (u32)(ipa.v - VM_GICR_BASE), size, value); break;
	case DEVICE_UART: vuart_write(v->vm, (u32)(ipa.v - VM_UART_BASE), size, value); break;
	case DEVICE_NONE: break;
	}
}
