/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a guest orders SErrors of build/harsh.elf: what it writes to TPIDRRO_EL0 comes true behind
 * its next exit of that kind, which clears it; the SError's syndrome is ESR_ORDERED.  Or
 * `hvc #ORDER_NOW`: it is taken where that instruction stands, with ESR_AT_ONCE.
 */
#ifndef TESTS_TARGET_HARSH_ORDERS_H
#define TESTS_TARGET_HARSH_ORDERS_H

#define ORDER_NOW 0x5e44
#define ESR_ORDERED 0xbf000001
#define ESR_AT_ONCE 0xbf000002

#ifndef __ASSEMBLER__

#include "include/bits.h"

/* An order, at an exit by an interrupt or SError; by default at a synchronous one. */
#define ORDER 0x5e445e4400000000
#define ORDER_MASK BITS(63, 32)
#define ORDER_AT_INTERRUPT BIT(0)
/* It is pending at the exit, and gone when EL2 wants to take it. */
#define ORDER_GONE BIT(1)
/* It comes when another CPU waits for this vCPU to be unloaded; if none does, a little later. */
#define ORDER_WHEN_ASKED BIT(2)

#endif /* __ASSEMBLER__ */
#endif
