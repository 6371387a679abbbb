/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's PL011, emulated (Arm DDI 0183): data, flags, identification, interrupts; the control
 * registers keep what is written.  What the guest writes goes into its console ring, of which
 * nothing is lost: while it is full the UART shows TXFF, and a byte that is stored all the same
 * waits, and its vCPU with it, nobody else.  What is sent to the guest waits in a FIFO.
 */
#ifndef HYP_DEV_VUART_H
#define HYP_DEV_VUART_H

#include "hyp/dev/spool.h"
#include "include/types.h"

enum { VUART_RING = 65536, VUART_FIFO = 4096, VUART_LINE = 256 };

struct vcpu;
struct vm;

struct vuart {
	struct spool spool; /* the guest writes, under its VM's lock; the console takes */
	u64 shown;          /* the console's: how far it has been shown as `[name] line` */
	u64 waited;         /* the console's: where `wait` goes on searching */
	u32 fifo_head, fifo_count;
	u32 ibrd, fbrd, lcr_h, cr, ifls, imsc, dmacr;
	u32 flags; /* UARTFR but for what of it is the FIFO's: TXFE, or TXFF while it is full */
	bool sent; /* the transmit interrupt: something has gone out since it was cleared */
	bool low;  /* no room for what a driver writes at the transmit interrupt: it waits */
	u8 fifo[VUART_FIFO];
};

/* Once, with a ring of VUART_RING bytes; and as its guest finds it at each start. */
void vuart_init(struct vuart *u, char *ring);
void vuart_reset(struct vuart *u);

/*
 * An access by the guest: offset within the 4 KiB frame, size 1, 2, 4 or 8.  Registers are
 * 32 bits; what is not there reads as zero and ignores writes.  A write that returns false has
 * found no room: v waits, and will do it again.
 */
u64 vuart_read(struct vm *vm, u32 offset, u32 size);
must_check bool vuart_write(struct vcpu *v, u32 offset, u32 size, u64 value);

/* There is room in the ring again (spool_take() has said so).  The VM's lock is held. */
void vuart_has_room(struct vm *vm);

/* Ends the line of a guest that has stopped, so that what its next life says begins another. */
void vuart_end_line(struct vuart *u);

/* Bytes for the guest to read; returns how many found room. */
size_t vuart_send(struct vm *vm, const char *text, size_t n);

#endif
