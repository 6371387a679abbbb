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

const char *geometry_init(void)
{
	const struct s2_cpu cpu = {
		.mmfr0 = read_sysreg(id_aa64mmfr0_el1),
		.mmfr1 = read_sysreg(id_aa64mmfr1_el1),
		.mmfr2 = read_sysreg(id_aa64mmfr2_el1),
		.isar0 = read_sysreg(id_aa64isar0_el1),
	};
	unsigned int pa = s2_pa_bits((unsigned int)get(MMFR0_PARANGE, cpu.mmfr0));
	const char *why = NULL;

	if (s2_geometry_init(&geometry, &cpu, 12, pa && pa < VM_IPA_BITS ? pa : VM_IPA_BITS,
			     &why) != OK)
		return why;
	s2_vmids_init(&vmids, geometry.vmid_bits);
	return NULL;
}
