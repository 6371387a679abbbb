/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The observed flavour at EL2: the hypervisor's s2/ with every event that matters to an outside
 * judge written to the trace channel (docs/testing.md), the lines that the host's model writes.
 *
 * Only s2/ is compiled anew, with port/s2_port_inline.h, which leads to observe.c and so to the
 * port that ships; the linker puts observe.c between it and the port's linked part, and
 * operations.c before each of its operations (ld --wrap).  The hypervisor is the one that ships.
 */
#ifndef TESTS_TARGET_OBSERVED_OBSERVE_H
#define TESTS_TARGET_OBSERVED_OBSERVE_H

#include "include/types.h"

/* Stores, each with its line and both at once to the trace's other writers. */
void observe_store(u64 *entry, u64 value);
void observe_write(u64 *entry, u64 value);
u64 observe_exchange(u64 *entry, u64 value);
bool observe_cas(u64 *entry, u64 *expected, u64 value);

/* The port's barriers and TLBIs, each with its line. */
void observe_dsb_ishst(void);
void observe_dsb_ish(void);
void observe_isb(void);
void observe_tlbi_ipas2e1is(u64 xt);
void observe_tlbi_ipas2le1is(u64 xt);
void observe_tlbi_ripas2e1is(u64 xt);
void observe_tlbi_ripas2le1is(u64 xt);
void observe_tlbi_alle1is(void);
void observe_tlbi_vmalle1is(void);
void observe_tlbi_vmalls12e1is(void);
u64 observe_vttbr_enter(u64 vttbr);
void observe_vttbr_leave(u64 old);

/* One more event of this CPU. */
void observe(const char *format, ...) printf_like(1, 2);

#endif
