/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers that tell hardware the geometry.  Internal to s2/.
 */
#ifndef S2_CONTROLS_H
#define S2_CONTROLS_H

#include "s2/geometry.h"

/* Fills vtcr, vstcr and hcr of a geometry that is complete but for them. */
void s2_controls_set(struct s2_geometry *g);

#endif
