/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What mm/ asks of the program it is linked into.  Each program supplies these functions;
 * there is no default and no pointer.
 */
#ifndef MM_PORT_H
#define MM_PORT_H

#include "include/types.h"

/* The address at which the program reads and writes frame pa, and back. */
void *mm_port_va(pa_t pa);
pa_t mm_port_pa(const void *va);

#endif
