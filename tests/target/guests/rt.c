/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C part of a raw guest.
 * 1. With the MMU off all memory is device memory: nothing here is unaligned or exclusive.
 * 2. An exception that nobody armed for is said in one line and ends the test: `Bail out!`.
 */
#include "tests/target/guests/rt.h"

#include "abi/hypercall.h"
#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

enum { IRQ_VECTOR = 5, FIQ_VECTOR = 6, SERROR_VECTOR = 3, MOST_TAKEN = 1000 };

struct frame {
	u64 x[31];
	u64 elr, spsr, esr, far;
};

_Static_assert(offsetof(struct frame, elr) == FRAME_ELR, "start.S stores it there");
_Static_assert(offsetof(struct frame, esr) == FRAME_ESR, "start.S stores it there");
_Static_assert(sizeof(struct frame) <= FRAME_SIZE, "start.S leaves that much room");

no_return void rt_main(void);
void rt_exception(struct frame *f, u64 vector);

struct taken taken;
struct serrors serrors;
u64 rt_entry[10];
u64 rt_resume; /* where rt_jump() goes on; 0 outside it */
u64 rt_el0_return;

static bool armed, for_ever;
static u32 tests;
static u64 table[512] aligned_to(4096);
static u64 random_state = 0x9e3779b97f4a7c15UL;

/* ---- Output ---------------------------------------------------------------------------------- */

void say(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	fmt_v(line, sizeof(line), format, args);
	va_end(args);
	for (const char *c = line; *c; c++)
		mmio_write32(UART_BASE, (u8)*c);
	mmio_write32(UART_BASE, '\n');
}

void rt_ok(bool ok, const char *name)
{
	say("%s %u - %s", ok ? "ok" : "not ok", ++tests, name);
}

void rt_is(u64 have, u64 want, const char *name)
{
	rt_ok(have == want, name);
	if (have != want)
		say("# have 0x%lx, want 0x%lx", have, want);
}

static no_return void rest(void)
{
	for (;;)
		wfi();
}

void rt_end(void)
{
	u32 size;
	const char *args = rt_prop("chosen", "bootargs", &size);
	const char *nonce = args ? strstr(args, "nonce=") : NULL;
	size_t n = 0;

	say("1..%u", tests);
	while (nonce && nonce[6 + n] && nonce[6 + n] != ' ')
		n++;
	if (nonce)
		say("# nonce %.*s", (int)n, nonce + 6);
	say("# end");
	rest();
}

void rt_off(void)
{
	hvc_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	say("Bail out! SYSTEM_OFF came back");
	rest();
}

void rt_reset(void)
{
	hvc_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	say("Bail out! SYSTEM_RESET came back");
	rest();
}

/* ---- Exceptions ------------------------------------------------------------------------------ */

void rt_arm(void)
{
	taken = (struct taken){ 0 };
	armed = true;
}

void rt_arm_for_ever(void)
{
	rt_arm();
	for_ever = true;
}

static u64 *log_esr, log_at, log_count;

void rt_log(u64 at, u64 *log, u64 n)
{
	log_at = at;
	log_esr = log;
	log_count = n;
}

static void note(const struct frame *f)
{
	u64 i = (f->elr - log_at) / 4;

	if (i < log_count)
		log_esr[i] = f->esr;
}

void rt_disarm(void)
{
	armed = false;
}

void rt_serrors(bool on)
{
	serrors.wanted |= on;
	if (on)
		daif_unmask_serror();
	else
		daif_mask_serror();
	isb();
}

static void take_serror(const struct frame *f)
{
	serrors.count++;
	serrors.esr = f->esr;
	serrors.elr = f->elr;
}

static bool is_fetch(u64 esr)
{
	u64 ec = get(ESR_EC, esr);

	return ec == EC_IABT_LOW || ec == EC_IABT_CUR || ec == EC_PC_ALIGN;
}

static void go_on(struct frame *f)
{
	if (rt_resume)
		f->elr = rt_resume;
	else if (is_fetch(f->esr))
		f->elr = f->x[30];
	else
		f->elr += 4;
}

void rt_exception(struct frame *f, u64 vector)
{
	u64 ec = get(ESR_EC, f->esr);

	if ((vector == 8 && ec == EC_SVC64) || (vector == 12 && ec == EC_SVC32)) {
		f->elr = rt_el0_return;
		f->spsr = 0x3c5;
		return;
	}
	if (vector == IRQ_VECTOR) {
		rt_take_irq();
		return;
	}
	if (vector == FIQ_VECTOR) {
		rt_take_fiq();
		return;
	}
	if (vector % 4 == SERROR_VECTOR && serrors.wanted) {
		take_serror(f);
		return;
	}
	if (!armed || (++taken.count > MOST_TAKEN && !for_ever)) {
		armed = false;
		say("Bail out! exception: vector %lu, ESR 0x%lx (%s), FAR 0x%lx, ELR 0x%lx", vector,
		    f->esr, esr_ec_name((unsigned int)get(ESR_EC, f->esr)), f->far, f->elr);
		rest();
	}
	taken.vector = vector;
	taken.esr = f->esr;
	taken.far = f->far;
	taken.elr = f->elr;
	taken.spsr = f->spsr;
	note(f);
	go_on(f);
}

/* ---- The tree -------------------------------------------------------------------------------- */

static u32 cell(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

const void *rt_prop(const char *node, const char *name, u32 *size)
{
	const u8 *tree = (const u8 *)rt_entry[0];
	const u8 *p = tree + cell(tree + 8);
	const char *strings = (const char *)tree + cell(tree + 12);
	bool inside = false;

	*size = 0;
	for (;; p += 4) {
		switch (cell(p)) {
		case 1:
			inside = strncmp((const char *)p + 4, node, strlen(node)) == 0;
			p += (strlen((const char *)p + 4) + 4) & ~3UL;
			break;
		case 3:
			*size = cell(p + 4);
			if (inside && strcmp(strings + cell(p + 8), name) == 0)
				return p + 12;
			p += 8 + ((*size + 3) & ~3u);
			break;
		case 2: inside = false; break;
		case 4: break;
		default: *size = 0; return NULL;
		}
	}
}

u64 rt_ram_size(void)
{
	u32 size;
	const u8 *reg = rt_prop("memory", "reg", &size);

	return size == 16 ? (u64)cell(reg + 8) << 32 | cell(reg + 12) : 0;
}

u64 rt_arg(const char *key, u64 otherwise)
{
	u32 size;
	const char *args = rt_prop("chosen", "bootargs", &size);
	char wanted[24], value[24];
	size_t n = 0;
	u64 number;

	fmt(wanted, sizeof(wanted), "%s=", key);
	args = args ? strstr(args, wanted) : NULL;
	if (!args)
		return otherwise;
	args += strlen(wanted);
	while (args[n] && args[n] != ' ' && n + 1 < sizeof(value))
		n++;
	memcpy(value, args, n);
	value[n] = '\0';
	return parse_size(value, &number) == OK ? number : otherwise;
}

/* ---- Stage 1 --------------------------------------------------------------------------------- */

#define MAIR_WB 0xffUL /* index 0: normal, write-back; index 1: device nGnRnE */
#define BLOCK_1G (DESC_VALID | DESC_AF | put(DESC_SH, DESC_SH_INNER))
#define TCR_39_39                                                                                  \
	(25UL | 1UL << 8 | 1UL << 10 | 3UL << 12 | 25UL << 16 | 1UL << 24 | 1UL << 26 |            \
	 3UL << 28 | 2UL << 30 | 2UL << 32)
#define SCTLR_M_C_I (1UL << 0 | 1UL << 2 | 1UL << 12)

static void new_tables(void)
{
	dsb_sy();
	tlbi_vmalle1();
	dsb_sy();
	isb();
}

void rt_mmu_on(u64 ttbr1)
{
	for (u64 i = 0; i < ARRAY_SIZE(table); i++)
		table[i] = i << 30 | BLOCK_1G | put(S1_DESC_ATTRINDX, i == 0);
	write_sysreg(mair_el1, MAIR_WB);
	write_sysreg(tcr_el1, TCR_39_39);
	write_sysreg(ttbr0_el1, (u64)table);
	write_sysreg(ttbr1_el1, ttbr1);
	new_tables();
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | SCTLR_M_C_I);
	isb();
}

void rt_set_upper(u64 ttbr1)
{
	write_sysreg(ttbr1_el1, ttbr1);
	new_tables();
}

void rt_devices_as_memory(void)
{
	table[0] = 0;
	new_tables();
	table[0] = BLOCK_1G;
	new_tables();
}

/* ---- The rest -------------------------------------------------------------------------------- */

u64 rt_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dUL;
}

u64 rt_time_ms(void)
{
	isb();
	return read_sysreg(cntvct_el0) / (read_sysreg(cntfrq_el0) / 1000);
}

u64 rt_machine_ahead(void)
{
	u64 machine;

	isb();
	machine = read_sysreg(cntpct_el0);
	isb();
	return machine - read_sysreg(cntvct_el0);
}

void rt_main(void)
{
	guest();
	rt_end();
}
