/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what exits cost, in instructions, EL2's included: rows t1 to t7 and t10 of
 * docs/benchmarks.md.  It is given the machine's counters (tf.pmu=direct) and is exact where QEMU
 * runs with -icount.  Boot arguments: blocks=1 measures 2 MiB faults and their least work instead;
 * keys=1 waits for a key before and behind the measuring, so that EL2's own counts can be read.
 *
 * Each event is measured by itself, in one asm statement between two reads of the counter, and
 * counts only if it did what it should: the value read is right, the page was zero, the
 * interrupt came once and was that one.  What is made between the keys is counted and said.
 *
 *	row NAME MEDIAN MIN MAX EVENTS        made KIND COUNT
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum {
	EMPTY = 9,
	SAMPLES = 256,
	BLOCKS = 16,
	GICD_IIDR = 8,
	IIDR = 0x0054043b,
	UART_FR = 0x18,
	FR_EMPTY = 0x90,
	SGI = 3,
	VIRTUAL_TIMER = 27,
};

#define PAGE 4096UL
#define SIZE_2M (1UL << 21)
#define FRESH (RAM_BASE + 0x1000000) /* nobody has touched what lies from here on */

struct row {
	const char *name;
	u64 sample[SAMPLES], count, wrong;
};

enum { T1, T2, T3, T4, T5, T6, T7, SCRUB, CLEAN, ROWS };

static struct row rows[ROWS] = {
	{ .name = "t1" }, { .name = "t2" },    { .name = "t3" },
	{ .name = "t4" }, { .name = "t5" },    { .name = "t6" },
	{ .name = "t7" }, { .name = "scrub" }, { .name = "clean" },
};

static u64 empty; /* what measuring nothing costs: the least, for any may be interrupted */
static u64 made_mmio, made_hvc, made_sgi; /* since the first key, by us */

/* The counter into %0 before and %1 behind one statement, whose operands begin with %2. */
#define AROUND(before, behind, text, ...)                                                          \
	__asm__ volatile("isb\n\tmrs %0, pmevcntr0_el0\n\t" text                                   \
			 "\n\tisb\n\tmrs %1, pmevcntr0_el0"                                        \
			 : "=&r"(before), "=&r"(behind)__VA_ARGS__)

/* The counter has 32 bits, and no event needs more. */
static u64 cost_of(u64 before, u64 behind)
{
	return (u32)(behind - before) - empty;
}

/*
 * An interrupt's shortest way: it is noted in x11, counted in x12, its source is switched off, it
 * is ended.  Everything else that comes is an error: x12 says so.
 */
__asm__("	.text\n"
	"	.balign 2048\n"
	"bench_vectors:\n"
	"	.space 0x280\n"
	"	mrs	x11, S3_0_C12_C12_0\n" /* ICC_IAR1_EL1 */
	"	msr	cntv_ctl_el0, xzr\n"
	"	isb\n"
	"	msr	S3_0_C12_C12_1, x11\n" /* ICC_EOIR1_EL1 */
	"	add	x12, x12, #1\n"
	"	eret\n"
	"	.balign 2048\n");
extern char bench_vectors[];

/* Counter 0 counts instructions at EL0, EL1 and EL2. */
static void start_counter(void)
{
	u64 before, behind, least = ~0UL;

	write_sysreg(pmevtyper0_el0, put(PMEVTYPER_EVENT, PMU_INST_RETIRED) | PMEVTYPER_NSH);
	write_sysreg(pmcntenset_el0, BIT(0));
	write_sysreg(pmcr_el0, PMCR_E | PMCR_P);
	isb();
	for (u32 i = 0; i < EMPTY; i++) {
		AROUND(before, behind, "", : : "memory");
		least = min_u64(least, (u32)(behind - before));
	}
	empty = least;
}

static void note(struct row *r, u64 cost, bool right)
{
	r->sample[r->count++] = cost;
	r->wrong += !right;
}

static u64 timed_load(u64 address, u64 *value)
{
	u64 before, behind, got;

	AROUND(before, behind, "ldr %2, [%3]", , "=&r"(got) : "r"(address) : "memory");
	*value = got;
	return cost_of(before, behind);
}

static u64 timed_load32(u64 address, u64 *value)
{
	u64 before, behind, got;

	AROUND(before, behind, "ldr %w2, [%3]", , "=&r"(got) : "r"(address) : "memory");
	*value = got;
	return cost_of(before, behind);
}

/* The first touch against the second of the same place, which must cost one instruction. */
static void faults(struct row *r, u32 n, u64 step)
{
	for (u32 i = 0; i < n; i++) {
		u64 at = FRESH + i * step, first, second;
		u64 cost = timed_load(at, &first);
		u64 again = timed_load(at, &second);

		note(r, cost, first == 0 && again == 1 && cost > 1);
	}
}

static void calls(void)
{
	for (u32 i = 0; i < SAMPLES; i++) {
		register u64 x0 __asm__("x0") = TF_CALL_NULL;
		u64 before, behind;

		AROUND(before, behind, "hvc #0", , "+r"(x0) : : "x1", "x2", "x3", "memory");
		note(&rows[T3], cost_of(before, behind), x0 == 0 && behind - before > 1 + empty);
		made_hvc++;
	}
}

static void registers(struct row *r, u64 address, u64 want)
{
	for (u32 i = 0; i < SAMPLES; i++) {
		u64 value, cost = timed_load32(address, &value);

		note(r, cost, value == want && cost > 1);
		made_mmio++;
	}
}

struct came {
	u64 cost, intid, times;
};

/* From the instruction that raises it to the one behind its handler. */
static struct came come_timer(void)
{
	register u64 x11 __asm__("x11") = 0;
	register u64 x12 __asm__("x12") = 0;
	u64 before, behind;

	AROUND(before, behind, "msr cntv_ctl_el0, %4\n\tisb\n1:\tcbz x12, 1b", , "+r"(x11),
	       "+r"(x12)
	       : "r"(CNT_CTL_ENABLE)
	       : "memory");
	return (struct came){ cost_of(before, behind), x11, x12 };
}

/* By ICC_SGI1R_EL1, to the CPU with Aff0 = 0, which is this one. */
static struct came come_sgi(void)
{
	register u64 x11 __asm__("x11") = 0;
	register u64 x12 __asm__("x12") = 0;
	u64 before, behind;

	AROUND(before, behind, "msr S3_0_C12_C11_5, %4\n\tisb\n1:\tcbz x12, 1b", , "+r"(x11),
	       "+r"(x12)
	       : "r"(put(BITS(27, 24), SGI) | 1)
	       : "memory");
	return (struct came){ cost_of(before, behind), x11, x12 };
}

static void interrupts(void)
{
	rt_gic_on();
	rt_gic_enable(SGI, 0x80);
	rt_gic_enable(VIRTUAL_TIMER, 0x80);
	made_mmio += RT_GIC_ON_MMIO + 2 * RT_GIC_ENABLE_MMIO;
	write_sysreg(vbar_el1, (u64)bench_vectors);
	write_sysreg(cntv_cval_el0, 0);
	isb();
	rt_irqs(true);
	for (u32 i = 0; i < SAMPLES; i++) {
		struct came c = come_timer();

		note(&rows[T6], c.cost, c.intid == VIRTUAL_TIMER && c.times == 1);
	}
	for (u32 i = 0; i < SAMPLES; i++) {
		struct came c = come_sgi();

		note(&rows[T7], c.cost, c.intid == SGI && c.times == 1);
		made_sgi++;
	}
	rt_irqs(false);
	write_sysreg(vbar_el1, (u64)rt_vectors);
	isb();
}

/* What a 2 MiB fault cannot do without: the loops that zero and clean as much. */
#define FOUR_TIMES(op)                                                                             \
	"1:\n\t" op ", %2\n\tadd %2, %2, %3\n\t" op ", %2\n\tadd %2, %2, %3\n\t" op                \
	", %2\n\tadd %2, %2, %3\n\t" op ", %2\n\tadd %2, %2, %3\n\tcmp %2, %4\n\tb.lo 1b"

static void scrub_block(void)
{
	u64 size = 4UL << get(DCZID_BS, read_sysreg(dczid_el0));
	u64 before, behind, at = FRESH, end = FRESH + SIZE_2M;
	volatile u64 *last = (volatile u64 *)(end - 8);

	*last = 1;
	AROUND(before, behind, FOUR_TIMES("dc zva"), , "+&r"(at)
	       : "r"(size), "r"(end)
	       : "memory", "cc");
	note(&rows[SCRUB], cost_of(before, behind), *last == 0 && at == end);
}

static void clean_block(void)
{
	u64 size = 4UL << get(CTR_DMINLINE, read_sysreg(ctr_el0));
	u64 before, behind, at = FRESH, end = FRESH + SIZE_2M;

	AROUND(before, behind, FOUR_TIMES("dc cvac"), , "+&r"(at)
	       : "r"(size), "r"(end)
	       : "memory", "cc");
	note(&rows[CLEAN], cost_of(before, behind), at == end);
}

static void sort(u64 *a, u64 n)
{
	for (u64 i = 1; i < n; i++)
		for (u64 j = i; j && a[j - 1] > a[j]; j--) {
			u64 t = a[j];

			a[j] = a[j - 1];
			a[j - 1] = t;
		}
}

static void tell(struct row *r)
{
	if (!r->count)
		return;
	sort(r->sample, r->count);
	say("row %s %lu %lu %lu %lu%s", r->name, r->sample[r->count / 2], r->sample[0],
	    r->sample[r->count - 1], r->count, r->wrong ? " WRONG" : "");
}

static void wait_key(const char *why)
{
	if (!rt_arg("keys", 0))
		return;
	say(why);
	rt_key();
}

static void measure(bool blocks)
{
	if (blocks) {
		faults(&rows[T2], BLOCKS, SIZE_2M);
		return;
	}
	faults(&rows[T1], SAMPLES, PAGE);
	calls();
	registers(&rows[T4], GICD_BASE + GICD_IIDR, IIDR);
	registers(&rows[T5], UART_BASE + UART_FR, FR_EMPTY);
	interrupts();
}

void guest(void)
{
	bool blocks = rt_arg("blocks", 0) != 0;

	rt_mmu_on(0);
	start_counter();
	wait_key("ready");
	measure(blocks);
	wait_key("measured");
	if (blocks) {
		scrub_block();
		clean_block();
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tell(&rows[i]);
	say("empty %lu", empty);
	say("made hvc %lu", made_hvc);
	say("made mmio %lu", made_mmio);
	say("made sgi %lu", made_sgi);
	say("made faults %lu", rows[T1].count + rows[T2].count);
	say("made timers %lu", rows[T6].count);
	say("entered %lu of %lu", rt_entry[ENTRY_TIME], read_sysreg(cntfrq_el0));
	say("measured all");
	rt_off();
}
