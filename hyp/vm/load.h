/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts a guest's image, ramdisk and tree into its memory.
 */
#ifndef HYP_VM_LOAD_H
#define HYP_VM_LOAD_H

#include "hyp/vm/vm.h"

/* Where things go; checked for room and overlap before anything is written. */
struct load_plan {
	ipa_t image; /* where the image begins, and is entered */
	u64 image_size;
	ipa_t tree;
	ipa_t ramdisk;
};

/*
 * The plan for a VM's configuration.  ERR_FORMAT (not a kernel this can start), ERR_RANGE (it
 * does not fit into the guest's RAM), ERR_EXISTS (image and tree or ramdisk overlap), with why.
 */
must_check enum err load_plan(const struct vm_config *c, struct load_plan *plan, char why[VM_WHY]);

/* Writes it all and sets vm->entry and vm->tree. */
must_check enum err load_guest(struct vm *vm, char why[VM_WHY]);

#endif
