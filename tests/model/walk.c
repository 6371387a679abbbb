/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk.  Each rule names its place in the manual; nothing is taken from the code under
 * test.
 */
#include "tests/model/walk.h"

enum { LAST_LEVEL = 3 };

/* Bits hi down to lo of x. */
static u64 bits(u64 x, unsigned int hi, unsigned int lo)
{
	return x >> lo & ~0UL >> (63 - (hi - lo));
}

static struct model_walk ended(enum model_fault fault, const struct model_root *r, int level,
			       u64 desc, bool in_range)
{
	return (struct model_walk){
		.fault = fault,
		.level = level,
		.size = 1UL << model_shift(r, level),
		.desc = desc,
		.in_range = in_range,
	};
}

/* With DS bits [9:8] are OA[51:50] and OA[49:48] stand in place; 64 KiB: [15:12] is OA[51:48]. */
static u64 high_bits(const struct model_root *r, u64 desc)
{
	if (r->ds)
		return bits(desc, 9, 8) << 50 | bits(desc, 49, 48) << 48;
	if (r->wide)
		return bits(desc, 15, 12) << 48;
	return 0;
}

u64 model_table_address(const struct model_root *r, u64 desc)
{
	return bits(desc, 47, r->grain) << r->grain | high_bits(r, desc);
}

u64 model_leaf_address(const struct model_root *r, u64 desc, int level)
{
	unsigned int shift = model_shift(r, level);

	return bits(desc, 47, shift) << shift | high_bits(r, desc);
}

u64 model_contiguous(const struct model_root *r, int level)
{
	if (level < 1)
		return 1;
	switch (r->grain) {
	case 12: return 16;
	case 14: return level == 3 ? 128 : level == 2 ? 32 : 1;
	default: return level >= 2 ? 32 : 1;
	}
}

/* AArch64.BlockDescSupported. */
static bool has_leaf(const struct model_root *r, int level)
{
	if (level >= 2)
		return true;
	if (level == 1)
		return r->w1;
	return level == 0 && r->w0;
}

/* MemAttr (D8.6.5, D8.6.6). */
static u8 type_of(const struct model_root *r, u64 desc)
{
	static const u8 fwb[16] = { 0,  1,  2,  3,  17, MODEL_NC, MODEL_WB, MODEL_STAGE1,
				    17, 17, 17, 17, 17, 17,       17,       17 };
	u64 field = bits(desc, 5, 2);
	u64 outer = bits(desc, 5, 4);
	u64 inner = bits(desc, 3, 2);

	if (r->fwb)
		return fwb[field];
	if (outer == 0)
		return (u8)inner;
	/* Every mixture of inner and outer is legal; the library has the three that are equal. */
	return inner == 0 ? MODEL_RESERVED : (u8)field;
}

static const char *malformed_table(const struct model_root *r, u64 desc)
{
	u64 ignored = 0xffUL << 51 | 0x3ffUL << 2; /* [58:51], [11:2]; with DS not [9:8] */
	u64 allowed = 3 | ignored | bits(~0UL, 47, r->grain) << r->grain;

	if (r->ds)
		allowed |= 3UL << 48 | 3UL << 8;
	if (r->wide && !r->ds)
		allowed |= 15UL << 12;
	return desc & ~allowed ? "a table descriptor with RES0 bits set" : NULL;
}

const char *model_malformed(const struct model_root *r, u64 desc, int level)
{
	unsigned int shift = model_shift(r, level);
	u64 allowed = 0x7ff | 1UL << 51 | 1UL << 52 | 3UL << 53 | 15UL << 55;

	allowed |= 15UL << 59; /* PBHA, ignored with VTCR_EL2.HWU59 … HWU62 = 0 */

	if (model_is_table(desc, level))
		return malformed_table(r, desc);
	if ((desc & 3) != (level == LAST_LEVEL ? 3UL : 1UL))
		return "a reserved descriptor type";
	if (!has_leaf(r, level))
		return "a block at a level that has none";
	allowed |= bits(~0UL, 47, shift) << shift;
	if (r->ds)
		allowed |= 3UL << 48;
	if (r->wide && !r->ds)
		allowed |= 15UL << 12;
	if (level < LAST_LEVEL && r->bbm)
		allowed |= 1UL << 16; /* nT */
	if (desc & ~allowed)
		return "a leaf with RES0 bits set, or an output that is not aligned";
	if (!r->xnx && desc & 1UL << 53)
		return "XN[0] without FEAT_XNX";
	if (!r->ds && bits(desc, 9, 8) == 1)
		return "a reserved shareability";
	if (type_of(r, desc) == MODEL_RESERVED)
		return "a reserved memory type";
	if (desc & 1UL << 52 && model_contiguous(r, level) == 1)
		return "a contiguous hint where there is none";
	return NULL;
}

/* A block or page descriptor (D8.3.2): output, attributes, permissions. */
struct model_walk model_leaf(const struct model_root *r, u64 desc, int level, u64 offset)
{
	struct model_walk w = ended(MODEL_NO_FAULT, r, level, desc, true);
	u64 xn = r->xnx ? bits(desc, 54, 53) : bits(desc, 54, 54) * 2;

	w.pa = model_leaf_address(r, desc, level) + offset;
	w.type = type_of(r, desc);
	w.sh = r->ds ? 3 : (u8)bits(desc, 9, 8); /* VTCR_EL2.SH0, which root_is_legal() has seen */
	w.r = bits(desc, 6, 6) != 0;
	w.w = bits(desc, 7, 7) != 0;
	w.x1 = xn == 0 || xn == 3;
	w.x0 = xn == 0 || xn == 1;
	w.dbm = bits(desc, 51, 51) != 0;
	w.contiguous = bits(desc, 52, 52) != 0;
	w.output = r->state == 2 && desc & 1UL << 55 ? 0 : r->output;
	if (w.pa >> r->pa_bits != 0)
		w.fault = MODEL_ADDRESS_SIZE;
	else if (bits(desc, 10, 10) == 0)
		w.fault = MODEL_ACCESS_FLAG;
	return w;
}

struct model_walk model_walk(const struct model_root *r, u64 ipa, model_read read)
{
	u64 table = r->pa;
	unsigned int hi = r->ipa_bits - 1;

	if (!r->valid || ipa >> r->ipa_bits != 0)
		return ended(MODEL_TRANSLATION, r, 3, 0, false);
	for (int level = r->level;; level++) {
		unsigned int lo = model_shift(r, level);
		u64 desc;

		if (!read(table + 8 * bits(ipa, hi, lo), &desc))
			return ended(MODEL_TRANSLATION, r, level, 0, false);
		if (bits(desc, 0, 0) == 0)
			return ended(MODEL_TRANSLATION, r, level, desc, true);
		if (model_is_table(desc, level)) {
			table = model_table_address(r, desc);
			if (table >> r->pa_bits != 0)
				return ended(MODEL_ADDRESS_SIZE, r, level, desc, true);
			hi = lo - 1;
			continue;
		}
		if ((desc & 3) != (level == LAST_LEVEL ? 3UL : 1UL) || !has_leaf(r, level))
			return ended(MODEL_TRANSLATION, r, level, desc, true); /* reserved */
		return model_leaf(r, desc, level, ipa & ((1UL << lo) - 1));
	}
}
