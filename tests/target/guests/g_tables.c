/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-1 tables whose access flags hardware sets (FEAT_HAF), in memory that may not be
 * writable meanwhile.  Two pages of code, each mapped by a table of its own, the tables at 8 MiB of
 * RAM and one page on:
 *
 *	a    both leaves' access flags are cleared
 *	d    the first is read, f the second executed: exceptions, their class, and the flag now
 */
#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

#define UPPER 0xffffff8000000000UL
#define TCR_HA BIT(39)
#define NEXT(at) ((at) | DESC_TYPE_TABLE)
#define CODE (RAM_BASE + 0xc00000)
#define TABLE(n) ((volatile u64 *)(RAM_BASE + 0x800000 + (n)*0x1000UL))
#define RET 0xd65f03c0u

static u64 level1[512] aligned_to(4096), level2[512] aligned_to(4096);

static void forget(void)
{
	dsb_sy();
	tlbi_vmalle1();
	dsb_sy();
	isb();
}

/* Leaf n, at n * 2 MiB of the upper half, leads to page n of the code. */
static void clear_flags(void)
{
	for (u64 n = 0; n < 2; n++)
		TABLE(n)
	[0] = (CODE + n * 0x1000) | DESC_VALID | DESC_TABLE | put(DESC_SH, DESC_SH_INNER);
	forget();
	say("cleared");
}

static void build(void)
{
	for (u64 n = 0; n < 2; n++) {
		mmio_write32(CODE + n * 0x1000, RET);
		level2[n] = NEXT((u64)TABLE(n));
	}
	level1[0] = NEXT((u64)level2);
	dsb_sy();
	write_sysreg(tcr_el1, read_sysreg(tcr_el1) | TCR_HA);
	rt_set_upper((u64)level1);
	clear_flags();
}

static void tell(u64 n)
{
	say("exceptions %lu, class 0x%lx, flag %u, that is all", taken.count,
	    taken.count ? get(ESR_EC, taken.esr) : 0, (TABLE(n)[0] & DESC_AF) != 0);
}

static void execute(void)
{
	void (*code)(void) = (void (*)(void))(UPPER + 0x200000);

	TRY(code());
	tell(1);
}

static void read(void)
{
	TRY(mmio_read32(UPPER));
	tell(0);
}

void guest(void)
{
	rt_mmu_on(0);
	build();
	for (;;) {
		switch (rt_key()) {
		case 'a': clear_flags(); break;
		case 'd': read(); break;
		case 'f': execute(); break;
		default: rt_end();
		}
	}
}
