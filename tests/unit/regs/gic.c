/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's GIC as EL2 finds it and leaves it to guests: nothing of a boot loader's is active,
 * and the one register of the CPU interface that is not virtual is out of EL1's reach.
 */
#include "hyp/dev/gic.h"

#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

static void as_a_boot_loader_left_it(void)
{
	u64 gicr;

	regs_reset();
	gicr = percpu()->gicr;
	regs_active[0] = ~0U;
	regs_write("S3_0_C12_C12_5", 0);
	regs_write("S3_4_C12_C9_5", 0xf);
	gic_init(gicr + 0x80000, gicr, 0x20000);
	EXPECT(gic_init_cpu() == NULL);
	EXPECT_EQ(regs_active[0], 0);
	EXPECT_EQ(regs_read("S3_0_C12_C12_5"), 7); /* ICC_SRE_EL1: system registers only */
	EXPECT_EQ(regs_read("S3_4_C12_C9_5"), 7);  /* ICC_SRE_EL2, without Enable */
}

TESTS(T(as_a_boot_loader_left_it))
