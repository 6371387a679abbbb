/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers by call: a ChaCha20 generator of each VM's own, whose first key is derived from
 * the machine's seed.  No bit is given out twice.
 */
#include "hyp/vm/trng.h"

#include "abi/hypercall.h"
#include "hyp/vm/seed.h"
#include "include/bits.h"
#include "lib/chacha.h"
#include "lib/str.h"

enum { RESULTS = 3 };

_Static_assert((int)SEED_SIZE == (int)CHACHA_KEY, "a seed is a key");
_Static_assert(RESULTS * 8 <= (int)CHACHA_NEXT, "one block answers one call");

/* Who gives the numbers: one name for every VM and machine. */
static const u32 uuid[4] = { 0x5b4c7e21, 0x49d08f36, 0x1ea74db9, 0x60c2f583 };

void trng_restart(struct vm *vm)
{
	if (vm->config.rng)
		seed_derive(vm, SEED_TRNG, vm->trng_key);
}

/* False, and NOT_SUPPORTED, where there are no random numbers. */
static bool is_there(struct vcpu *v)
{
	if (!v->vm->config.rng)
		v->regs.x[0] = (u64)TF_NOT_SUPPORTED;
	return v->vm->config.rng;
}

void trng_version(struct vcpu *v)
{
	if (is_there(v))
		v->regs.x[0] = TRNG_VERSION_1_0;
}

void trng_features(struct vcpu *v)
{
	u32 function = (u32)v->regs.x[1];
	bool ours = (function & ~CALL_64) >= TRNG_VERSION && (function & ~CALL_64) <= TRNG_RND_32;

	if (is_there(v))
		v->regs.x[0] = ours && call_exists(function) ? 0 : (u64)TF_NOT_SUPPORTED;
}

void trng_get_uuid(struct vcpu *v)
{
	if (is_there(v))
		for (u32 i = 0; i < ARRAY_SIZE(uuid); i++)
			v->regs.x[i] = uuid[i];
}

/* Words of `width` bits, the lowest in x3; what was not asked for is zero. */
static void give(struct vcpu *v, u64 bits, u32 width)
{
	u8 bytes[CHACHA_NEXT];

	chacha_next(v->vm->trng_key, bytes);
	for (u32 i = 0; i < RESULTS; i++) {
		u64 n = min_u64(bits, width), word = 0;

		memcpy(&word, bytes + (u64)i * 8, 8);
		v->regs.x[RESULTS - i] = n == 64 ? word : word & (BIT(n) - 1);
		bits -= n;
	}
	v->regs.x[0] = 0;
}

void trng_rnd(struct vcpu *v)
{
	u64 bits = call_argument(v, 1);
	u32 width = v->regs.x[0] & CALL_64 ? TRNG_MOST_64 / RESULTS : TRNG_MOST_32 / RESULTS;

	if (!is_there(v))
		return;
	if (bits == 0 || bits > (u64)width * RESULTS)
		v->regs.x[0] = (u64)TRNG_INVALID_PARAMETERS;
	else
		give(v, bits, width);
}
