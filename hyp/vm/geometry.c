/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Geometry and VMIDs, from this CPU's ID registers.
 */
#include "hyp/vm/geometry.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "include/bits.h"

struct s2_geometry geometry;
struct s2_vmids vmids;

static struct s2_cpu cpu;

static bool root_fits(const struct s2_geometry *g)
{
	return g->root_pages * s2_table_size(g) <= GEOMETRY_ROOT_MAX;
}

/* With so many bits: the largest root that fits, so the lowest start level. */
static const char *with_bits(struct s2_geometry *g, struct s2_want want)
{
	const char *why = NULL;

	if (s2_geometry_choose(g, &cpu, &want, &why) != OK || root_fits(g))
		return why;
	want.start_level = (s8)(g->start_level - 1);
	if (s2_geometry_choose(g, &cpu, &want, &why) == OK)
		return NULL;
	return "so many bits of IPA need root tables of more than 64 KiB";
}

const char *geometry_choose(struct s2_geometry *g, const struct geometry_want *want)
{
	unsigned int pa = s2_pa_bits((unsigned int)get(MMFR0_PARANGE, cpu.mmfr0));
	u8 bits = (u8)(pa && pa < VM_IPA_BITS ? pa : VM_IPA_BITS);
	struct s2_want w = s2_want(want->granule_shift, want->ipa_bits ? want->ipa_bits : bits);
	struct s2_geometry chosen;
	const char *why;

	w.features &= ~want->without;
	w.required = want->required;
	why = with_bits(&chosen, w);
	while (why && !want->ipa_bits && w.ipa_bits > 36) {
		w.ipa_bits--;
		if (!with_bits(&chosen, w))
			why = NULL;
	}
	if (!why)
		*g = chosen;
	return why;
}

const char *geometry_init(void)
{
	const struct geometry_want want = { .granule_shift = 12 };
	const char *why;

	cpu = (struct s2_cpu){
		.mmfr0 = read_sysreg(id_aa64mmfr0_el1),
		.mmfr1 = read_sysreg(id_aa64mmfr1_el1),
		.mmfr2 = read_sysreg(id_aa64mmfr2_el1),
		.isar0 = read_sysreg(id_aa64isar0_el1),
	};
	why = geometry_choose(&geometry, &want);
	if (!why)
		s2_vmids_init(&vmids, geometry.vmid_bits);
	return why;
}
