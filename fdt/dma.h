/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the masters of a bus reach of memory: dma-ranges (Devicetree Specification 0.4, 2.3.9).
 * Internal to fdt/.
 */
#ifndef FDT_DMA_H
#define FDT_DMA_H

#include "fdt/tree.h"

/*
 * The visited node's dma-ranges: m->dma_last becomes the last byte they reach, where that is lower.
 * A node without them, or with empty ones, limits nobody.
 */
must_check enum err dma_read_ranges(struct tree *t, struct fdt_machine *m);

#endif
