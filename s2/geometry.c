/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shape of stage 2, from ID registers to VTCR_EL2.  It keeps true:
 * 1. the input size is at most the output size the CPU implements (a larger one is
 *    CONSTRAINED UNPREDICTABLE, D8.2.8), and at least 32 bits;
 * 2. the start level is the largest that 16 concatenated tables can reach.  So a root at
 *    level 0 never stands where the CPU has 42 bits of output or fewer, which is forbidden;
 * 3. nothing is written on error.
 */
#include "s2/geometry.h"

#include "arch/desc.h"
#include "arch/sysreg.h"
#include "include/bits.h"

enum {
	MIN_IPA_BITS = 32,
	MAX_PA_BITS = 48, /* more needs VTCR_EL2.DS and other descriptors */
	MAX_CONCAT_SHIFT = 4,
};

unsigned int s2_pa_bits(unsigned int parange)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	return parange < ARRAY_SIZE(bits) ? bits[parange] : 0;
}

/* The stage-2 field speaks for itself unless it is 0: then stage 1's holds (D19.2.64). */
static bool has_4k(u64 mmfr0)
{
	u64 stage2 = get(MMFR0_TGRAN4_2, mmfr0);
	u64 stage1 = get(MMFR0_TGRAN4, mmfr0);

	if (stage2 == 0)
		return stage1 == 0 || stage1 == 1;
	return stage2 == 2 || stage2 == 3;
}

/* The reason why this cannot be built, or NULL; *e says of which kind it is. */
static const char *refusal(const struct s2_cpu *cpu, unsigned int granule_shift,
			   unsigned int ipa_bits, enum err *e)
{
	unsigned int pa_bits = s2_pa_bits((unsigned int)get(MMFR0_PARANGE, cpu->mmfr0));

	*e = ERR_UNSUPPORTED;
	if (granule_shift != 12)
		return "the granule is not 4 KiB";
	if (!has_4k(cpu->mmfr0))
		return "the CPU has no 4 KiB granule at stage 2";
	if (pa_bits == 0)
		return "the CPU reports a reserved PARange";
	*e = ERR_RANGE;
	if (ipa_bits < MIN_IPA_BITS)
		return "fewer than 32 bits of IPA";
	if (ipa_bits > MAX_PA_BITS)
		return "more than 48 bits of IPA without 52-bit addresses";
	if (ipa_bits > pa_bits)
		return "more bits of IPA than the CPU has of PA";
	return NULL;
}

/* VTCR_EL2.PS takes PARange's own encoding; 52 bits (6) are not to be used without DS. */
static u64 vtcr_for(const struct s2_geometry *g, const struct s2_cpu *cpu)
{
	u64 parange = min_u64(get(MMFR0_PARANGE, cpu->mmfr0), 5);

	return VTCR_RES1 | put(VTCR_T0SZ, 64u - g->ipa_bits) |
	       put(VTCR_SL0, (u64)(2 - g->start_level)) | put(VTCR_IRGN0, TCR_WBWA) |
	       put(VTCR_ORGN0, TCR_WBWA) | put(VTCR_SH0, DESC_SH_INNER) |
	       put(VTCR_TG0, VTCR_TG0_4K) | put(VTCR_PS, parange) |
	       (g->vmid_bits == 16 ? VTCR_VS : 0);
}

enum err s2_geometry_init(struct s2_geometry *g, const struct s2_cpu *cpu,
			  unsigned int granule_shift, unsigned int ipa_bits, const char **why)
{
	unsigned int stride = granule_shift - 3;
	enum err e;
	const char *reason = refusal(cpu, granule_shift, ipa_bits, &e);
	unsigned int reach = granule_shift + stride; /* bits that one table at level translates */
	int level = 3;

	if (reason) {
		*why = reason;
		return e;
	}
	while (reach + MAX_CONCAT_SHIFT < ipa_bits) {
		reach += stride;
		level--;
	}
	*g = (struct s2_geometry){
		.granule_shift = (u8)granule_shift,
		.ipa_bits = (u8)ipa_bits,
		.pa_bits = (u8)min_u64(s2_pa_bits((unsigned int)get(MMFR0_PARANGE, cpu->mmfr0)),
				       MAX_PA_BITS),
		.start_level = (s8)level,
		.root_pages = (u8)(ipa_bits > reach ? 1u << (ipa_bits - reach) : 1u),
		.top_block_level = 1,
		.vmid_bits = get(MMFR1_VMIDBITS, cpu->mmfr1) == 2 ? 16 : 8,
	};
	g->vtcr = vtcr_for(g, cpu);
	return OK;
}
