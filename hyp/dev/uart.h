/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's PL011 (Arm DDI 0183).  Until uart_start() output is polled.  From then on what is
 * written goes into a ring, and bytes move between the device and the rings when its owner calls
 * uart_service(): nobody waits for a terminal that does not read, and nobody for the owner.
 *
 *	uart_write("# ", 2);            under print_lock
 *
 *	if (uart_own()) {               whoever finds it free
 *		uart_service();
 *		uart_disown();
 *	}
 */
#ifndef HYP_DEV_UART_H
#define HYP_DEV_UART_H

#include "include/types.h"

/* Where QEMU's virt board has it; used until the tree says otherwise. */
#define UART_EARLY_BASE 0x09000000UL

/* Bytes that may be written and not be sent yet. */
enum { UART_RING = 32768 };

/* Output works from here on, with the MMU off too. */
void uart_init(u64 at);

/* Rings and interrupts from here on (the GIC side is the caller's); the caller owns the device. */
void uart_start(void);

/*
 * n bytes as they stand.  Where they find no room the device's owner waits for it, as long as
 * the terminal goes on reading; else, and for everybody else, the rest is lost, and counted.
 */
void uart_write(const char *text, size_t n);

/* How many bytes find room at once. */
u64 uart_room(void);

/* Bytes that uart_write() has lost since this was last asked. */
u64 uart_lost(void);

/* One attempt; true where the device is the caller's to service. */
must_check bool uart_own(void);
void uart_disown(void);

/*
 * The owner's: takes what has arrived, and sends what the device has room for, but a bounded
 * piece.  The UART's interrupt will tell of what comes next, unless uart_has_more().
 */
void uart_service(void);

/* Whether another uart_service() would send more at once. */
bool uart_has_more(void);

/*
 * The person's ^S: nothing is sent until ^Q arrives, which is taken out of the input; also ended
 * by `false`, and where the input is full, for then no ^Q could arrive.
 */
void uart_hold(bool hold);
bool uart_is_held(void);

/* Whether one has arrived and not been read. */
bool uart_has_input(void);

/* The next byte that has arrived, or -1.  Under print_lock. */
int uart_read(void);

/*
 * For the end of the machine: sends everything, held or not, and waits until the last bit has
 * left; not longer than the terminal reads.  Whoever owned the device does not any more.
 */
void uart_drain(void);

/* For a panic: as uart_drain(), and output is polled from now on. */
void uart_panic(void);

#endif
