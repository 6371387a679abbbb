/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kernel costs without a hypervisor: an EL2 image that puts the loader's kernel and ramdisk
 * into the upper half of RAM, writes the tree that Twofold would give a guest with the same
 * memory, and enters the kernel at EL1 with no stage 2.  The machine's own GIC, timers and PL011
 * stand where that tree says.
 *
 * With the boot argument tf.stage2=2m or 4k a stage 2 that maps everything to itself, in leaves of
 * that size, is on from the beginning: what two stages cost by themselves, without a hypervisor.
 *
 * EL2 stays for two things (traps.S): PSCI, whose HVC it passes on as SMC; and the counters, which
 * the kernel would take from EL0 and which count instructions from the entry on.
 */
#include "abi/image.h"
#include "arch/desc.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "fdt/guest.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/mem/el2_map.h"
#include "include/bits.h"
#include "lib/str.h"

enum { TREE_ROOM = 0x200000, TREE_MAX = 8192, TREE_AT = 0x8000000, UART_SPI = 33 };

extern char bare_vectors[];
no_return void bare_enter(u64 pc, u64 tree);

static const struct fdt_module *module_of(enum fdt_module_kind kind)
{
	const struct fdt_machine *m = &boot_info.machine;

	for (u32 i = 0; i < m->module_count; i++)
		if (m->modules[i].kind == kind)
			return &m->modules[i];
	panic("a module is missing: kind %u", (u32)kind);
}

/* The kernel's first instructions and its tables are read with the MMU and caches off. */
static void put_there(u64 to, const void *from, u64 size)
{
	u64 line = 4UL << get(CTR_DMINLINE, read_sysreg(ctr_el0));

	memcpy((void *)to, from, size);
	for (u64 at = align_down(to, line); at < to + size; at += line)
		dc_civac(at);
	dsb_sy();
	ic_ialluis();
	dsb_sy();
	isb();
}

static void copy_module(u64 to, const struct fdt_module *module)
{
	el2_map(module->range.base.v, module->range.size, EL2_RODATA);
	put_there(to, (const void *)module->range.base.v, module->range.size);
}

/* As hyp/vm/load.c lays a guest out. */
static u64 write_tree(u64 ram, u64 size, const struct fdt_module *kernel,
		      const struct fdt_module *ramdisk)
{
	static u64 tree[TREE_MAX / 8];
	const struct fdt_machine *m = &boot_info.machine;
	struct fdt_guest g = {
		.ram_base = mk_ipa(ram),
		.ram_size = size,
		.cpus = 1,
		.uart_base = mk_ipa(m->uart.base.v),
		.uart_size = m->uart.size,
		.uart_spi = UART_SPI,
		.rtc_base = mk_ipa(m->rtc.base.v),
		.rtc_size = m->rtc.size,
		.gicd_base = mk_ipa(m->gicd.base.v),
		.gicd_size = m->gicd.size,
		.gicr_base = mk_ipa(m->gicr.base.v),
		.gicr_size = 0x20000,
		.ramdisk = mk_ipa(ram + TREE_AT + TREE_ROOM),
		.ramdisk_size = ramdisk->range.size,
		.args = kernel->args,
	};
	size_t n;

	if (fdt_guest_write(tree, sizeof(tree), &g, &n) != OK)
		panic("the tree cannot be written");
	put_there(ram + TREE_AT, tree, n);
	copy_module(g.ramdisk.v, ramdisk);
	return ram + TREE_AT;
}

/* Counter 0 counts instructions at every level; EL1 and EL0 come here with what they do to it. */
static void start_counter(void)
{
	write_sysreg(mdcr_el2, put(MDCR_HPMN, get(PMCR_N, read_sysreg(pmcr_el0))) | MDCR_TPM);
	write_sysreg(pmevtyper0_el0, put(PMEVTYPER_EVENT, PMU_INST_RETIRED) | PMEVTYPER_NSH);
	write_sysreg(pmuserenr_el0, 0xf);
	write_sysreg(pmcntenset_el0, 1);
	write_sysreg(pmcr_el0, PMCR_E | PMCR_P);
}

enum { ENTRIES = 512 };

/* 40 bits of IPA from level 1: two tables as one root. */
static u64 root[2 * ENTRIES] aligned_to(2 * 4096), second[ENTRIES] aligned_to(4096),
	third[ENTRIES * ENTRIES] aligned_to(4096);

/* The first GiB is devices, the second RAM; level 1 has a block, or a table, for each. */
static u64 stage2(u64 leaf_size)
{
	const u64 all = put(S2_DESC_S2AP, 3) | DESC_AF | DESC_VALID;
	const u64 ram = all | put(S2_DESC_MEMATTR, 0xf) | put(DESC_SH, DESC_SH_INNER);

	for (u64 i = 0; i < ENTRIES; i++) {
		u64 base = BIT(30) + i * BIT(21);

		for (u64 page = 0; page < ENTRIES; page++)
			third[i * ENTRIES + page] = (base + page * 4096) | ram | DESC_TABLE;
		second[i] = leaf_size == 4096 ? (u64)&third[i * ENTRIES] | DESC_VALID | DESC_TABLE
					      : base | ram;
	}
	root[0] = all | put(S2_DESC_MEMATTR, 1);
	root[1] = (u64)second | DESC_VALID | DESC_TABLE;
	write_sysreg(vtcr_el2, BIT(31) | put(VTCR_T0SZ, 24) | put(VTCR_SL0, 1) | 2UL << 16 |
				       3UL << 12 | 1UL << 10 | 1UL << 8);
	write_sysreg(vttbr_el2, (u64)root);
	tlbi_alle1is();
	dsb_sy();
	return HCR_VM;
}

/* What HCR_EL2 has to have for it. */
static u64 stage2_asked(void)
{
	const char *args = boot_info.machine.args;

	if (strstr(args, "tf.stage2=2m"))
		return stage2(BIT(21));
	return strstr(args, "tf.stage2=4k") ? stage2(4096) : 0;
}

static void prepare_el1(void)
{
	write_sysreg(vpidr_el2, read_sysreg(midr_el1));
	write_sysreg(vmpidr_el2, read_sysreg(mpidr_el1));
	write_sysreg(sctlr_el1, SCTLR_EL1_RES1);
	write_sysreg(hcr_el2, HCR_RW | HCR_API | HCR_APK | stage2_asked());
	write_sysreg(cptr_el2, CPTR_RES1);
	write_sysreg(hstr_el2, 0);
	write_sysreg(cnthctl_el2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
	write_sysreg(cntvoff_el2, 0);
	write_sysreg(S3_4_C12_C9_5, ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB | ICC_SRE_ENABLE);
	write_sysreg(vbar_el2, (u64)bare_vectors);
	isb();
}

void hyp_main(void)
{
	const struct fdt_range *bank = &boot_info.machine.banks[0];
	const struct fdt_module *kernel = module_of(FDT_MODULE_KERNEL);
	u64 size = bank->size / 2, ram = bank->base.v + size, tree;

	el2_map(ram, size, EL2_DATA);
	tree = write_tree(ram, size, kernel, module_of(FDT_MODULE_RAMDISK));
	copy_module(ram, kernel);
	prepare_el1();
	start_counter();
	bare_enter(ram, tree);
}
