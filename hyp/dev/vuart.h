/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's PL011, emulated (Arm DDI 0183): data, flags, identification, interrupts; the control
 * registers keep what is written.  What the guest writes goes into its console ring, of
 * which nothing is lost before the ring has gone round; what is sent to it waits in a FIFO.
 */
#ifndef HYP_DEV_VUART_H
#define HYP_DEV_VUART_H

#include "include/types.h"

enum { VUART_RING = 65536, VUART_FIFO = 4096, VUART_LINE = 256 };

struct vm;

struct vuart {
	char *ring;  /* VUART_RING bytes */
	u64 written; /* bytes the guest has ever written; the last VUART_RING are in the ring */
	u64 shown;   /* how far they have been shown as `[name] line` */
	u64 waited;  /* where the console's `wait` goes on searching */
	u8 fifo[VUART_FIFO];
	u32 fifo_head, fifo_count;
	u32 ibrd, fbrd, lcr_h, cr, ifls, imsc, dmacr;
	bool sent; /* the transmit interrupt: something has gone out since it was cleared */
};

void vuart_reset(struct vuart *u);

/*
 * An access by the guest: offset within the 4 KiB frame, size 1, 2, 4 or 8.  Registers are
 * 32 bits; what is not there reads as zero and ignores writes.
 */
u64 vuart_read(struct vm *vm, u32 offset, u32 size);
void vuart_write(struct vm *vm, u32 offset, u32 size, u64 value);

/* Bytes for the guest to read; returns how many found room. */
size_t vuart_send(struct vm *vm, const char *text, size_t n);

#endif
