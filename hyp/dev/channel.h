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

/*
 * n bytes; waits for room as long as somebody reads.  After a second in which nothing was taken
 * the rest is lost, and counted; from then on nobody waits until something is taken again.  Does
 * nothing where there is no channel.  Callers are serialised by who owns it.
 */
void channel_write(const char *text, size_t n);

/* Bytes that channel_write() has lost since this was last asked. */
u64 channel_lost(void);

#endif
