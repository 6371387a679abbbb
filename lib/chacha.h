/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ChaCha20 block function (RFC 8439, section 2.3): 64 bytes that nobody without the key can
 * tell from random ones.
 *
 *	chacha20(key, counter, nonce, block);
 */
#ifndef LIB_CHACHA_H
#define LIB_CHACHA_H

#include "include/types.h"

enum { CHACHA_KEY = 32, CHACHA_NONCE = 12, CHACHA_BLOCK = 64 };

/* key and block may be the same bytes. */
void chacha20(const u8 key[CHACHA_KEY], u32 counter, const u8 nonce[CHACHA_NONCE],
	      u8 block[CHACHA_BLOCK]);

enum { CHACHA_NEXT = CHACHA_BLOCK - CHACHA_KEY };

/*
 * A generator whose state is a key: half of a block is given out, the other half is the next key,
 * so that what was given cannot be found out from what the key is.
 */
void chacha_next(u8 key[CHACHA_KEY], u8 out[CHACHA_NEXT]);

#endif
