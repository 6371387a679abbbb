/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine on the host is the model: what its own tests ask beyond machine.h.  Host only.
 */
#ifndef TESTS_HARNESS_MACHINE_MODEL_H
#define TESTS_HARNESS_MACHINE_MODEL_H

#include "s2/s2.h"
#include "tests/model/model.h"

/* The registers that the hardware would translate with. */
struct model_regs machine_regs(const struct s2 *s2);

#endif
