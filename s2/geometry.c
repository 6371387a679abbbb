/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shape of stage 2, from ID registers to levels and sizes.  It keeps true:
 * 1. the input size is at most the output size the CPU implements (a larger one is
 *    CONSTRAINED UNPREDICTABLE, D8.2.8), and at least 32 bits;
 * 2. a start level is one whose root has between 2 entries and 16 tables (S2InconsistentSL),
 *    and one that the CPU's output size permits (S2InvalidSL);
 * 3. nothing is written on error.
 */
#include "s2/geometry.h"

#include "arch/sysreg.h"
#include "include/bits.h"
#include "s2/controls.h"

enum {
	MIN_IPA_BITS = 32,
	NARROW_BITS = 48, /* addresses in descriptors without FEAT_LPA, FEAT_LPA2 */
	WIDE_BITS = 52,
	MAX_CONCAT_SHIFT = 4,
};

/* What the ID registers say of one granule at stage 2. */
enum support { ABSENT, PRESENT, PRESENT_52 };

unsigned int s2_pa_bits(unsigned int parange)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	return parange < ARRAY_SIZE(bits) ? bits[parange] : 0;
}

static unsigned int cpu_pa_bits(const struct s2_cpu *cpu)
{
	return s2_pa_bits((unsigned int)get(MMFR0_PARANGE, cpu->mmfr0));
}

static enum support by_field(u64 value)
{
	if (value == 3)
		return PRESENT_52;
	return value == 2 ? PRESENT : ABSENT;
}

/* The stage-2 field speaks for itself unless it is 0: then stage 1's holds (D19.2.64). */
static enum support support_4k(u64 mmfr0)
{
	u64 stage1 = get(MMFR0_TGRAN4, mmfr0);

	if (get(MMFR0_TGRAN4_2, mmfr0) != 0)
		return by_field(get(MMFR0_TGRAN4_2, mmfr0));
	if (stage1 == 1)
		return PRESENT_52;
	return stage1 == 0 ? PRESENT : ABSENT;
}

static enum support support_16k(u64 mmfr0)
{
	u64 stage1 = get(MMFR0_TGRAN16, mmfr0);

	if (get(MMFR0_TGRAN16_2, mmfr0) != 0)
		return by_field(get(MMFR0_TGRAN16_2, mmfr0));
	if (stage1 == 2)
		return PRESENT_52;
	return stage1 == 1 ? PRESENT : ABSENT;
}

/* 52 bits with 64 KiB are FEAT_LPA's, which PARange tells; the field has no value for it. */
static enum support support_64k(u64 mmfr0)
{
	u64 stage2 = get(MMFR0_TGRAN64_2, mmfr0);
	bool there = stage2 == 0 ? get(MMFR0_TGRAN64, mmfr0) == 0 : stage2 == 2;

	if (!there)
		return ABSENT;
	return s2_pa_bits((unsigned int)get(MMFR0_PARANGE, mmfr0)) >= WIDE_BITS ? PRESENT_52
										: PRESENT;
}

static enum support support(const struct s2_cpu *cpu, unsigned int granule_shift)
{
	switch (granule_shift) {
	case 12: return support_4k(cpu->mmfr0);
	case 14: return support_16k(cpu->mmfr0);
	default: return support_64k(cpu->mmfr0);
	}
}

u32 s2_cpu_features(const struct s2_cpu *cpu)
{
	u64 hafdbs = get(MMFR1_HAFDBS, cpu->mmfr1);

	return (hafdbs >= 1 ? S2_HW_AF : 0u) | (hafdbs >= 2 ? S2_HW_DIRTY : 0u) |
	       (get(MMFR1_XNX, cpu->mmfr1) ? S2_XNX : 0u) |
	       (get(MMFR2_FWB, cpu->mmfr2) ? S2_FWB : 0u) |
	       (get(MMFR2_TTL, cpu->mmfr2) ? S2_TTL : 0u) |
	       (get(ISAR0_TLB, cpu->isar0) >= ISAR0_TLB_RANGE ? S2_TLBI_RANGE : 0u) |
	       (get(MMFR2_BBM, cpu->mmfr2) >= 2 ? S2_BBM2 : 0u) |
	       (get(MMFR2_BBM, cpu->mmfr2) >= 1 ? S2_BBM1 : 0u);
}

struct s2_want s2_want(unsigned int granule_shift, unsigned int ipa_bits)
{
	return (struct s2_want){
		.granule_shift = (u8)granule_shift,
		.ipa_bits = (u8)ipa_bits,
		.start_level = S2_START_BEST,
		.state = S2_NONSECURE,
		.ipa_space = S2_NONSECURE,
		.output = S2_NONSECURE,
		.features = ~0u,
	};
}

/* ---- Why not -------------------------------------------------------------------------------- */

static const char *refuse_granule(const struct s2_cpu *cpu, unsigned int granule_shift)
{
	if (granule_shift != 12 && granule_shift != 14 && granule_shift != 16)
		return "the granule is not 4, 16 or 64 KiB";
	if (support(cpu, granule_shift) != ABSENT)
		return NULL;
	if (granule_shift == 12)
		return "the CPU has no 4 KiB granule at stage 2";
	return granule_shift == 14 ? "the CPU has no 16 KiB granule at stage 2"
				   : "the CPU has no 64 KiB granule at stage 2";
}

static const char *refuse_feature(u32 lacking)
{
	if (lacking & S2_HW_AF)
		return "the CPU does not set the access flag at stage 2";
	if (lacking & S2_HW_DIRTY)
		return "the CPU does not keep dirty state at stage 2";
	if (lacking & S2_XNX)
		return "the CPU has no execution permission apart for EL1 and EL0";
	if (lacking & S2_FWB)
		return "the CPU has no FEAT_S2FWB";
	if (lacking & S2_TTL)
		return "the CPU takes no level hints in TLBIs";
	if (lacking & S2_TLBI_RANGE)
		return "the CPU has no TLBI by range";
	if (lacking & S2_BBM1)
		return "the CPU has no FEAT_BBM";
	return lacking ? "the CPU has no FEAT_BBM of level 2" : NULL;
}

static bool is_wide(const struct s2_want *want)
{
	return want->wide || want->ipa_bits > NARROW_BITS;
}

static const char *refuse_size(const struct s2_cpu *cpu, const struct s2_want *want)
{
	if (want->ipa_bits < MIN_IPA_BITS)
		return "fewer than 32 bits of IPA";
	if (want->ipa_bits > WIDE_BITS)
		return "more than 52 bits of IPA";
	if (want->ipa_bits > cpu_pa_bits(cpu))
		return "more bits of IPA than the CPU has of PA";
	return NULL;
}

static const char *refuse_wide(const struct s2_cpu *cpu, const struct s2_want *want)
{
	if (!is_wide(want) || support(cpu, want->granule_shift) == PRESENT_52)
		return NULL;
	return want->ipa_bits > NARROW_BITS ? "more than 48 bits of IPA without 52-bit addresses"
					    : "the CPU has no 52-bit addresses with this granule";
}

static const char *refuse_state(const struct s2_want *want)
{
	if (want->state > S2_REALM)
		return "no such security state";
	if (want->state == S2_SECURE)
		return want->ipa_space > S2_SECURE || want->output > S2_SECURE
			       ? "a Secure VM reaches Secure and Non-secure only"
			       : NULL;
	if (want->ipa_space != want->state)
		return "only a Secure VM has two IPA spaces";
	if (want->output != want->state)
		return "only a Secure VM has its outputs chosen for all its leaves";
	return NULL;
}

/* ---- Levels --------------------------------------------------------------------------------- */

/* Address bits that one table of the level resolves, and all below it. */
static unsigned int reach(unsigned int granule_shift, int level)
{
	return granule_shift + (unsigned int)(4 - level) * (granule_shift - 3);
}

static int best_start(const struct s2_want *want)
{
	int level = 3;

	while (reach(want->granule_shift, level) + MAX_CONCAT_SHIFT < want->ipa_bits)
		level--;
	return level;
}

/* AArch64.S2InconsistentSL and AArch64.S2InvalidSL. */
static const char *refuse_start(const struct s2_cpu *cpu, const struct s2_want *want, int level)
{
	unsigned int shift = want->granule_shift;
	unsigned int pa_bits = cpu_pa_bits(cpu);
	bool ds = shift < 16 && is_wide(want);
	int top = shift == 12 ? (ds ? -1 : 0) : (shift == 14 && ds ? 0 : 1);

	if (level < top || level > 3 || (shift == 12 && level == 3))
		return "this granule has no such start level";
	if (want->ipa_bits > reach(shift, level) + MAX_CONCAT_SHIFT)
		return "more than 16 concatenated tables at this start level";
	if (want->ipa_bits <= reach(shift, level) - (shift - 3))
		return "this start level resolves no bit of the IPA";
	if ((shift == 12 && level == 0 && pa_bits < 44) ||
	    (shift == 14 && level == 1 && pa_bits < 42) ||
	    (shift == 14 && level == 0 && pa_bits < 52) ||
	    (shift == 16 && level == 1 && pa_bits < 44))
		return "the CPU has too few bits of PA for this start level";
	return NULL;
}

/* The smallest level that may hold a block (table D8-40). */
static int top_block(unsigned int granule_shift, bool wide)
{
	if (granule_shift == 12)
		return wide ? 0 : 1;
	return wide ? 1 : 2;
}

unsigned int s2_contiguous(const struct s2_geometry *g, int level)
{
	if (level < g->top_block_level || level > 3)
		return 1;
	switch (g->granule_shift) {
	case 12: return level == 0 ? 1 : 16;
	case 14: return level == 3 ? 128 : (level == 2 ? 32 : 1);
	default: return level == 1 ? 1 : 32;
	}
}

static u8 form(const struct s2_geometry *g)
{
	switch (g->granule_shift) {
	case 14: return g->wide ? S2_16K_WIDE : S2_16K;
	case 16: return g->wide ? S2_64K_WIDE : S2_64K;
	default: break;
	}
	if (g->wide)
		return S2_4K_WIDE;
	if (g->start_level == 1)
		return S2_4K_FROM_1;
	return g->start_level == 0 ? S2_4K_FROM_0 : S2_4K;
}

/* ---- Putting it together -------------------------------------------------------------------- */

/* The reason why this cannot be built, or NULL; *e says of which kind it is. */
static const char *refusal(const struct s2_cpu *cpu, const struct s2_want *want, int level,
			   enum err *e)
{
	const char *why = refuse_granule(cpu, want->granule_shift);

	*e = ERR_UNSUPPORTED;
	if (!why && cpu_pa_bits(cpu) == 0)
		why = "the CPU reports a reserved PARange";
	if (!why)
		why = refuse_feature(want->required & ~s2_cpu_features(cpu));
	if (why)
		return why;
	*e = ERR_RANGE;
	why = refuse_size(cpu, want);
	if (why)
		return why;
	*e = want->ipa_bits > NARROW_BITS ? ERR_RANGE : ERR_UNSUPPORTED;
	why = refuse_wide(cpu, want);
	if (why)
		return why;
	*e = ERR_INVALID;
	why = refuse_state(want);
	if (why)
		return why;
	*e = ERR_RANGE;
	return refuse_start(cpu, want, level);
}

static u32 features_in_use(const struct s2_cpu *cpu, const struct s2_want *want)
{
	u32 f = s2_cpu_features(cpu) & (want->features | want->required);

	return f & S2_HW_AF ? f : f & ~(u32)S2_HW_DIRTY;
}

enum err s2_geometry_choose(struct s2_geometry *g, const struct s2_cpu *cpu,
			    const struct s2_want *want, const char **why)
{
	enum err e = ERR_INVALID;
	bool shift_known = refuse_granule(cpu, want->granule_shift) == NULL;
	int level = want->start_level;
	const char *reason;
	unsigned int resolved;

	if (level == S2_START_BEST && shift_known)
		level = best_start(want);
	reason = refusal(cpu, want, level, &e);
	if (reason) {
		*why = reason;
		return e;
	}
	resolved = reach(want->granule_shift, level);
	*g = (struct s2_geometry){
		.granule_shift = want->granule_shift,
		.ipa_bits = want->ipa_bits,
		.pa_bits = (u8)min_u64(cpu_pa_bits(cpu), is_wide(want) ? WIDE_BITS : NARROW_BITS),
		.start_level = (s8)level,
		.root_pages =
			(u8)(want->ipa_bits > resolved ? 1u << (want->ipa_bits - resolved) : 1u),
		.top_block_level = (s8)top_block(want->granule_shift, is_wide(want)),
		.vmid_bits = get(MMFR1_VMIDBITS, cpu->mmfr1) == 2 ? 16 : 8,
		.wide = is_wide(want),
		.state = want->state,
		.ipa_space = want->ipa_space,
		.output = want->output,
		.features = features_in_use(cpu, want),
	};
	g->form = form(g);
	s2_controls_set(g);
	return OK;
}

enum err s2_geometry_init(struct s2_geometry *g, const struct s2_cpu *cpu,
			  unsigned int granule_shift, unsigned int ipa_bits, const char **why)
{
	struct s2_want want;

	if (granule_shift > 63 || ipa_bits > 255) {
		*why = granule_shift > 63 ? "the granule is not 4, 16 or 64 KiB"
					  : "more than 52 bits of IPA";
		return granule_shift > 63 ? ERR_UNSUPPORTED : ERR_RANGE;
	}
	want = s2_want(granule_shift, ipa_bits);
	want.features &= ~(u32)(S2_HW_AF | S2_HW_DIRTY | S2_FWB);
	return s2_geometry_choose(g, cpu, &want, why);
}
