/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's pci-serial: found by its identity in configuration space, its one I/O window placed by
 * us, output polled.
 * 1. A QEMU whose chardev is not read (a pipe, a socket) takes no byte, for ever: nobody waits for
 *    it longer than PATIENCE_MS, and what is lost is counted.
 */
#include "hyp/dev/channel.h"

#include "arch/insn.h"
#include "hyp/dev/timer.h"
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
	PATIENCE_MS = 1000,
};

static u64 port; /* 0: no channel */
static u64 lost;
static bool stuck; /* somebody has lost patience, and nothing was taken since */

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

static bool has_room(void)
{
	return mmio_read8(port + UART_LSR) & UART_LSR_THRE;
}

/* False where patience has come to its end. */
static bool wait_for_room(void)
{
	u64 until;

	if (!has_room()) {
		until = timer_now() + timer_from_ms(stuck ? 0 : PATIENCE_MS);
		while (!has_room())
			if (timer_now() >= until) {
				stuck = true;
				return false;
			}
	}
	stuck = false;
	return true;
}

void channel_write(const char *text, size_t n)
{
	size_t i;

	if (port == 0)
		return;
	for (i = 0; i < n && wait_for_room(); i++)
		mmio_write8(port + UART_THR, (u8)text[i]);
	lost += n - i;
}

u64 channel_lost(void)
{
	u64 n = lost;

	lost = 0;
	return n;
}
