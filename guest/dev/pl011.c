/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PL011 by polling.
 */
#include "guest/dev/pl011.h"

#include "arch/insn.h"
#include "include/bits.h"

enum { DR = 0x000, FR = 0x018 };

#define DR_ERRORS BITS(11, 8)
#define FR_RXFE BIT(4)
#define FR_TXFF BIT(5)

void pl011_init(struct pl011 *u, u64 base)
{
	u->base = base;
}

void pl011_write(const struct pl011 *u, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		while (mmio_read32(u->base + FR) & FR_TXFF)
			;
		mmio_write32(u->base + DR, (u8)text[i]);
	}
}

int pl011_read(const struct pl011 *u)
{
	u32 data;

	if (mmio_read32(u->base + FR) & FR_RXFE)
		return -1;
	data = mmio_read32(u->base + DR);
	return data & DR_ERRORS ? -1 : (int)(data & 0xff);
}
