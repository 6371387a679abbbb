/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VTCR_EL2, VSTCR_EL2 and the bits of HCR_EL2, each whole.  It keeps true:
 * 1. PS is the size that descriptors hold: 52 bits only where the geometry is wide.
 */
#include "s2/controls.h"

#include "arch/desc.h"
#include "arch/sysreg.h"
#include "include/bits.h"

/* VTCR_EL2.PS has PARange's own encoding (D19.2.162). */
static u64 ps(const struct s2_geometry *g)
{
	switch (g->pa_bits) {
	case 32: return 0;
	case 36: return 1;
	case 40: return 2;
	case 42: return 3;
	case 44: return 4;
	case 48: return 5;
	default: return 6;
	}
}

static u64 tg0(const struct s2_geometry *g)
{
	if (g->granule_shift == 12)
		return VTCR_TG0_4K;
	return g->granule_shift == 14 ? VTCR_TG0_16K : VTCR_TG0_64K;
}

/*
 * SL0 and SL2 (D8.2.7).  4 KiB: SL0 counts levels 2, 1, 0 as 0, 1, 2, and SL2 with SL0 = 0 is
 * level -1.  16 and 64 KiB: levels 3, 2, 1, 0 as 0, 1, 2, 3.
 */
static u64 start(const struct s2_geometry *g)
{
	if (g->granule_shift != 12)
		return put(VTCR_SL0, (u64)(3 - g->start_level));
	return g->start_level < 0 ? VTCR_SL2 : put(VTCR_SL0, (u64)(2 - g->start_level));
}

static u64 shape(const struct s2_geometry *g)
{
	return VTCR_RES1 | put(VTCR_T0SZ, 64u - g->ipa_bits) | start(g) | put(VTCR_TG0, tg0(g));
}

/* Where walks and outputs go for Non-secure IPAs of a Secure VM. */
static u64 spaces(const struct s2_geometry *g)
{
	if (g->state != S2_SECURE || g->ipa_space != S2_NONSECURE)
		return 0;
	/* NSA counts as set where NSW is (D19.2.162), so the two go together. */
	return g->output == S2_NONSECURE ? VTCR_NSW | VTCR_NSA : 0;
}

void s2_controls_set(struct s2_geometry *g)
{
	g->vtcr = shape(g) | put(VTCR_IRGN0, TCR_WBWA) | put(VTCR_ORGN0, TCR_WBWA) |
		  put(VTCR_SH0, DESC_SH_INNER) | put(VTCR_PS, ps(g)) | spaces(g) |
		  (g->vmid_bits == 16 ? VTCR_VS : 0) | (g->features & S2_HW_AF ? VTCR_HA : 0) |
		  (g->features & S2_HW_DIRTY ? VTCR_HD : 0) |
		  (g->wide && g->granule_shift < 16 ? VTCR_DS : 0);
	g->vstcr = 0;
	if (g->state == S2_SECURE && g->ipa_space == S2_SECURE)
		g->vstcr = shape(g) | (g->output == S2_NONSECURE ? VSTCR_SA : 0);
	g->hcr = g->features & S2_FWB ? HCR_FWB : 0;
}
