/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeds: the machine's, mixed with who asks, by SplitMix64 (Steele, Lea, Flood 2014).  It
 * spreads what entropy the machine gave; it adds none.
 */
#include "hyp/vm/seed.h"

#include "hyp/boot/boot.h"
#include "include/bits.h"
#include "lib/str.h"

static u64 mix(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

void seed_guest(const struct vm *vm, struct fdt_guest *g)
{
	const struct fdt_machine *m = &boot_info.machine;
	u64 state = (u64)vm->number << 32 | vm->starts;

	g->seeded = m->seed_size != 0;
	for (u32 i = 0; i < m->seed_size; i += 8) {
		u64 part = 0;

		memcpy(&part, m->seed + i, min_u64(8, m->seed_size - i));
		state ^= part;
		state = mix(&state);
	}
	g->kaslr_seed = mix(&state);
	for (u32 i = 0; i < sizeof(g->rng_seed); i += 8) {
		u64 part = mix(&state);

		memcpy(g->rng_seed + i, &part, 8);
	}
}
