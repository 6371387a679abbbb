/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PL011 by polling (Arm DDI 0183): no interrupts, the line's settings left as the firmware
 * or the hypervisor has made them.  Only the data and flag registers are used.
 */
#ifndef GUEST_DEV_PL011_H
#define GUEST_DEV_PL011_H

#include "include/types.h"

#define PL011_SIZE 0x1000UL

struct pl011 {
	u64 base; /* virtual address of the registers; 0 before pl011_init() */
};

void pl011_init(struct pl011 *u, u64 base);

/* Waits for room before each byte. */
void pl011_write(const struct pl011 *u, const char *text, size_t n);

/* A byte that has arrived, or -1; one received with an error is dropped. */
int pl011_read(const struct pl011 *u);

#endif
