/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest finds at its first instruction: registers, memory, tree.  It must not matter
 * whether it is the first start or a later one, and what others left behind.
 */
#include "arch/insn.h"
#include "include/bits.h"
#include "lib/str.h"
#include "tests/target/guests/rt.h"

enum { MIB = 1 << 20 };

static void registers(void)
{
	IS(rt_entry[1] | rt_entry[2] | rt_entry[3], 0, "x1 to x3 are 0");
	IS(rt_entry[ENTRY_OTHERS], 0, "x4 to x30 tell nothing");
	IS(rt_entry[ENTRY_DAIF], 0x3c0, "DAIF is masked");
	IS(rt_entry[ENTRY_SCTLR] & 0x1005, 0, "MMU and caches are off");
	IS(rt_entry[ENTRY_SPSEL], 1, "on SP_EL1");
	IS(get(BITS(3, 2), read_sysreg(CurrentEL)), 1, "at EL1");
	IS(rt_entry[ENTRY_START], RAM_BASE + 0x80000, "at RAM base + 0x80000");
}

static void system_registers(void)
{
	u64 all = read_sysreg(ttbr0_el1) | read_sysreg(ttbr1_el1) | read_sysreg(tcr_el1) |
		  read_sysreg(mair_el1) | read_sysreg(esr_el1) | read_sysreg(far_el1) |
		  read_sysreg(elr_el1) | read_sysreg(tpidr_el0) | read_sysreg(tpidrro_el0) |
		  read_sysreg(tpidr_el1) | read_sysreg(sp_el0) | read_sysreg(contextidr_el1) |
		  read_sysreg(par_el1) | read_sysreg(cntv_cval_el0);

	IS(all, 0, "EL1's registers tell nothing");
	IS(read_sysreg(cntv_ctl_el0) & 1, 0, "the timer is off");
	IS(read_sysreg(mpidr_el1) & BITS(23, 0), 0, "MPIDR_EL1 is CPU 0's");
}

static void tree(void)
{
	u64 half = rt_ram_size() / 2, at = half < 128UL * MIB ? half : 128UL * MIB;
	const char *method;
	const u32 *seed;
	u32 size;

	IS(rt_entry[0], RAM_BASE + align_down(at, 2UL * MIB), "the tree is where it belongs");
	OK_IF(*(const u32 *)rt_entry[0] == 0xedfe0dd0, "it is a tree");
	IS(rt_ram_size(), rt_arg("mem", 0), "it tells the size of RAM");
	method = rt_prop("psci", "method", &size);
	OK_IF(method && strcmp(method, "hvc") == 0, "PSCI is by hvc");
	OK_IF(rt_prop("pl011", "reg", &size) && size == 16, "there is a PL011");
	seed = rt_prop("chosen", "rng-seed", &size);
	OK_IF(seed && size >= 32, "it brings randomness");
	say("# seed %08x%08x", seed[0], seed[1]);
	seed = rt_prop("chosen", "kaslr-seed", &size);
	OK_IF(seed && size == 8, "and a seed for addresses");
	say("# seed %08x%08x", seed[0], seed[1]);
	OK_IF(rt_prop("intc", "reg", &size) && size == 32, "a GICv3's two parts");
	OK_IF(rt_prop("timer", "interrupts", &size) && size == 48, "four timer interrupts");
	OK_IF(!rt_prop("its", "reg", &size) && !rt_prop("msi", "reg", &size) &&
		      !rt_prop("pmu", "interrupts", &size) && !rt_prop("pcie", "reg", &size),
	      "what does not work is not in it");
}

enum { RTC = 0x09010000, RTC_DR = 0x00, RTC_LR = 0x08, RTC_ID = 0xfe0 };
enum { YEAR_2020 = 1577836800, WHILE = 600 };

/* The machine's, `day` where that was told; what is set is for this life, as the next will see. */
static void clock(void)
{
	u32 day = (u32)rt_arg("day", 0), size, now = mmio_read32(RTC + RTC_DR);

	OK_IF(rt_prop("pl031", "reg", &size) && size == 16, "there is a PL031");
	IS(mmio_read32(RTC + RTC_ID), 0x31, "in its place");
	OK_IF(day ? now - day < WHILE : now > YEAR_2020, "it shows the machine's time");
	mmio_write32(RTC + RTC_LR, 1000 + now % 1000);
	OK_IF(mmio_read32(RTC + RTC_DR) - 1000 - now % 1000 < WHILE, "it can be set");
}

/* From behind this image to the tree everything is as new memory is. */
static void memory(void)
{
	u64 bad = 0;

	for (u64 at = align_up((u64)image_end, 8); at < (u64)image_end + 2UL * MIB; at += 8)
		bad += *(const volatile u64 *)at != 0;
	for (u64 at = RAM_BASE; at < RAM_BASE + 0x80000; at += 8)
		bad += *(const volatile u64 *)at != 0;
	IS(bad, 0, "memory is zero");
	for (u64 at = RAM_BASE; at < RAM_BASE + 0x80000; at += 4096)
		*(volatile u64 *)at = 0x5ec2e7;
	write_sysreg(tpidr_el0, 0x5ec2e7);
	write_sysreg(tpidr_el1, 0x5ec2e7);
	write_sysreg(sp_el0, 0x5ec2e7);
	write_sysreg(contextidr_el1, 0x5ec2e7);
}

void guest(void)
{
	registers();
	system_registers();
	tree();
	clock();
	memory();
}
