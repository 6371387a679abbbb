/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The UART by every form of load and store.  Those of one general register are emulated to the
 * bit; all others, which have no syndrome, end as external aborts and change no register; the
 * PC moves on exactly once.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "tests/target/guests/rt.h"

#define IBRD (UART_BASE + 0x24)   /* 16 bits that can be written and read back */
#define ID0 (UART_BASE + 0xfe0)   /* 0x11 */
#define CELL1 (UART_BASE + 0xff4) /* 0xf0: negative as a byte */

struct after {
	u64 x0, x1, x2, steps;
};

/* Runs an instruction with x0, x1 and x2 given; x9 counts what is executed behind it. */
#define RUN(insn, base, value)                                                                     \
	__extension__({                                                                            \
		register u64 x0 __asm__("x0") = (base);                                            \
		register u64 x1 __asm__("x1") = (value);                                           \
		register u64 x2 __asm__("x2") = 0x2222;                                            \
		register u64 x9 __asm__("x9") = 0;                                                 \
		__asm__ volatile(insn "\n\tadd x9, x9, #1\n\tadd x9, x9, #1"                       \
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x9)                          \
				 :                                                                 \
				 : "memory");                                                      \
		(struct after){ x0, x1, x2, x9 };                                                  \
	})

#define JUNK 0x5a5a5a5a5a5a5a5aUL

static void check_load(const char *insn, struct after a, u64 base, u64 want)
{
	rt_ok(a.steps == 2 && a.x0 == base && a.x1 == want, insn);
	if (a.x1 != want || a.steps != 2)
		say("# x1 0x%lx, want 0x%lx; %lu steps", a.x1, want, a.steps);
}

#define LOAD(insn, at, want) check_load(insn, RUN(insn, at, JUNK), at, want)

static void loads(void)
{
	LOAD("ldrb w1, [x0]", ID0, 0x11);
	LOAD("ldrb w1, [x0]", CELL1, 0xf0);
	LOAD("ldrb w1, [x0]", CELL1 + 1, 0);
	LOAD("ldrsb w1, [x0]", CELL1, 0xfffffff0);
	LOAD("ldrsb x1, [x0]", CELL1, 0xfffffffffffffff0);
	LOAD("ldrsb x1, [x0]", ID0, 0x11);
	LOAD("ldrh w1, [x0]", CELL1, 0xf0);
	LOAD("ldr w1, [x0]", CELL1, 0xf0);
	LOAD("ldr x1, [x0]", CELL1 - 4, 0x0d);
	LOAD("ldrsw x1, [x0]", CELL1, 0xf0);
	mmio_write32(IBRD, 0x8091);
	LOAD("ldrh w1, [x0]", IBRD, 0x8091);
	LOAD("ldrsh w1, [x0]", IBRD, 0xffff8091);
	LOAD("ldrsh x1, [x0]", IBRD, 0xffffffffffff8091);
	LOAD("ldrsb w1, [x0]", IBRD, 0xffffff91);
	LOAD("ldrsb w1, [x0, #1]", IBRD, 0xffffff80);
	LOAD("ldrb w1, [x0, #1]", IBRD, 0x80);
	LOAD("ldur w1, [x0]", IBRD, 0x8091);
	LOAD("ldtr w1, [x0]", IBRD, 0x8091);
	LOAD("ldar w1, [x0]", IBRD, 0x8091);
	LOAD("ldarb w1, [x0]", IBRD, 0x91);
	LOAD("ldr w1, [x0, xzr]", IBRD, 0x8091);
	LOAD("ldr wzr, [x0]", IBRD, JUNK);
	LOAD("ldrsb xzr, [x0]", IBRD, JUNK);
}

#define STORE(insn, value, want)                                                                   \
	do {                                                                                       \
		struct after a;                                                                    \
		mmio_write32(IBRD, 0x7777);                                                        \
		a = RUN(insn, IBRD, value);                                                        \
		rt_ok(a.steps == 2 && a.x0 == IBRD && a.x1 == (value) &&                           \
			      mmio_read32(IBRD) == (want),                                         \
		      insn);                                                                       \
	} while (0)

static void stores(void)
{
	STORE("strb w1, [x0]", 0xffffff12, 0x12);
	STORE("strh w1, [x0]", 0xffff1234, 0x1234);
	STORE("str w1, [x0]", 0x00005678, 0x5678);
	STORE("str w1, [x0]", 0xdeadbeef00005678, 0x5678);
	STORE("str x1, [x0]", 0xdeadbeef00009abc, 0x9abc);
	STORE("str wzr, [x0]", JUNK, 0);
	STORE("strb wzr, [x0]", JUNK, 0);
	STORE("str xzr, [x0]", JUNK, 0);
	STORE("stur w1, [x0]", 0x1111, 0x1111);
	STORE("sttr w1, [x0]", 0x2222, 0x2222);
	STORE("stlr w1, [x0]", 0x3333, 0x3333);
	STORE("stlrh w1, [x0]", 0x4444, 0x4444);
}

/* An instruction without a syndrome: the abort, the registers as they were, one step. */
static void check_refused(const char *insn, struct after a, u64 base, u64 value)
{
	bool ok = taken.count == 1 && get(ESR_EC, taken.esr) == EC_DABT_CUR &&
		  get(ISS_FSC, taken.esr) == FSC_EXTERNAL && taken.far >> 12 == base >> 12 &&
		  a.steps == 2 && a.x0 == base && a.x1 == value && a.x2 == 0x2222;

	rt_ok(ok, insn);
	if (!ok)
		say("# count %lu, ESR 0x%lx, FAR 0x%lx, x0 0x%lx, x1 0x%lx, %lu steps", taken.count,
		    taken.esr, taken.far, a.x0, a.x1, a.steps);
}

#define REFUSED(insn)                                                                              \
	do {                                                                                       \
		struct after a;                                                                    \
		TRY(a = RUN(insn, IBRD - 4, 0x1234));                                              \
		check_refused(insn, a, IBRD - 4, 0x1234);                                          \
	} while (0)

static void without_syndrome(void)
{
	mmio_write32(IBRD, 0x7777);
	REFUSED("ldr w1, [x0], #4");
	REFUSED("ldr w1, [x0, #4]!");
	REFUSED("ldrb w1, [x0], #1");
	REFUSED("ldrsh x1, [x0, #2]!");
	REFUSED("str w1, [x0], #4");
	REFUSED("str x1, [x0, #8]!");
	REFUSED("strb w1, [x0], #1");
	REFUSED("ldp w1, w2, [x0]");
	REFUSED("ldp x1, x2, [x0], #16");
	REFUSED("ldpsw x1, x2, [x0]");
	REFUSED("stp w1, w2, [x0]");
	REFUSED("stp x1, x2, [x0, #16]!");
	REFUSED("stp xzr, xzr, [x0]");
	REFUSED("ldnp x1, x2, [x0]");
	REFUSED("ldxr w1, [x0]");
	REFUSED("ldaxr x1, [x0]");
	REFUSED("ldxp x1, x2, [x0]");
	REFUSED("ldr b0, [x0]");
	REFUSED("ldr s0, [x0]");
	REFUSED("ldr d0, [x0]");
	REFUSED("str d0, [x0]");
	REFUSED("ldp s0, s1, [x0]");
	REFUSED("ld1 {v0.8b}, [x0]");
	REFUSED("st1 {v0.s}[1], [x0]");
	REFUSED("ld1r {v0.4s}, [x0]");
	IS(mmio_read32(IBRD), 0x7777, "nothing of that was written");
}

/* One read-modify-write is two accesses: LSE has no syndrome either. */
static void atomics(void)
{
	if (get(BITS(23, 20), read_sysreg(id_aa64isar0_el1)) < 2)
		return;
	REFUSED(".arch_extension lse\n\tldadd w1, w2, [x0]");
	REFUSED("swp x1, x2, [x0]");
	REFUSED("cas w1, w2, [x0]");
	IS(mmio_read32(IBRD), 0x7777, "nor of that");
}

/* Cache maintenance of a device does nothing; zeroing a line of it is a store. */
static void maintenance(void)
{
	struct after a;

	TRY(a = RUN("dc cvac, x0\n\tdc civac, x0\n\tdc ivac, x0\n\tdc cvau, x0", IBRD, 0));
	IS(taken.count, 0, "clean and invalidate the UART");
	IS(a.steps, 2, "to the end");
	rt_mmu_on(0);
	rt_devices_as_memory();
	TRY(a = RUN("dc zva, x0", UART_BASE, 0x1234));
	check_refused("dc zva, x0", a, UART_BASE, 0x1234);
	IS(mmio_read32(IBRD), 0x7777, "it was not zeroed");
}

/* By set and way: EL2 does it by address, a piece at a time, which guests.t counts. */
static void set_way(void)
{
	TRY({
		__asm__ volatile("dc isw, %0" : : "r"(0UL) : "memory");
		__asm__ volatile("dc csw, %0" : : "r"(0UL) : "memory");
		__asm__ volatile("dc cisw, %0" : : "r"(0UL) : "memory");
	});
	IS(taken.count, 0, "clean and invalidate by set and way");
}

/* What is at a register of the frame's end, and at registers that are not there. */
static void every_offset(void)
{
	u64 bad = 0;

	TRY({
		for (u64 at = 0; at < 0x1000; at += 4)
			if (at != 0)
				bad += mmio_read32(UART_BASE + at) >> 16;
		for (u64 at = 0; at < 0x1000; at += 1)
			bad += at >= 4 && mmio_read8(UART_BASE + at) > 0xff;
	});
	IS(taken.count + bad, 0, "every register can be read");
	TRY({
		for (u64 at = 4; at < 0x1000; at += 4)
			mmio_write32(UART_BASE + at, 0xffffffff);
		for (u64 at = 8; at < 0x1000; at += 8)
			mmio_write64(UART_BASE + at, 0);
	});
	IS(taken.count, 0, "every register can be written");
	LOAD("ldr w1, [x0]", ID0, 0x11);
}

void guest(void)
{
	write_sysreg(cpacr_el1, 3UL << 20);
	isb();
	loads();
	stores();
	without_syndrome();
	atomics();
	set_way();
	every_offset();
	mmio_write32(IBRD, 0x7777);
	maintenance();
}
