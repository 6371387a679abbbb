/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ID and control registers say, read a second time from the manual.
 */
#include "tests/model/walk.h"

static u64 bits(u64 x, unsigned int hi, unsigned int lo)
{
	return x >> lo & ~0UL >> (63 - (hi - lo));
}

/* PARange and VTCR_EL2.PS; 0 for a reserved value. */
static unsigned int address_bits(u64 field)
{
	switch (field) {
	case 0: return 32;
	case 1: return 36;
	case 2: return 40;
	case 3: return 42;
	case 4: return 44;
	case 5: return 48;
	case 6: return 52;
	case 7: return 56;
	default: return 0;
	}
}

/* TGranN_2: 1 is "no", 2 "yes", 3 "yes, with 52 bits"; 0 refers to the stage-1 field. */
static void granule_of(struct model_machine *m, int i, u64 stage2, bool stage1, bool stage1_wide)
{
	m->granule[i] = stage2 == 0 ? stage1 : stage2 == 2 || stage2 == 3;
	m->wide[i] = m->granule[i] && (stage2 == 0 ? stage1_wide : stage2 == 3);
}

struct model_machine model_machine_of(u64 mmfr0, u64 mmfr1, u64 mmfr2, u64 isar0)
{
	struct model_machine m = { .pa_bits = (u8)address_bits(bits(mmfr0, 3, 0)) };
	u64 stage1_4k = bits(mmfr0, 31, 28);
	u64 stage1_16k = bits(mmfr0, 23, 20);
	u64 stage1_64k = bits(mmfr0, 27, 24);
	u64 hafdbs = bits(mmfr1, 3, 0);

	granule_of(&m, 0, bits(mmfr0, 43, 40), stage1_4k <= 1, stage1_4k == 1);
	granule_of(&m, 1, bits(mmfr0, 35, 32), stage1_16k == 1 || stage1_16k == 2, stage1_16k == 2);
	granule_of(&m, 2, bits(mmfr0, 39, 36), stage1_64k == 0, false);
	m.wide[2] = m.granule[2] && m.pa_bits >= 52; /* FEAT_LPA: PARange is 6 */
	m.vmid_bits = bits(mmfr1, 7, 4) == 2 ? 16 : 8;
	m.access = hafdbs >= 1;
	m.dirty = hafdbs >= 2;
	m.xnx = bits(mmfr1, 31, 28) >= 1;
	m.small_tables = bits(mmfr2, 31, 28) >= 1;
	m.fwb = bits(mmfr2, 43, 40) >= 1;
	m.ttl = bits(mmfr2, 51, 48) >= 1;
	m.bbm = (u8)bits(mmfr2, 55, 52);
	m.range = bits(isar0, 59, 56) >= 2;
	return m;
}

/* AArch64.S2StartLevel, or 9 for one that is reserved (AArch64.S2InvalidSL). */
static int start_level(const struct model_machine *m, const struct model_root *r, u64 sl0, u64 sl2)
{
	switch (r->grain) {
	case 12:
		if (sl2)
			return sl0 == 0 && r->ds && m->pa_bits >= 52 ? -1 : 9;
		if (sl0 == 2)
			return m->pa_bits >= 44 ? 0 : 9;
		return sl0 == 3 ? (m->small_tables ? 3 : 9) : 2 - (int)sl0;
	case 14:
		if (sl0 == 3)
			return r->ds && m->pa_bits >= 52 ? 0 : 9;
		return sl0 == 2 && m->pa_bits < 42 ? 9 : 3 - (int)sl0;
	default: return sl0 == 3 || (sl0 == 2 && m->pa_bits < 44) ? 9 : 3 - (int)sl0;
	}
}

/* AArch64.S2InconsistentSL: 1 … 16 tables, and a root with more than one entry. */
static bool reaches(const struct model_root *r)
{
	unsigned int least = model_shift(r, r->level) + 1;

	return r->ipa_bits >= least && r->ipa_bits <= least + (r->grain - 3u - 1) + 4;
}

/* AArch64.S2MinTxSZ, AArch64.S2MaxTxSZ. */
static bool size_is_legal(const struct model_machine *m, const struct model_root *r)
{
	unsigned int most = m->pa_bits < 52 ? m->pa_bits : 52;
	unsigned int least = !m->small_tables ? 25 : r->grain == 16 ? 17 : 16;

	if (r->grain != 16 && !r->ds && most > 48)
		most = 48;
	return r->ipa_bits <= most && r->ipa_bits >= least;
}

/* BADDR (VTTBR_EL2, D19.2.163): aligned to the table's size, with 52 bits to 64 bytes at least. */
static bool find_base(struct model_root *r, u64 vttbr)
{
	unsigned int size = 3 + r->ipa_bits - model_shift(r, r->level);
	u64 baddr = vttbr & ((1UL << 48) - 1) & ~1UL; /* bit 0 is CnP */

	if (size < r->grain)
		size = r->grain;
	r->tables = 1u << (size - r->grain);
	r->pages = r->tables << (r->grain - 12);
	r->pa = baddr;
	if (r->wide)
		r->pa = (baddr & ~0x3fUL) | bits(baddr, 5, 2) << 48;
	if (r->wide && baddr & 2)
		return false;
	return (r->pa & ((1UL << size) - 1)) == 0 && r->pa >> r->pa_bits == 0;
}

/* Where leaves lead: VSTCR_EL2.{SW,SA} for Secure IPAs, VTCR_EL2.{NSW,NSA} for Non-secure ones. */
static u8 output_space(const struct model_regs *regs)
{
	if (regs->state != 1)
		return regs->state;
	if (regs->vstcr)
		return bits(regs->vstcr, 29, 29) || bits(regs->vstcr, 30, 30) ? 0 : 1;
	return bits(regs->vtcr, 29, 29) || bits(regs->vtcr, 30, 30) ? 0 : 1;
}

/* Bits of VTCR_EL2 that this machine defines, and that a library may set. */
static bool bits_are_legal(const struct model_machine *m, const struct model_regs *regs)
{
	u64 known = 0x8007ffffUL | 1UL << 19 | 1UL << 21 | 1UL << 22 | 3UL << 29 | 1UL << 32 |
		    1UL << 33;

	if (regs->vtcr & ~known || !bits(regs->vtcr, 31, 31))
		return false;
	if (regs->vstcr &&
	    (regs->vstcr & ~(0x6000c0ffUL | 1UL << 31 | 1UL << 33) || !bits(regs->vstcr, 31, 31)))
		return false;
	if (bits(regs->vtcr, 30, 29) && regs->state != 1)
		return false;
	if (bits(regs->vtcr, 21, 21) > m->access || bits(regs->vtcr, 22, 22) > m->dirty)
		return false;
	if (bits(regs->vtcr, 22, 22) && !bits(regs->vtcr, 21, 21))
		return false;
	return !(regs->hcr & MODEL_HCR_FWB) || m->fwb;
}

struct model_root model_root_of(const struct model_machine *m, const struct model_regs *regs)
{
	static const u8 grains[4] = { 12, 16, 14, 0 };
	u64 shape = regs->vstcr ? regs->vstcr : regs->vtcr; /* of T0SZ, SL0, SL2, TG0 */
	struct model_root r = { .vmid = (u16)bits(regs->vttbr, 63, 48), .level = 3, .grain = 12 };
	unsigned int ps = address_bits(bits(regs->vtcr, 18, 16));
	int i;

	if (!bits_are_legal(m, regs) || grains[bits(shape, 15, 14)] == 0 || ps == 0 || ps > 52)
		return r;
	r.grain = grains[bits(shape, 15, 14)];
	i = (r.grain - 12) / 2;
	r.ds = bits(regs->vtcr, 32, 32) && r.grain != 16;
	if (!m->granule[i] || (bits(regs->vtcr, 32, 32) && !(r.ds && m->wide[i])))
		return r;
	r.wide = r.ds || (r.grain == 16 && ps == 52 && m->wide[i]);
	/* PS above what is implemented counts as that; 52 bits need wide descriptors. */
	r.pa_bits = ps < m->pa_bits ? ps : m->pa_bits;
	if (r.pa_bits > 48 && !r.wide)
		r.pa_bits = 48;
	r.ipa_bits = 64 - (unsigned int)bits(shape, 5, 0);
	r.level = start_level(m, &r, bits(shape, 7, 6), bits(shape, 33, 33));
	if (r.level == 9 || !size_is_legal(m, &r) || !reaches(&r)) {
		r.level = 3;
		return r;
	}
	/* With DS the shareability of everything is SH0's; the library promises inner. */
	if ((r.ds && bits(regs->vtcr, 13, 12) != 3) ||
	    (r.vmid > 255 && !bits(regs->vtcr, 19, 19)) ||
	    (bits(regs->vtcr, 19, 19) && m->vmid_bits != 16))
		return r;
	r.w0 = r.grain == 12 && r.ds;
	r.w1 = r.grain == 12 || (r.grain == 14 ? r.ds : m->pa_bits >= 52);
	r.fwb = (regs->hcr & MODEL_HCR_FWB) != 0;
	r.access = bits(regs->vtcr, 21, 21) != 0;
	r.dirty = bits(regs->vtcr, 22, 22) != 0;
	r.xnx = m->xnx;
	r.bbm = m->bbm;
	r.state = regs->state;
	r.output = output_space(regs);
	r.valid = find_base(&r, regs->vttbr);
	return r;
}
