/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A comparison of both walks in words.
 */
#ifndef HYP_CONSOLE_CMD_WALK_H
#define HYP_CONSOLE_CMD_WALK_H

#include "hyp/console/compare.h"

void compare_print(const struct vm *vm, const struct compare *c);

#endif
