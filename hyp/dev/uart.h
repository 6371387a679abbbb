/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's PL011 (Arm DDI 0183): polled output, input by interrupt into a ring.
 */
#ifndef HYP_DEV_UART_H
#define HYP_DEV_UART_H

#include "include/types.h"

/* Where QEMU's virt board has it; used until the tree says otherwise. */
#define UART_EARLY_BASE 0x09000000UL

/* Output works from here on, with the MMU off too. */
void uart_init(u64 at);

/* Enables reception and its interrupt (the GIC side is the caller's). */
void uart_start_input(void);

/* n bytes as they stand; waits for room. */
void uart_write(const char *text, size_t n);

/* Waits until the last bit has left. */
void uart_drain(void);

/* Moves what has arrived into the ring; stops when the ring is full (nothing is lost). */
void uart_poll(void);

/* Whether the ring holds a byte; the device is not asked. */
bool uart_has_input(void);

/* The next byte that has arrived, or -1. */
int uart_read(void);

#endif
