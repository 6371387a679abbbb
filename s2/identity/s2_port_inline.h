/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part for programs whose tables stand at their own physical addresses, with a
 * compiler that has the __atomic builtins.  make install-s2 takes this one unless told otherwise.
 */
#ifndef S2_PORT_INLINE_H
#define S2_PORT_INLINE_H

#include "s2/plain.h"

#endif
