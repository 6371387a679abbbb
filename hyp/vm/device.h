/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's devices: where each stands in its map, and accesses to it.
 *
 * Devices are chosen by a switch, not by pointers: this lies in the trap path.
 */
#ifndef HYP_VM_DEVICE_H
#define HYP_VM_DEVICE_H

#include "hyp/vm/vm.h"

enum device { DEVICE_GICD, DEVICE_GICR, DEVICE_UART, DEVICE_COUNT, DEVICE_NONE = DEVICE_COUNT };

struct device_place {
	const char *name;
	u64 base, size;
};

/* Where a device of this VM stands; ascending by number. */
struct device_place device_place(const struct vm *vm, enum device d);

/* The device an address lies in, or DEVICE_NONE. */
enum device device_at(const struct vm *vm, ipa_t ipa);

/* An access by the loaded vCPU: size 1, 2, 4 or 8. */
u64 device_read(struct vcpu *v, enum device d, ipa_t ipa, u32 size);
void device_write(struct vcpu *v, enum device d, ipa_t ipa, u32 size, u64 value);

#endif
