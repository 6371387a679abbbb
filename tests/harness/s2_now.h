/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM that a random step is about, and what the model's walker finds in its tables now.  For the
 * files of the engine (s2_steps.h).
 */
#ifndef TESTS_HARNESS_S2_NOW_H
#define TESTS_HARNESS_S2_NOW_H

#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/s2_steps.h"

static inline struct s2 *s2_now(void)
{
	return &steps_vm->s2;
}

static inline u64 granule(void)
{
	return 1UL << s2_now()->geo.granule_shift;
}

static inline struct model_walk walk(u64 ipa)
{
	return model_translate(machine_regs(s2_now()), ipa);
}

static inline bool is_leaf(const struct model_walk *w)
{
	return w->fault == MODEL_NO_FAULT || w->fault == MODEL_ACCESS_FLAG;
}

static inline u64 leaf_base(u64 ipa, const struct model_walk *w)
{
	return ipa & ~(w->size - 1);
}

#endif
