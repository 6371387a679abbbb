/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's PL011.
 * 1. Once there are rings only the owner touches its registers, but at the machine's end.
 * 2. `sending` is written under print_lock and taken by the owner; `arrived` the other way round.
 * 3. When `arrived` is full the FIFO is left as it is and the receive interrupt is masked, so that
 *    the sender is held up instead of losing bytes.
 * 4. No loop waits for the terminal without an end: PATIENCE_MS without a byte taken, and what
 *    waits gives up; as long as nothing is taken after that, whoever comes next does at once.
 */
#include "hyp/dev/uart.h"

#include "arch/insn.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/spool.h"
#include "hyp/dev/timer.h"
#include "include/bits.h"
#include "include/spin.h"

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
#define INT_TX BIT(5)
#define INT_RX_TIMEOUT BIT(6)
#define LCR_FIFO BIT(4)
#define LCR_8_BITS BITS(6, 5)
#define CR_ON (BIT(0) | BIT(8) | BIT(9))

enum { ARRIVED = 4096, PIECE = 1024, PATIENCE_MS = 1000, OWN_MS = 10, KEY_XON = 0x11 };
enum { NOBODY = MAX_CPUS };

static u64 base;
static char sending_ring[UART_RING], arrived_ring[ARRIVED];
static struct spool sending = SPOOL_INIT(sending_ring);
static struct spool arrived = SPOOL_INIT(arrived_ring);
static bool started; /* there are rings */
static struct spin owned;
static u32 owner = NOBODY; /* the CPU */
static bool held;          /* ^S */
static bool full;          /* the FIFO had no room when the owner last looked */
static bool stuck;         /* somebody has lost patience, and nothing was taken since */
static u64 lost;

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

/* ---- The device ------------------------------------------------------------------------------ */

static bool fifo_is_full(void)
{
	full = (reg(UARTFR) & FR_TXFF) != 0;
	return full;
}

/* While any of `flags` is up in UARTFR; false where patience has come to its end. */
static bool wait_while(u64 flags)
{
	u64 until = timer_now() + timer_from_ms(stuck ? 0 : PATIENCE_MS);

	while (reg(UARTFR) & flags)
		if (timer_now() >= until) {
			stuck = true;
			return false;
		}
	stuck = false;
	return true;
}

static size_t write_polled(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n && wait_while(FR_TXFF); i++)
		set_reg(UARTDR, (u8)text[i]);
	return i;
}

bool uart_is_held(void)
{
	return __atomic_load_n(&held, __ATOMIC_RELAXED);
}

/* A byte that arrives while output is held may end that. */
static void receive(void)
{
	char byte;

	while (spool_room(&arrived) && !(reg(UARTFR) & FR_RXFE)) {
		byte = (char)reg(UARTDR);
		if (byte == KEY_XON && uart_is_held())
			uart_hold(false);
		else
			(void)spool_put(&arrived, byte);
	}
	if (!spool_room(&arrived))
		uart_hold(false);
}

static void transmit(u64 most)
{
	u64 from = sending.taken, p;
	u64 end = min_u64(spool_end(&sending), from + most);

	for (p = from; p < end && !fifo_is_full(); p++)
		set_reg(UARTDR, (u8)spool_at(&sending, p));
	if (p == from)
		return;
	stuck = false;
	spool_take(&sending, p);
}

/*
 * What the interrupt stands for is cleared before the bytes are moved, never behind: of one that
 * arrives between the last look and the clearing there would be no interrupt, and without the
 * FIFO no other byte after it.
 */
void uart_service(void)
{
	u64 mask = 0;

	set_reg(UARTICR, INT_RX | INT_RX_TIMEOUT | INT_TX);
	full = false;
	receive();
	if (!uart_is_held())
		transmit(PIECE);
	if (spool_room(&arrived))
		mask |= INT_RX | INT_RX_TIMEOUT;
	if (full)
		mask |= INT_TX;
	set_reg(UARTIMSC, mask);
}

bool uart_has_more(void)
{
	return !spool_is_empty(&sending) && !full && !uart_is_held();
}

void uart_hold(bool hold)
{
	__atomic_store_n(&held, hold, __ATOMIC_RELAXED);
}

/* ---- The owner ------------------------------------------------------------------------------- */

bool uart_own(void)
{
	if (!spin_try(&owned))
		return false;
	__atomic_store_n(&owner, percpu()->cpu, __ATOMIC_RELAXED);
	return true;
}

void uart_disown(void)
{
	__atomic_store_n(&owner, NOBODY, __ATOMIC_RELAXED);
	spin_unlock(&owned);
}

static bool is_mine(void)
{
	return __atomic_load_n(&owner, __ATOMIC_RELAXED) == percpu()->cpu;
}

void uart_start(void)
{
	CHECK(uart_own());
	set_reg(UARTIFLS, 0);
	started = true;
	uart_service(); /* bytes that came before raise no interrupt any more */
}

/* ---- Output ---------------------------------------------------------------------------------- */

/* The owner's, while `sending` is full: true when it is not any more. */
static bool make_room(void)
{
	u64 until = timer_now() + timer_from_ms(stuck ? 0 : PATIENCE_MS);

	for (;;) {
		uart_service();
		if (spool_room(&sending))
			return true;
		if (timer_now() >= until)
			break;
	}
	stuck = true;
	return false;
}

void uart_write(const char *text, size_t n)
{
	size_t done;

	if (!started) {
		lost += n - write_polled(text, n);
		return;
	}
	done = spool_put_some(&sending, text, n);
	while (done < n && is_mine() && make_room())
		done += spool_put_some(&sending, text + done, n - done);
	lost += n - done;
}

u64 uart_room(void)
{
	return started ? spool_room(&sending) : UART_RING;
}

u64 uart_lost(void)
{
	u64 n = lost;

	lost = 0;
	return n;
}

bool uart_has_input(void)
{
	return !spool_is_empty(&arrived);
}

int uart_read(void)
{
	u8 byte;

	if (spool_is_empty(&arrived))
		return -1;
	byte = (u8)spool_at(&arrived, arrived.taken);
	spool_take(&arrived, arrived.taken + 1);
	return byte;
}

/* ---- The end --------------------------------------------------------------------------------- */

void uart_drain(void)
{
	u64 p, end = spool_end(&sending);

	for (p = sending.taken; p < end && wait_while(FR_TXFF); p++)
		set_reg(UARTDR, (u8)spool_at(&sending, p));
	sending.taken = p; /* no CHECK: in a panic another CPU may be at it, too */
	wait_while(FR_BUSY);
}

/* The owner, if there is one, may be at it on another CPU: it gets the time for its piece. */
void uart_panic(void)
{
	u64 until = timer_now() + timer_from_ms(OWN_MS);

	if (!started)
		return;
	while (!is_mine() && !spin_try(&owned) && timer_now() < until)
		;
	started = false;
	uart_drain();
}
