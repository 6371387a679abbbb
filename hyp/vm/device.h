/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's devices: where each stands in its map, and accesses to it.
 *
 * Devices are chosen by a switch, not by pointers: this lies in the trap path.
 */
#ifndef HYP_VM_DEVICE_H
#define HYP_VM_DEVICE_H

#include "hyp/vm/vm.h"

enum device {
	DEVICE_GICD,
	DEVICE_GICR,
	DEVICE_UART,
	DEVICE_RTC,
	DEVICE_DISK, /* virtio, in this order of slots */
	DEVICE_RNG,
	DEVICE_COUNT,
	DEVICE_NONE = DEVICE_COUNT,
};

struct device_place {
	const char *name;
	u64 base, size;
};

/* Where a device of this VM stands; ascending by number.  One that it does not have has size 0. */
struct device_place device_place(const struct vm *vm, enum device d);

/* The device an address lies in, or DEVICE_NONE. */
enum device device_at(const struct vm *vm, ipa_t ipa);

/* The device in a virtio slot. */
enum device device_of_slot(enum vm_slot slot);

/*
 * An exit by a plain load or store to a device: done, the PC moved on.  False, and nothing done,
 * where it is anything else.
 */
bool device_trap(struct vcpu *v);

/*
 * An access by the loaded vCPU: size 1, 2, 4 or 8.  A write that returns false has done a part
 * of its work only: the guest is to execute it again, once EL2 has looked at its interrupts.
 */
u64 device_read(struct vcpu *v, enum device d, ipa_t ipa, u32 size);
must_check bool device_write(struct vcpu *v, enum device d, ipa_t ipa, u32 size, u64 value);

#endif
