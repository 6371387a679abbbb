/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's PL011.
 * 1. Output waits for room in the FIFO, so nothing is lost.
 * 2. Input goes into a ring; when the ring is full the FIFO is left as it is and the receive
 *    interrupt is masked, so that the sender is held up instead of losing bytes.
 */
#include "hyp/dev/uart.h"

#include "arch/insn.h"
#include "include/bits.h"

enum {
	UARTDR = 0x00,
	UARTFR = 0x18,
	UARTLCR_H = 0x2c,
	UARTCR = 0x30,
	UARTIFLS = 0x34,
	UARTIMSC = 0x38,
	UARTICR = 0x44,
};

#define FR_BUSY BIT(3)
#define FR_RXFE BIT(4)
#define FR_TXFF BIT(5)
#define INT_RX BIT(4)
#define INT_RX_TIMEOUT BIT(6)
#define LCR_FIFO BIT(4)
#define LCR_8_BITS BITS(6, 5)
#define CR_ON (BIT(0) | BIT(8) | BIT(9))

enum { RING = 4096 };

static u64 base;
static u8 ring[RING];
static u32 ring_head, ring_count;
static bool input_started;

static u32 reg(u32 offset)
{
	return mmio_read32(base + offset);
}

static void set_reg(u32 offset, u64 value)
{
	mmio_write32(base + offset, (u32)value);
}

/*
 * The FIFO stays as the machine has it: turning it on empties it, and a byte that arrives
 * meanwhile, as from a pipe that is full, would be lost.  Without it QEMU holds the sender up.
 */
void uart_init(u64 at)
{
	base = at;
	set_reg(UARTLCR_H, LCR_8_BITS | (reg(UARTLCR_H) & LCR_FIFO));
	set_reg(UARTCR, CR_ON);
}

void uart_start_input(void)
{
	input_started = true;
	set_reg(UARTIFLS, 0);
	set_reg(UARTICR, 0x7ff);
	set_reg(UARTIMSC, INT_RX | INT_RX_TIMEOUT);
	uart_poll(); /* bytes that came before raise no interrupt any more */
}

void uart_write(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		while (reg(UARTFR) & FR_TXFF)
			;
		set_reg(UARTDR, (u8)text[i]);
	}
}

void uart_drain(void)
{
	while (reg(UARTFR) & FR_BUSY)
		;
}

/*
 * What the interrupt stands for is cleared before the bytes are taken, never behind: of one that
 * arrives between the last look and the clearing there would be no interrupt, and without the
 * FIFO no other byte after it.
 */
void uart_poll(void)
{
	if (input_started)
		set_reg(UARTICR, INT_RX | INT_RX_TIMEOUT);
	while (ring_count < RING && !(reg(UARTFR) & FR_RXFE)) {
		ring[(ring_head + ring_count) % RING] = (u8)reg(UARTDR);
		ring_count++;
	}
	if (input_started)
		set_reg(UARTIMSC, ring_count < RING ? INT_RX | INT_RX_TIMEOUT : 0);
}

bool uart_has_input(void)
{
	return ring_count > 0;
}

int uart_read(void)
{
	u8 byte;

	if (ring_count == 0) {
		uart_poll();
		if (ring_count == 0)
			return -1;
	}
	byte = ring[ring_head];
	ring_head = (ring_head + 1) % RING;
	ring_count--;
	return byte;
}
