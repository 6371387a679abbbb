/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeds: ChaCha20 blocks, the machine's seed being the key, and who asks for what the nonce.  It
 * spreads what entropy the machine gave; it adds none.
 */
#include "hyp/vm/seed.h"

#include "hyp/boot/boot.h"
#include "include/bits.h"
#include "include/check.h"
#include "lib/chacha.h"
#include "lib/parse.h"
#include "lib/str.h"

const char *seed_init(void)
{
	struct fdt_machine *m = &boot_info.machine;
	const char *value = strstr(m->args, "tf.seed=");
	char word[24];
	size_t n = 0;
	u64 seed;

	if (!value)
		return NULL;
	value += strlen("tf.seed=");
	while (value[n] && value[n] != ' ' && n + 1 < sizeof(word))
		n++;
	memcpy(word, value, n);
	word[n] = '\0';
	if (parse_u64(word, &seed) != OK)
		return "tf.seed= wants a number";
	memcpy(m->seed, &seed, sizeof(seed));
	m->seed_size = sizeof(seed);
	return NULL;
}

/* All of the machine's seed, 32 bytes at a time, each through a block of its own. */
static void make_key(u8 key[CHACHA_BLOCK])
{
	static const u8 nonce[CHACHA_NONCE];
	const struct fdt_machine *m = &boot_info.machine;

	memset(key, 0, CHACHA_BLOCK);
	for (u32 i = 0; i < m->seed_size; i++) {
		key[i % CHACHA_KEY] ^= m->seed[i];
		if (i % CHACHA_KEY == CHACHA_KEY - 1 || i + 1 == m->seed_size)
			chacha20(key, i, nonce, key);
	}
}

void seed_derive(const struct vm *vm, enum seed_use use, u8 seed[SEED_SIZE])
{
	u8 key[CHACHA_BLOCK], nonce[CHACHA_NONCE];

	CHECK(boot_info.machine.seed_size != 0);
	make_key(key);
	memcpy(nonce, &vm->number, 4);
	memcpy(nonce + 4, &vm->starts, 8);
	chacha20(key, use, nonce, key);
	memcpy(seed, key, SEED_SIZE);
}

void seed_guest(const struct vm *vm, struct fdt_guest *g)
{
	u8 seed[SEED_SIZE];

	g->seeded = boot_info.machine.seed_size != 0;
	if (!g->seeded)
		return;
	seed_derive(vm, SEED_TREE, g->rng_seed);
	seed_derive(vm, SEED_KASLR, seed);
	memcpy(&g->kaslr_seed, seed, sizeof(g->kaslr_seed));
}
