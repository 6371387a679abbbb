/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk.  Each rule names its place in the manual; nothing is taken from the code under
 * test.
 */
#include "tests/model/walk.h"

enum {
	GRAIN = 12, /* 4 KiB */
	STRIDE = 9, /* bits resolved by one level */
	LAST_LEVEL = 3,
};

/* Bits hi down to lo of x. */
static u64 bits(u64 x, unsigned int hi, unsigned int lo)
{
	return x >> lo & ~0UL >> (63 - (hi - lo));
}

/* VTCR_EL2.PS (D19.2.162). */
static unsigned int output_size(u64 vtcr)
{
	switch (bits(vtcr, 18, 16)) {
	case 0: return 32;
	case 1: return 36;
	case 2: return 40;
	case 3: return 42;
	case 4: return 44;
	default: return 48;
	}
}

/* AArch64.S2InconsistentSL, AArch64.S2InvalidSL. */
static bool start_is_legal(const struct model_root *r)
{
	int entries_log2 = (int)r->ipa_bits - ((LAST_LEVEL - r->level) * STRIDE + GRAIN);

	if (entries_log2 < 1 || entries_log2 > STRIDE + 4)
		return false;
	return r->level > 0 || r->pa_bits > 42;
}

struct model_root model_root_of(u64 vttbr, u64 vtcr)
{
	struct model_root r = { .pa_bits = output_size(vtcr), .vmid = (u16)bits(vttbr, 63, 48) };
	unsigned int table_bits;

	r.ipa_bits = 64 - (unsigned int)bits(vtcr, 5, 0);
	r.level = 2 - (int)bits(vtcr, 7, 6);
	if (bits(vtcr, 31, 31) != 1 || bits(vtcr, 15, 14) != 0 || bits(vtcr, 63, 32) != 0)
		return r; /* RES1 clear, another granule, or a feature nobody asked for */
	if (r.level < 0 || r.ipa_bits > 48 || r.ipa_bits > r.pa_bits || !start_is_legal(&r))
		return r;
	if (bits(vtcr, 19, 19) == 0 && r.vmid > 255)
		return r;
	/* The table's size decides which low bits of BADDR must be clear (D8.2.5). */
	table_bits = 3 + r.ipa_bits - ((unsigned int)(LAST_LEVEL - r.level) * STRIDE + GRAIN);
	if (table_bits < GRAIN)
		table_bits = GRAIN;
	r.pages = 1u << (table_bits - GRAIN);
	r.pa = vttbr & ((1UL << 48) - 1) & ~1UL;
	r.valid = bits(r.pa, table_bits - 1, 0) == 0 && r.pa >> r.pa_bits == 0;
	return r;
}

static struct model_walk ended(enum model_fault fault, int level, u64 desc, bool in_range)
{
	return (struct model_walk){
		.fault = fault, .level = level, .desc = desc, .in_range = in_range
	};
}

/* A block or page descriptor (D8.3.2): output, attributes, permissions. */
static struct model_walk leaf(const struct model_root *r, u64 desc, int level, u64 ipa)
{
	unsigned int shift = (unsigned int)(LAST_LEVEL - level) * STRIDE + GRAIN;
	struct model_walk w = ended(MODEL_NO_FAULT, level, desc, true);

	w.size = 1UL << shift;
	w.pa = bits(desc, 47, shift) << shift | bits(ipa, shift - 1, 0);
	w.memattr = (u8)bits(desc, 5, 2);
	w.sh = (u8)bits(desc, 9, 8);
	w.r = bits(desc, 6, 6) != 0;
	w.w = bits(desc, 7, 7) != 0;
	w.x = bits(desc, 54, 54) == 0;
	if (w.pa >> r->pa_bits != 0)
		w.fault = MODEL_ADDRESS_SIZE;
	else if (bits(desc, 10, 10) == 0)
		w.fault = MODEL_ACCESS_FLAG;
	return w;
}

struct model_walk model_walk(u64 vttbr, u64 vtcr, u64 ipa, model_read read)
{
	struct model_root r = model_root_of(vttbr, vtcr);
	u64 table = r.pa;

	if (!r.valid || ipa >> r.ipa_bits != 0)
		return ended(MODEL_TRANSLATION, 0, 0, false);
	for (int level = r.level;; level++) {
		unsigned int lo = (unsigned int)(LAST_LEVEL - level) * STRIDE + GRAIN;
		unsigned int hi = level == r.level ? r.ipa_bits - 1 : lo + STRIDE - 1;
		u64 desc;

		if (!read(table + 8 * bits(ipa, hi, lo), &desc))
			return ended(MODEL_TRANSLATION, level, 0, false);
		if (bits(desc, 0, 0) == 0)
			return ended(MODEL_TRANSLATION, level, desc, true);
		if (bits(desc, 1, 1) == (level == LAST_LEVEL) && level > 0)
			return leaf(&r, desc, level, ipa);
		if (level == LAST_LEVEL || bits(desc, 1, 1) == 0) /* reserved encodings */
			return ended(MODEL_TRANSLATION, level, desc, true);
		table = bits(desc, 47, 12) << 12;
		if (table >> r.pa_bits != 0)
			return ended(MODEL_ADDRESS_SIZE, level, desc, true);
	}
}
