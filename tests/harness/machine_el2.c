/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine at EL2: table pages from a static pool, translations by the CPU itself.
 *
 * Operations run now with interrupts masked, now open (nothing here raises one), and must leave
 * that and VTTBR_EL2 as they were.
 *
 * A translation is asked for with stage 1 off, so that the virtual address is the IPA.  HCR_EL2
 * and the EL1 registers are as they were when it is over.
 */
#include "tests/harness/machine.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"
#include "s2/port.h"

enum { ENTRIES = 512, ROOT_ALIGN = 65536 };

static u64 pool[MACHINE_POOL][ENTRIES] aligned_to(ROOT_ALIGN);
static bool taken[MACHINE_POOL];
static u64 in_use;
static u64 fail_after;
static size_t cursor; /* a freed page comes back as late as can be */
static u64 loaded;    /* what VTTBR_EL2 must hold between operations */
static u64 masks;     /* and what DAIF */

void machine_reset(void)
{
	memset(taken, 0, sizeof(taken));
	in_use = 0;
	fail_after = 0;
	masks = read_sysreg(daif) ^ SPSR_I;
	write_sysreg(daif, masks);
	machine_load(NULL);
	tlbi_alle1is();
	dsb_ish();
	isb();
}

static bool run_is_free(size_t first, unsigned int n)
{
	for (size_t i = first; i < first + n; i++)
		if (taken[i])
			return false;
	return true;
}

u64 *s2_port_table_alloc(struct s2 *s2, unsigned int pages)
{
	(void)s2;
	if (fail_after && --fail_after == 0)
		return NULL;
	for (size_t tried = 0; tried <= MACHINE_POOL; tried += pages) {
		size_t first = align_up(cursor, pages) % MACHINE_POOL;

		cursor = first + pages;
		if (!run_is_free(first, pages))
			continue;
		memset(&taken[first], true, pages);
		memset(pool[first], 0, sizeof(pool[0]) * pages);
		in_use += pages;
		return pool[first];
	}
	return NULL;
}

/* Entries that are valid and lead nowhere. */
u64 *s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages)
{
	u64 *table = s2_port_table_alloc(s2, pages);

	if (table)
		memset(table, 0x5b, sizeof(pool[0]) * pages);
	return table;
}

void s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages)
{
	size_t first = (size_t)(table - pool[0]) / ENTRIES;

	(void)s2;
	for (size_t i = first; i < first + pages; i++) {
		CHECK(i < MACHINE_POOL && taken[i]);
		taken[i] = false;
	}
	memset(table, 0xa5, sizeof(pool[0]) * pages);
	in_use -= pages;
}

struct s2_cpu machine_cpu(void)
{
	return (struct s2_cpu){
		.mmfr0 = read_sysreg(id_aa64mmfr0_el1),
		.mmfr1 = read_sysreg(id_aa64mmfr1_el1),
		.mmfr2 = read_sysreg(id_aa64mmfr2_el1),
		.isar0 = read_sysreg(id_aa64isar0_el1),
	};
}

enum err machine_vm(struct s2 *s2, unsigned int ipa_bits, u16 vmid)
{
	struct s2_cpu cpu = machine_cpu();
	struct s2_geometry g;
	const char *why;
	enum err e = s2_geometry_init(&g, &cpu, 12, ipa_bits, &why);

	return e == OK ? s2_init(s2, &g, vmid, MACHINE_QUOTA) : e;
}

/* A CPU needs no telling, and does not tell. */
void machine_add(const struct s2 *s2)
{
	(void)s2;
}

void machine_settled(void)
{
	CHECK(read_sysreg(vttbr_el2) == loaded);
	CHECK(read_sysreg(daif) == masks);
}

void machine_load(const struct s2 *s2)
{
	loaded = s2 ? s2_vttbr(s2) : 0;
	write_sysreg(vttbr_el2, loaded);
	if (s2)
		write_sysreg(vtcr_el2, s2->geo.vtcr);
	isb();
}

/* PAR_EL1 for the address under that VM's stage 2. */
static u64 ask(const struct s2 *s2, u64 ipa, bool write)
{
	u64 hcr = read_sysreg(hcr_el2);
	u64 sctlr = read_sysreg(sctlr_el1);
	u64 vtcr = read_sysreg(vtcr_el2);
	u64 vttbr = read_sysreg(vttbr_el2);
	u64 par;

	write_sysreg(sctlr_el1, SCTLR_EL1_RES1);
	write_sysreg(vtcr_el2, s2->geo.vtcr);
	write_sysreg(vttbr_el2, s2_vttbr(s2));
	write_sysreg(hcr_el2, HCR_RW | HCR_VM);
	isb();
	if (write)
		at_s12e1w(ipa);
	else
		at_s12e1r(ipa);
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(hcr_el2, hcr);
	write_sysreg(vttbr_el2, vttbr);
	write_sysreg(vtcr_el2, vtcr);
	write_sysreg(sctlr_el1, sctlr);
	isb();
	return par;
}

static struct machine_answer translate(const struct s2 *s2, u64 ipa, bool write)
{
	u64 par = ask(s2, ipa, write);

	if (par & PAR_F) {
		CHECK(par & PAR_S);
		return (struct machine_answer){ 0, (u8)get(PAR_FST, par) };
	}
	return (struct machine_answer){ (par & PAR_PA) | (ipa & (SIZE_4K - 1)), 0 };
}

struct machine_answer machine_read(const struct s2 *s2, u64 ipa)
{
	return translate(s2, ipa, false);
}

struct machine_answer machine_write(const struct s2 *s2, u64 ipa)
{
	return translate(s2, ipa, true);
}

void machine_fail_alloc(u64 nth)
{
	fail_after = nth;
}

u64 machine_pages(void)
{
	return in_use;
}
