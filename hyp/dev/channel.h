/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second way out, for programs that read what the hypervisor writes: a 16550 on the PCI bus
 * (QEMU's `-device pci-serial`).  Test images print their TAP there, where no log line can be
 * taken for a result.
 */
#ifndef HYP_DEV_CHANNEL_H
#define HYP_DEV_CHANNEL_H

#include "fdt/machine.h"

/* Looks for it on bus 0; false where there is none. */
bool channel_init(const struct fdt_machine *machine);

/* n bytes; waits for room.  Does nothing where there is no channel. */
void channel_write(const char *text, size_t n);

#endif
