/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the firmware says of its workarounds.
 * 1. Firmware is asked for nothing that it has not said, step by step, to know: PSCI_FEATURES of
 *    SMCCC_VERSION, that version, ARCH_FEATURES.  Results are 32 bits: the upper half is nothing.
 * 2. told[] is what is true on every CPU asked so far: it only gets worse, but by CPU 0.
 */
#include "hyp/vm/workaround.h"

#include "abi/hypercall.h"
#include "hyp/vm/firmware.h"

enum kind { PREDICTORS, STORES, HISTORY, KINDS };

static const u32 functions[KINDS] = {
	[PREDICTORS] = SMCCC_ARCH_WORKAROUND_1,
	[STORES] = SMCCC_ARCH_WORKAROUND_2,
	[HISTORY] = SMCCC_ARCH_WORKAROUND_3,
};

/* Until a CPU was asked nobody knows. */
static s64 told[KINDS] = { TF_NOT_SUPPORTED, TF_NOT_SUPPORTED, TF_NOT_SUPPORTED };

static s32 ask(u64 function, u64 about)
{
	return (s32)firmware_call(function, about, 0, 0);
}

static bool knows_arch_features(void)
{
	return ask(PSCI_FEATURES, SMCCC_VERSION) >= 0 && ask(SMCCC_VERSION, 0) >= SMCCC_VERSION_1_1;
}

/* Of what firmware said of this CPU, what a guest that runs here only would be told. */
static s64 meaning(enum kind kind, s32 said)
{
	if (kind == STORES)
		return said >= 0 || said == SMCCC_NOT_REQUIRED ? SMCCC_NOT_REQUIRED
							       : TF_NOT_SUPPORTED;
	return said < 0 ? TF_NOT_SUPPORTED : said > 0;
}

static s64 worse(s64 a, s64 b)
{
	if (a == TF_NOT_SUPPORTED || b == TF_NOT_SUPPORTED)
		return TF_NOT_SUPPORTED;
	return a < b ? a : b;
}

u32 workaround_ask(u32 cpu)
{
	bool known = knows_arch_features();
	s32 said[KINDS];

	for (u32 k = 0; k < KINDS; k++) {
		s64 here;

		said[k] = known ? ask(SMCCC_ARCH_FEATURES, functions[k]) : (s32)TF_NOT_SUPPORTED;
		here = meaning(k, said[k]);
		told[k] = cpu == 0 ? here : worse(told[k], here);
	}
	if (said[STORES] == 0)
		ask(SMCCC_ARCH_WORKAROUND_2, 1);
	if (said[HISTORY] == 0)
		return SMCCC_ARCH_WORKAROUND_3;
	return said[PREDICTORS] == 0 ? SMCCC_ARCH_WORKAROUND_1 : 0;
}

s64 workaround_answer(u32 function)
{
	for (u32 k = 0; k < KINDS; k++)
		if (functions[k] == function)
			return told[k];
	return TF_NOT_SUPPORTED;
}

/* Whether this CPU needs it or not: where it does, the vectors have made it (percpu.workaround). */
void workaround_call(struct vcpu *v)
{
	v->regs.x[0] = workaround_answer((u32)v->regs.x[0]) < 0 ? (u64)TF_NOT_SUPPORTED : 0;
}
