/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which zones are asked, and what they keep: inside mm/.
 */
#ifndef MM_FALLBACK_H
#define MM_FALLBACK_H

#include "mm/memory.h"

/* Every node's fallback lists, from the zones that have memory and the distances. */
void fallback_build(struct mm *m);

/* Marks and reserves of all zones, from what they have. */
void watermarks_set(struct mm *m);

#endif
