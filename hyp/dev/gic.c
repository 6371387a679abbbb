/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's GICv3 for EL2's own interrupts: non-secure group 1, affinity routing, one
 * priority for all.  The CPU interface is used through system registers only.
 * 1. Nothing is enabled, or active, but by EL2: what a boot loader used is switched off first.
 * 2. ICC_SRE_EL1, which is not virtual, stands at system registers for good: EL1 does not get at
 *    it.
 */
#include "hyp/dev/gic.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"

enum {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_ISACTIVER = 0x0300,
	GICD_ICACTIVER = 0x0380,
	GICD_IPRIORITYR = 0x0400,
	GICD_IROUTER = 0x6000,
	GICR_CTLR = 0x0000,
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_SGI = 0x10000,
	GICR_STRIDE = 0x20000,
	PRIORITY = 0xa0,
};

#define GICD_CTLR_ENABLE_GRP1NS BIT(1)
#define GICD_CTLR_ARE_NS BIT(4)
#define GICD_CTLR_RWP BIT(31)
#define GICD_TYPER_LINES BITS(4, 0)
#define GICR_CTLR_RWP BIT(3)
#define GICR_TYPER_LAST BIT(4)
#define GICR_TYPER_AFFINITY BITS(63, 32)
#define GICR_WAKER_SLEEP BIT(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT(2)

static u64 gicd, gicr_first, gicr_bytes;

/* Affinity as GICR_TYPER has it: Aff3.Aff2.Aff1.Aff0. */
static u64 own_affinity(void)
{
	u64 mpidr = read_sysreg(mpidr_el1);

	return get(BITS(39, 32), mpidr) << 24 | get(BITS(23, 0), mpidr);
}

static u64 find_redistributor(u64 first, u64 size)
{
	for (u64 at = first; at + GICR_STRIDE <= first + size; at += GICR_STRIDE) {
		u64 typer = mmio_read64(at + GICR_TYPER);

		if (get(GICR_TYPER_AFFINITY, typer) == own_affinity())
			return at;
		if (typer & GICR_TYPER_LAST)
			break;
	}
	return 0;
}

static void wake_redistributor(u64 gicr)
{
	mmio_write32(gicr + GICR_WAKER, mmio_read32(gicr + GICR_WAKER) & ~(u32)GICR_WAKER_SLEEP);
	while (mmio_read32(gicr + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP)
		;
}

static void init_cpu_interface(void)
{
	/* ICC_SRE_EL2; without Enable, so that EL1's accesses to its own trap (sysreg.c). */
	write_sysreg(S3_4_C12_C9_5, ICC_SRE_ALL);
	isb();
	write_sysreg(S3_0_C12_C12_5, ICC_SRE_ALL); /* ICC_SRE_EL1 */
	write_sysreg(S3_0_C4_C6_0, 0xff);          /* ICC_PMR_EL1: every priority */
	write_sysreg(S3_0_C12_C12_3, 0);           /* ICC_BPR1_EL1 */
	write_sysreg(S3_0_C12_C12_4, 2); /* ICC_CTLR_EL1.EOImode: ending is not deactivating */
	write_sysreg(S3_0_C12_C12_7, 1); /* ICC_IGRPEN1_EL1 */
	isb();
}

/* Of 32 interrupts none is enabled or active. */
static void close_bank(u64 frame, u32 bank)
{
	mmio_write32(frame + GICD_ICENABLER + 4 * bank, ~0U);
	mmio_write32(frame + GICD_ICACTIVER + 4 * bank, ~0U);
}

void gic_init(u64 gicd_base, u64 gicr_base, u64 gicr_size)
{
	gicd = gicd_base;
	gicr_first = gicr_base;
	gicr_bytes = gicr_size;
	for (u32 n = 1; n <= get(GICD_TYPER_LINES, mmio_read32(gicd + GICD_TYPER)); n++)
		close_bank(gicd, n);
	mmio_write32(gicd + GICD_CTLR, (u32)(GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_GRP1NS));
	while (mmio_read32(gicd + GICD_CTLR) & GICD_CTLR_RWP)
		;
}

const char *gic_init_cpu(void)
{
	u64 gicr;

	if (!(read_sysreg(id_aa64pfr0_el1) & PFR0_GIC))
		return "the CPU has no system register interface to a GICv3";
	gicr = find_redistributor(gicr_first, gicr_bytes);
	if (gicr == 0)
		return "no GICv3 redistributor has this CPU's affinity";
	percpu()->gicr = gicr;
	wake_redistributor(gicr);
	close_bank(gicr + GICR_SGI, 0);
	while (mmio_read32(gicr + GICR_CTLR) & GICR_CTLR_RWP)
		;
	init_cpu_interface();
	return NULL;
}

void gic_send(u32 sgi, u64 mpidr)
{
	u64 aff0 = get(BITS(7, 0), mpidr);

	dsb_ishst();
	write_sysreg(S3_0_C12_C11_5,
		     put(BITS(55, 48), get(BITS(39, 32), mpidr)) | /* ICC_SGI1R_EL1 */
			     put(BITS(47, 44), aff0 / 16) |
			     put(BITS(39, 32), get(BITS(23, 16), mpidr)) | put(BITS(27, 24), sgi) |
			     put(BITS(23, 16), get(BITS(15, 8), mpidr)) | BIT(aff0 % 16));
	isb();
}

void gic_enable(u32 intid)
{
	u64 frame = intid < 32 ? percpu()->gicr + GICR_SGI : gicd;
	u64 group = frame + GICD_IGROUPR + 4 * (intid / 32);

	mmio_write32(group, mmio_read32(group) | 1u << intid % 32);
	mmio_write8(frame + GICD_IPRIORITYR + intid, PRIORITY);
	if (intid >= 32)
		mmio_write64(gicd + GICD_IROUTER + 8UL * intid, read_sysreg(mpidr_el1) & MPIDR_AFF);
	mmio_write32(frame + GICD_ISENABLER + 4 * (intid / 32), 1u << intid % 32);
}

void gic_deactivate(u32 intid)
{
	write_sysreg(S3_0_C12_C11_1, intid); /* ICC_DIR_EL1 */
	isb();
}

void gic_set_active(u32 intid, bool active)
{
	mmio_write32(percpu()->gicr + GICR_SGI + (active ? GICD_ISACTIVER : GICD_ICACTIVER),
		     1u << intid);
}
