/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What mm/ asks of the program it is linked into.  Each program supplies these functions;
 * there is no default and no pointer.
 */
#ifndef MM_PORT_H
#define MM_PORT_H

#include "include/types.h"

/*
 * The address at which the program reads and writes physical address pa, and back.  The two
 * undo each other for every byte a zone has given out, keep the offset within a page, and
 * keep contiguous what lies in one block.  mm_port_pa() answers for any pointer, a wrong one
 * too: with an address that is in no zone.  The zone itself calls neither.
 */
void *mm_port_va(pa_t pa);
pa_t mm_port_pa(const void *va);

#endif
