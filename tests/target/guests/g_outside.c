/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads, writes and fetches where nothing is.  Each is a synchronous external abort in this
 * guest, of the right class, with the address that was used, and of no other consequence.
 */
#include "abi/hypercall.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "tests/target/guests/rt.h"

enum { EL1_VECTOR = 4, EL0_VECTOR = 8 };

enum access { READ, WRITE, FETCH };

static const char *const names[] = { "read", "write", "fetch" };

static void access(enum access what, u64 at)
{
	rt_arm();
	if (what == READ)
		mmio_read32(at);
	else if (what == WRITE)
		mmio_write32(at, 0);
	else
		rt_jump(at);
	rt_disarm();
}

static void access_el0(enum access what, u64 at)
{
	static void (*const stubs[])(void) = { el0_read, el0_write, el0_fetch };

	rt_arm();
	rt_el0((u64)stubs[what], at);
	rt_disarm();
}

/* One line of TAP for an access: class, vector, address, code and direction must be right. */
static void check(enum access what, u64 at, bool el0, u64 fsc)
{
	u64 ec = (what == FETCH ? EC_IABT_LOW : EC_DABT_LOW) + (el0 ? 0UL : 1UL);
	bool ok = taken.count == 1 && taken.vector == (el0 ? EL0_VECTOR : EL1_VECTOR) &&
		  get(ESR_EC, taken.esr) == ec && get(ISS_FSC, taken.esr) == fsc &&
		  taken.far == at && (taken.esr & ESR_IL) != 0;
	char name[96];

	if (what == WRITE)
		ok = ok && (taken.esr & ISS_WNR);
	if (what == READ)
		ok = ok && !(taken.esr & ISS_WNR);
	if (what == FETCH)
		ok = ok && taken.elr == at;
	fmt(name, sizeof(name), "%s of 0x%lx from EL%d", names[what], at, el0 ? 0 : 1);
	rt_ok(ok, name);
	if (!ok)
		say("# count %lu, vector %lu, ESR 0x%lx, FAR 0x%lx, ELR 0x%lx", taken.count,
		    taken.vector, taken.esr, taken.far, taken.elr);
}

static void nothing_at(u64 at)
{
	for (enum access what = READ; what <= FETCH; what++) {
		access(what, at);
		check(what, at, false, FSC_EXTERNAL);
		access_el0(what, at);
		check(what, at, true, FSC_EXTERNAL);
	}
}

/* The UART takes loads and stores, not fetches. */
static void uart(void)
{
	access(FETCH, UART_BASE);
	check(FETCH, UART_BASE, false, FSC_EXTERNAL);
	access_el0(FETCH, UART_BASE + 0xffc);
	check(FETCH, UART_BASE + 0xffc, true, FSC_EXTERNAL);
	access_el0(READ, UART_BASE + 0x18);
	IS(taken.count, 0, "EL0 may read a device where stage 1 is off");
}

static void edges_of_ram(u64 end)
{
	access(READ, RAM_BASE);
	IS(taken.count, 0, "the first word of RAM");
	access(WRITE, end - 4);
	IS(taken.count, 0, "the last word of RAM");
	access(READ, end - 3); /* of device memory: unaligned, which QEMU forgives */
	IS(taken.count, 1, "a read over the last byte of device memory");
}

/* The same access again and again from one place: reported once, counted. */
static void repeats(u64 end)
{
	u64 count = 0;

	for (int i = 0; i < 100; i++) {
		access(READ, end + 0x5000);
		count += taken.count;
	}
	IS(count, 100, "a hundred repeats are a hundred aborts");
}

/* Normal memory: an access may lie on both sides of the edge. */
static void over_the_edge(u64 end)
{
	rt_mmu_on(0);
	TRY(mmio_read64(end - 4));
	OK_IF(taken.count == 1 && get(ISS_FSC, taken.esr) == FSC_EXTERNAL && taken.far >= end - 4 &&
		      taken.far < end + 4,
	      "a read over the last byte of RAM");
	TRY(mmio_write64(RAM_BASE - 4, 0));
	IS(taken.count, 1, "a write into RAM's first byte from below");
	access(READ, end);
	check(READ, end, false, FSC_EXTERNAL);
	access(FETCH, 0x7ffff00000);
	check(FETCH, 0x7ffff00000, false, FSC_EXTERNAL);
}

void guest(void)
{
	u64 end = RAM_BASE + rt_ram_size();

	nothing_at(0);
	nothing_at(0x08000000);
	nothing_at(UART_BASE - 4);
	nothing_at(UART_BASE + 0x1000);
	nothing_at(RAM_BASE - 4);
	nothing_at(end);
	nothing_at(0x8000000000);
	nothing_at(0xfffffffffc);
	nothing_at(0x10000000000);
	uart();
	edges_of_ram(end);
	repeats(end);
	over_the_edge(end);
}
