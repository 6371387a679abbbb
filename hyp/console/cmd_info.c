/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * info, mem, esr: the machine, the pool, a syndrome.
 */
#include "arch/desc_fields.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/boot.h"
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/geometry.h"
#include "lib/fields.h"
#include "lib/parse.h"
#include "lib/str.h"

/* ---- info ----------------------------------------------------------------------------------- */

static void show_cpu(void)
{
	u64 midr = read_sysreg(midr_el1);
	const char *name = "";
	static const struct {
		u32 part;
		const char *name;
	} arm[] = { { 0xd03, "Cortex-A53" },  { 0xd05, "Cortex-A55" },  { 0xd07, "Cortex-A57" },
		    { 0xd08, "Cortex-A72" },  { 0xd0b, "Cortex-A76" },  { 0xd0c, "Neoverse N1" },
		    { 0xd40, "Neoverse V1" }, { 0xd49, "Neoverse N2" }, { 0xd46, "Cortex-A510" } };

	for (u32 i = 0; i < ARRAY_SIZE(arm); i++)
		if (get(MIDR_IMPLEMENTER, midr) == 'A' && get(MIDR_PART, midr) == arm[i].part)
			name = arm[i].name;
	print("CPU        MIDR 0x%lx%s%s  %u in the tree, CPU 0 runs  counter %lu Hz\n", midr,
	      *name ? " " : "", name, boot_info.machine.cpu_count, timer_frequency());
}

static const char *yes(bool b)
{
	return b ? "yes" : "no";
}

/* Stage 2's granules: ID_AA64MMFR0_EL1.TGranX_2 may refer to stage 1's field. */
static void show_granules(u64 mmfr0)
{
	u64 g4 = get(MMFR0_TGRAN4_2, mmfr0);
	u64 g16 = get(MMFR0_TGRAN16_2, mmfr0);
	u64 g64 = get(MMFR0_TGRAN64_2, mmfr0);
	bool has4 = g4 ? g4 >= 2 : get(MMFR0_TGRAN4, mmfr0) != 15;
	bool has16 = g16 ? g16 >= 2 : get(MMFR0_TGRAN16, mmfr0) != 0;
	bool has64 = g64 ? g64 >= 2 : get(MMFR0_TGRAN64, mmfr0) != 15;

	print("stage 2    PA %u bits  granules%s%s%s", s2_pa_bits((u32)get(MMFR0_PARANGE, mmfr0)),
	      has4 ? " 4K" : "", has16 ? " 16K" : "", has64 ? " 64K" : "");
}

static void show_features(void)
{
	static const char *const hafdbs[] = { "no", "access flag", "access flag and dirty state" };
	u64 mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	u64 mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	u64 mmfr2 = read_sysreg(id_aa64mmfr2_el1);
	u64 isar0 = read_sysreg(id_aa64isar0_el1);
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	u64 af = get(MMFR1_HAFDBS, mmfr1);

	show_granules(mmfr0);
	print("  VMID %u bits  hardware updates: %s\n", get(MMFR1_VMIDBITS, mmfr1) == 2 ? 16 : 8,
	      hafdbs[af < 2 ? af : 2]);
	print("           execute-never by EL (XNX) %s  forced write-back (S2FWB) %s  "
	      "TLBI by range %s  level hints (TTL) %s  BBM level %lu\n",
	      yes(get(MMFR1_XNX, mmfr1)), yes(get(MMFR2_FWB, mmfr2)),
	      yes(get(ISAR0_TLB, isar0) >= 2), yes(get(MMFR2_TTL, mmfr2)), get(MMFR2_BBM, mmfr2));
	print("           VHE %s  FP %s  SVE %s  GIC registers %s\n", yes(get(MMFR1_VH, mmfr1)),
	      yes(get(PFR0_FP, pfr0) != 15), yes(get(PFR0_SVE, pfr0)), yes(get(PFR0_GIC, pfr0)));
}

static void show_vtcr(void)
{
	const struct s2_geometry *g = &geometry;
	char words[256];

	fields_print(words, sizeof(words), vtcr_fields, g->vtcr);
	print("VTCR_EL2   0x%lx  IPA %u bits, %u root table%s  %s\n", g->vtcr, g->ipa_bits,
	      g->root_pages, g->root_pages == 1 ? "" : "s", words);
}

static void show_ram(void)
{
	const struct fdt_machine *m = &boot_info.machine;
	u64 total = 0;

	for (u32 i = 0; i < m->bank_count; i++)
		total += m->banks[i].size;
	print("RAM        %s in %u bank%s", size_text(total), m->bank_count,
	      m->bank_count == 1 ? "" : "s");
	for (u32 i = 0; i < m->bank_count; i++)
		print("  0x%lx %s", m->banks[i].base.v, size_text(m->banks[i].size));
	print("\n");
}

static void show_boot_table(void)
{
	print("start         end           size      what\n");
	for (u32 i = 0; i < pool_regions.count; i++) {
		const struct fdt_range *r = &pool_regions.region[i].range;

		print("0x%-10lx  0x%-10lx  %8s  %s\n", r->base.v, r->base.v + r->size,
		      size_text(r->size), pool_regions.region[i].name);
	}
}

enum command_result cmd_info(const struct args *a)
{
	(void)a;
	show_cpu();
	show_features();
	show_vtcr();
	show_ram();
	show_boot_table();
	return COMMAND_OK;
}

/* ---- mem ------------------------------------------------------------------------------------ */

enum command_result cmd_mem(const struct args *a)
{
	(void)a;
	print("pool       %u frames (%s): %u free (%s), %u used (%s)\n", pool.given,
	      size_text(pool.given * PAGE_SIZE), pool.free, size_text(pool.free * PAGE_SIZE),
	      pool.given - pool.free, size_text((pool.given - pool.free) * PAGE_SIZE));
	print("promised   %u of the free frames (%s); %u are anybody's\n", pool.reserved_ahead,
	      size_text(pool.reserved_ahead * PAGE_SIZE), pool.free - pool.reserved_ahead);
	print("order  block   free blocks      frames\n");
	for (u32 i = 0; i < ZONE_ORDERS; i++)
		print("%5u  %5s  %12u  %10lu\n", i, size_text(PAGE_SIZE << i), pool.area[i].count,
		      (u64)pool.area[i].count << i);
	return COMMAND_OK;
}

/* ---- esr ------------------------------------------------------------------------------------ */

static bool is_abort(unsigned int ec)
{
	return ec == EC_IABT_LOW || ec == EC_IABT_CUR || ec == EC_DABT_LOW || ec == EC_DABT_CUR;
}

enum command_result cmd_esr(const struct args *a)
{
	const struct word *w = &a->word[0];
	char shown[SHOWN_MAX], words[256];
	unsigned int ec, fsc;
	u64 esr;

	if (strlen(w->text) != w->length || parse_hex(w->text, &esr) != OK)
		return command_fail("`%s` is not a hexadecimal number of at most 64 bits",
				    text_shown(shown, w->text, w->length));
	ec = (unsigned int)get(ESR_EC, esr);
	fields_print(words, sizeof(words), esr_iss_fields(ec), esr);
	print("EC 0x%02x %s, %u-bit instruction\n", ec, esr_ec_name(ec), esr & ESR_IL ? 32 : 16);
	print("ISS 0x%lx%s%s\n", get(ESR_ISS, esr), *words ? ": " : "", words);
	fsc = (unsigned int)get(ISS_FSC, esr);
	if (is_abort(ec) && esr_fsc_level(fsc) != FSC_NO_LEVEL)
		print("%s at level %d\n", esr_fsc_name(fsc), esr_fsc_level(fsc));
	return COMMAND_OK;
}
