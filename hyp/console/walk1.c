/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk of a guest's stage 1 in software.
 * 1. state is S1_WALK_READ exactly while a descriptor is missing; every feed ends the walk or
 *    goes one level down, so there are at most S1_MAX_STEPS of them.
 * 2. Nothing a guest writes into a register or a table leads to an undefined shift: each field
 *    is brought within bounds, or the walk ends, before it is used.
 */
#include "hyp/console/walk1.h"

#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/sysreg.h"

/* What TCR_EL1 says about one half, in one place for both. */
struct half {
	unsigned int tsz;
	unsigned int granule_shift; /* 0: the field is reserved */
	bool epd, tbi, hpd, e0pd;
};

static struct half half_of(const struct s1_regime *r, bool upper)
{
	static const u8 tg0[] = { 12, 16, 14, 0 };
	static const u8 tg1[] = { 0, 14, 12, 16 };
	struct half h;

	h.tsz = (unsigned int)get(upper ? TCR_T1SZ : TCR_T0SZ, r->tcr);
	h.granule_shift = upper ? tg1[get(TCR_TG1, r->tcr)] : tg0[get(TCR_TG0, r->tcr)];
	h.epd = r->tcr & (upper ? TCR_EPD1 : TCR_EPD0);
	h.tbi = r->tcr & (upper ? TCR_TBI1 : TCR_TBI0);
	h.hpd = get(MMFR1_HPDS, r->mmfr1) && (r->tcr & (upper ? TCR_HPD1 : TCR_HPD0));
	h.e0pd = get(MMFR2_E0PD, r->mmfr2) && (r->tcr & (upper ? TCR_E0PD1 : TCR_E0PD0));
	return h;
}

static bool granule_exists(const struct s1_regime *r, unsigned int shift)
{
	switch (shift) {
	case 12: return get(MMFR0_TGRAN4, r->mmfr0) != 15;
	case 14: return get(MMFR0_TGRAN16, r->mmfr0) != 0;
	case 16: return get(MMFR0_TGRAN64, r->mmfr0) != 15;
	default: return false;
	}
}

static unsigned int usable_granule(const struct s1_regime *r, unsigned int shift)
{
	if (granule_exists(r, shift))
		return shift;
	if (granule_exists(r, 12))
		return 12;
	return granule_exists(r, 14) ? 14 : 16;
}

/* Whether the CPU has 52-bit addresses with DS = 1 at this granule (FEAT_LPA2, stage 1). */
static bool has_lpa2(const struct s1_regime *r, unsigned int shift)
{
	if (shift == 12)
		return get(MMFR0_TGRAN4, r->mmfr0) == 1;
	return shift == 14 && get(MMFR0_TGRAN16, r->mmfr0) == 2;
}

static unsigned int pa_bits(u64 field)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	return field < ARRAY_SIZE(bits) ? bits[field] : 52;
}

u8 s1_fsc(u8 kind_level_0, int level)
{
	if (level >= 0)
		return (u8)(kind_level_0 + (u8)level);
	return kind_level_0 == FSC_ADDRESS_SIZE_L0 ? FSC_ADDRESS_SIZE_LM1 : FSC_TRANSLATION_LM1;
}

static void fault(struct s1_walk *w, u8 kind, int level, const char *why)
{
	w->state = S1_WALK_FAULT;
	w->fsc = s1_fsc(kind, level);
	w->why = why;
}

/* Address bits of the space; the granule must be one that exists. */
static unsigned int smallest_tsz(const struct s1_regime *r, unsigned int shift)
{
	if (shift == 16)
		return get(MMFR2_VARANGE, r->mmfr2) ? 12 : 16;
	return (r->tcr & TCR_DS) && has_lpa2(r, shift) ? 12 : 16;
}

static unsigned int largest_tsz(const struct s1_regime *r, unsigned int shift)
{
	if (!get(MMFR2_ST, r->mmfr2))
		return 39;
	return shift == 16 ? 47 : 48;
}

static u64 low_bits(unsigned int n)
{
	return n >= 64 ? ~0UL : (1UL << n) - 1;
}

u64 s1_lower_last(const struct s1_regime *r)
{
	return low_bits(64 - half_of(r, false).tsz);
}

u64 s1_upper_first(const struct s1_regime *r)
{
	return ~low_bits(64 - half_of(r, true).tsz);
}

/* Every bit above va_bits, up to the top or to TBI's byte, equals the half's. */
static bool is_canonical(const struct s1_walk *w, bool tbi)
{
	u64 above = low_bits(tbi ? 56 : 64) & ~low_bits(w->va_bits);

	return (w->va.v & above) == (w->upper ? above : 0);
}

/* Stage 1 off: VA = IPA as far as the CPU has physical addresses (D8.2.10). */
static void begin_flat(struct s1_walk *w)
{
	u64 tbi = get(w->upper ? TCR_TBI1 : TCR_TBI0, w->regime.tcr);
	u64 address = w->va.v & low_bits(tbi ? 56 : 64);

	w->flat = true;
	w->output_bits = (u8)pa_bits(get(MMFR0_PARANGE, w->regime.mmfr0));
	w->el1 = w->el0 = S1_PERM_R | S1_PERM_W | S1_PERM_X;
	if (address & ~low_bits(w->output_bits)) {
		fault(w, FSC_ADDRESS_SIZE_L0, 0,
		      "the MMU is off, and the CPU has fewer address bits");
		return;
	}
	w->ipa = mk_ipa(address);
	w->size = 1UL << 12;
	w->state = S1_WALK_DONE;
}

static unsigned int stride(const struct s1_walk *w)
{
	return w->granule_shift - 3u;
}

/* Lowest address bit that the level resolves. */
static unsigned int level_shift(const struct s1_walk *w, int level)
{
	return (unsigned int)(3 - level) * stride(w) + w->granule_shift;
}

static u64 table_index(const struct s1_walk *w, struct s1_step *s)
{
	unsigned int lo = level_shift(w, w->level);
	unsigned int hi = lo + stride(w);

	if (w->level == w->start || hi > w->va_bits)
		hi = w->va_bits;
	s->lo = (u8)lo;
	s->hi = (u8)(hi - 1);
	return (w->va.v & low_bits(hi)) >> lo;
}

/* The next descriptor's place: in the table at `table`. */
static void want(struct s1_walk *w, u64 table)
{
	struct s1_step *s = &w->step[w->steps];

	s->level = w->level;
	s->table = mk_ipa(table);
	s->index = table_index(w, s);
	w->entry = mk_ipa(table + s->index * 8);
	w->state = S1_WALK_READ;
}

/* Output address sizes: IPS bounded by the CPU's, and 48 where there is no room for more. */
static unsigned int output_bits(const struct s1_walk *w)
{
	unsigned int bits = pa_bits(get(TCR_IPS, w->regime.tcr));
	unsigned int cpu = pa_bits(get(MMFR0_PARANGE, w->regime.mmfr0));

	if (cpu < bits)
		bits = cpu;
	return bits > 48 && !w->lpa2 && w->granule_shift != 16 ? 48 : bits;
}

static s8 top_block(const struct s1_walk *w)
{
	if (w->granule_shift == 12)
		return w->lpa2 ? 0 : 1;
	if (w->granule_shift == 14)
		return w->lpa2 ? 1 : 2;
	return w->output_bits > 48 ? 1 : 2;
}

static void begin_tables(struct s1_walk *w)
{
	u64 ttbr = w->upper ? w->regime.ttbr1 : w->regime.ttbr0;
	u64 base = ttbr & BITS(47, 0);
	u64 bytes = 8UL << (w->va_bits - level_shift(w, w->start));

	if (w->output_bits > 48)
		base |= get(BITS(5, 2), ttbr) << 48;
	else if (base & ~low_bits(w->output_bits)) {
		fault(w, FSC_ADDRESS_SIZE_L0, 0, "TTBR lies beyond the output size (TCR.IPS)");
		return;
	}
	if (w->output_bits > 48 && bytes < 64)
		bytes = 64;
	want(w, base & ~(bytes - 1));
}

static void begin_half(struct s1_walk *w)
{
	struct half h = half_of(&w->regime, w->upper);

	w->granule_shift = (u8)usable_granule(&w->regime, h.granule_shift);
	w->granule_fixed = w->granule_shift != h.granule_shift;
	w->lpa2 = (w->regime.tcr & TCR_DS) && has_lpa2(&w->regime, w->granule_shift);
	w->va_bits = (u8)(64 - h.tsz);
	w->output_bits = (u8)output_bits(w);
	w->top_block = top_block(w);
	if (h.tsz > largest_tsz(&w->regime, w->granule_shift) ||
	    h.tsz < smallest_tsz(&w->regime, w->granule_shift)) {
		fault(w, FSC_TRANSLATION_L0, 0, "TnSZ is out of bounds for this CPU");
		return;
	}
	w->start = (s8)(4 - ((int)w->va_bits - 4) / (int)stride(w));
	w->level = w->start;
	if (!is_canonical(w, h.tbi))
		fault(w, FSC_TRANSLATION_L0, 0, "the address lies between the two halves");
	else if (h.e0pd && (w->access & S1_EL0))
		fault(w, FSC_TRANSLATION_L0, 0, "E0PD: this half is closed to EL0");
	else if (h.epd)
		fault(w, FSC_TRANSLATION_L0, 0, "EPD: walks of this half are disabled");
	else
		begin_tables(w);
}

struct s1_walk s1_walk_begin(const struct s1_regime *regime, va_t va, u8 access)
{
	struct s1_walk w = { .regime = *regime, .va = va, .access = access };

	w.upper = va.v & BIT(55);
	if (regime->sctlr & SCTLR_M)
		begin_half(&w);
	else
		begin_flat(&w);
	return w;
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

/* The address a descriptor holds; *fits says whether it is within the output size. */
static u64 output_address(const struct s1_walk *w, u64 desc, bool *fits)
{
	unsigned int low = w->granule_shift;
	u64 address = desc & (w->lpa2 ? BITS(49, 0) : BITS(47, 0)) & ~low_bits(low);

	*fits = true;
	if (w->lpa2)
		address |= get(BITS(9, 8), desc) << 50;
	else if (low == 16 && w->output_bits > 48)
		address |= get(BITS(15, 12), desc) << 48;
	*fits = !(address & ~low_bits(w->output_bits));
	return address;
}

/* AP, XN and PXN of the leaf, limited by what the tables above it said (D8.4.3). */
static u64 limited(const struct s1_walk *w, u64 desc)
{
	if (half_of(&w->regime, w->upper).hpd)
		return desc;
	if (w->table_limits & S1_TABLE_AP_NO_EL0)
		desc &= ~S1_DESC_AP_EL0;
	if (w->table_limits & S1_TABLE_AP_RO)
		desc |= S1_DESC_AP_RO;
	if (w->table_limits & S1_TABLE_PXN)
		desc |= S1_DESC_PXN;
	if (w->table_limits & S1_TABLE_UXN)
		desc |= S1_DESC_UXN;
	return desc;
}

/* Dirty state by hardware makes a read-only leaf with DBM writable (D8.4.6). */
static bool is_writable(const struct s1_walk *w, u64 desc, u64 effective)
{
	bool dirty = get(MMFR1_HAFDBS, w->regime.mmfr1) >= 2 && (w->regime.tcr & TCR_HA) &&
		     (w->regime.tcr & TCR_HD) && (desc & DESC_DBM);

	if (!(effective & S1_DESC_AP_RO))
		return true;
	return dirty && !(limited(w, desc & ~S1_DESC_AP_RO) & S1_DESC_AP_RO);
}

static void permissions(struct s1_walk *w, u64 desc)
{
	u64 d = limited(w, desc);
	u8 rw = S1_PERM_R | (is_writable(w, desc, d) ? S1_PERM_W : 0);
	bool wxn = w->regime.sctlr & SCTLR_WXN;

	w->el1 = rw;
	w->el0 = d & S1_DESC_AP_EL0 ? rw : 0;
	if (!(d & S1_DESC_UXN) && !(wxn && (w->el0 & S1_PERM_W)))
		w->el0 |= S1_PERM_X;
	/* What EL0 may write EL1 never executes. */
	if (!(d & S1_DESC_PXN) && !(w->el0 & S1_PERM_W) && !(wxn && (w->el1 & S1_PERM_W)))
		w->el1 |= S1_PERM_X;
}

static void finish_leaf(struct s1_walk *w, u64 desc, u64 address)
{
	bool hardware_af = get(MMFR1_HAFDBS, w->regime.mmfr1) && (w->regime.tcr & TCR_HA);
	u8 needed = w->access & S1_WRITE ? S1_PERM_W : S1_PERM_R;
	u64 offset;

	w->size = 1UL << level_shift(w, w->level);
	offset = w->va.v & (w->size - 1);
	w->ipa = mk_ipa((address & ~(w->size - 1)) | offset);
	w->attr = (u8)(w->regime.mair >> (get(S1_DESC_ATTRINDX, desc) * 8));
	permissions(w, desc);
	if (!(desc & DESC_AF) && !hardware_af)
		fault(w, FSC_ACCESS_L0, w->level, "the access flag is clear");
	else if (!((w->access & S1_EL0 ? w->el0 : w->el1) & needed))
		fault(w, FSC_PERMISSION_L0, w->level,
		      w->access & S1_WRITE ? "not writable there" : "not readable there");
	else
		w->state = S1_WALK_DONE;
}

void s1_walk_feed(struct s1_walk *w, u64 desc)
{
	bool fits;
	u64 address = output_address(w, desc, &fits);
	bool table = (desc & DESC_TABLE) && w->level < 3;
	bool leaf = w->level == 3 ? (desc & DESC_TABLE) != 0 : w->level >= w->top_block;

	w->step[w->steps++].desc = desc;
	if (!(desc & DESC_VALID)) {
		fault(w, FSC_TRANSLATION_L0, w->level, "the descriptor is invalid");
	} else if (!table && !leaf) {
		fault(w, FSC_TRANSLATION_L0, w->level, "the descriptor is reserved at this level");
	} else if (!fits) {
		fault(w, FSC_ADDRESS_SIZE_L0, w->level,
		      "the descriptor's address lies beyond the output size (TCR.IPS)");
	} else if (!table) {
		finish_leaf(w, desc, address);
	} else {
		w->table_limits |= desc;
		w->level++;
		want(w, address);
	}
}
