/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operands of TLBI by address (C5.5.14 and C5.5.40), decoded as the manual lays them out.
 *
 * One address: Xt[35:0] is IPA[47:12], Xt[39:36] IPA[51:48] where addresses have 52 bits,
 * Xt[47:44] the hint: two bits of granule and two of level; the hint counts only if it is
 * for this granule.
 *
 * Range: Xt[36:0] is BaseADDR in granules, with DS in 64 KiB, Xt[38:37] the level (0: none),
 * Xt[43:39] NUM, Xt[45:44] SCALE, Xt[47:46] the granule; (NUM + 1) * 2^(5 * SCALE + 1)
 * granules are meant.
 */
#include "tests/model/state.h"

static u64 bits(u64 x, unsigned int hi, unsigned int lo)
{
	return x >> lo & ~0UL >> (63 - (hi - lo));
}

/* TG: 1, 2, 3 for 4, 16, 64 KiB. */
static unsigned int tg_of(const struct model_root *r)
{
	return (r->grain - 12u) / 2 + 1;
}

static bool decode_one(const struct model_root *r, u64 xt, u64 *first, u64 *last, int *level)
{
	unsigned int tg = (unsigned int)bits(xt, 47, 46);

	if (bits(xt, 62, 48) || bits(xt, 43, 40) || (!r->wide && bits(xt, 39, 36)))
		stop(MODEL_OPERAND, 0, "a TLBI operand with bits that are RES0");
	*first = bits(xt, 39, 0) << 12;
	*last = *first;
	*level = (int)bits(xt, 45, 44);
	if (bits(xt, 47, 44) && !model_machine_now()->ttl)
		stop(MODEL_OPERAND, *first, "a level hint without FEAT_TTL");
	if (tg == 0) {
		*level = 0;
		return true;
	}
	/* A hint for level 0 exists with DS and 4 KiB only; no model entry is that precise. */
	if (*level == 0 || (tg == 2 && *level == 1 && !r->ds))
		stop(MODEL_OPERAND, *first, "a level hint that is reserved");
	return tg == tg_of(r);
}

static bool decode_range(const struct model_root *r, u64 xt, u64 *first, u64 *last, int *level)
{
	u64 units = (bits(xt, 43, 39) + 1) << (5 * bits(xt, 45, 44) + 1);

	if (!model_machine_now()->range)
		stop(MODEL_OPERAND, 0, "a range TLBI without FEAT_TLBIRANGE");
	if (bits(xt, 62, 48) || bits(xt, 47, 46) == 0)
		stop(MODEL_OPERAND, 0, "a TLBI operand with bits that are RES0");
	*first = bits(xt, 36, 0) << (r->ds ? 16 : r->grain);
	*last = *first + (units << r->grain) - 1;
	*level = (int)bits(xt, 38, 37);
	if (*level && !model_machine_now()->ttl)
		stop(MODEL_OPERAND, *first, "a level hint without FEAT_TTL");
	return bits(xt, 47, 46) == tg_of(r);
}

bool model_tlbi_decode(const struct model_root *r, enum model_tlbi op, u64 xt, u64 *first,
		       u64 *last, int *level)
{
	if (op == MODEL_IPAS2E1IS || op == MODEL_IPAS2LE1IS)
		return decode_one(r, xt, first, last, level);
	if (op == MODEL_RIPAS2E1IS || op == MODEL_RIPAS2LE1IS)
		return decode_range(r, xt, first, last, level);
	*first = 0;
	*last = ~0UL;
	*level = 0;
	return true;
}
