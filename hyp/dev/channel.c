/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's pci-serial: found by its identity in configuration space, its one I/O window placed by
 * us, output polled.
 */
#include "hyp/dev/channel.h"

#include "arch/insn.h"
#include "hyp/mem/el2_map.h"

enum {
	PCI_SLOTS = 32,
	PCI_SLOT_SIZE = 0x8000, /* eight functions of 4 KiB each in ECAM */
	PCI_ID = 0x00,
	PCI_COMMAND = 0x04,
	PCI_BAR0 = 0x10,
	PCI_COMMAND_IO = 1,
	REDHAT_SERIAL = 0x00021b36, /* device 0002, vendor 1b36 */
	PORT = 0x1000,              /* where in I/O space we put it */
	UART_THR = 0,
	UART_LSR = 5,
	UART_LSR_THRE = 0x20,
};

static u64 port; /* 0: no channel */

static u64 find(u64 ecam)
{
	for (u32 slot = 0; slot < PCI_SLOTS; slot++) {
		u64 at = ecam + (u64)slot * PCI_SLOT_SIZE;

		if (mmio_read32(at + PCI_ID) == REDHAT_SERIAL)
			return at;
	}
	return 0;
}

bool channel_init(const struct fdt_machine *m)
{
	u64 device;

	if (m->pcie_ecam.size < PCI_SLOTS * PCI_SLOT_SIZE || m->pcie_io.size < PORT + 8)
		return false;
	el2_map(m->pcie_ecam.base.v, PCI_SLOTS * PCI_SLOT_SIZE, EL2_DEVICE);
	device = find(m->pcie_ecam.base.v);
	if (device == 0)
		return false;
	mmio_write32(device + PCI_BAR0, PORT);
	mmio_write16(device + PCI_COMMAND, PCI_COMMAND_IO);
	el2_map(m->pcie_io.base.v + PORT, 8, EL2_DEVICE);
	port = m->pcie_io.base.v + PORT;
	return true;
}

void channel_write(const char *text, size_t n)
{
	if (port == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		while (!(mmio_read8(port + UART_LSR) & UART_LSR_THRE))
			;
		mmio_write8(port + UART_THR, (u8)text[i]);
	}
}
