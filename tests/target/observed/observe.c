/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace channel, and the port as the observed s2/ sees it.  It keeps true:
 * 1. lines are numbered in the order in which they are written, and a store and its line are one
 *    step: the order of the trace is an order in which things happened;
 * 2. a TLBI stands in the trace before it is issued, a DSB after it is complete: what the trace
 *    says is over is over.
 */
#include "tests/target/observed/observe.h"

#include <stdarg.h>

#include "hyp/boot/boot.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/channel.h"
#include "include/spin.h"
#include "lib/fmt.h"
#include "s2/port.h"
#include "s2/s2.h"

static struct spin lock;
static u64 events;
static bool asked, open;

/* A trace with a hole says so: no judge knows this event, and so none accepts it. */
static void own_up(void)
{
	u64 lost = channel_lost();
	char text[64];

	if (lost)
		channel_write(text, fmt(text, sizeof(text), "\nS2EV %lu %u lost %lu\n", events++,
					percpu()->cpu, lost));
}

static void line(const char *format, va_list args)
{
	char text[160];
	size_t n;

	if (!asked)
		open = channel_init(&boot_info.machine);
	asked = true;
	if (!open)
		return;
	own_up();
	n = fmt(text, sizeof(text), "S2EV %lu %u ", events++, percpu()->cpu);
	n += fmt_v(text + n, sizeof(text) - n, format, args);
	text[n++] = '\n';
	channel_write(text, n);
}

static void printf_like(1, 2) line_of(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(format, args);
	va_end(args);
}

void observe(const char *format, ...)
{
	va_list args;

	spin_lock(&lock);
	va_start(args, format);
	line(format, args);
	va_end(args);
	spin_unlock(&lock);
}

/* ---- Stores ---- */

void observe_store(u64 *entry, u64 value)
{
	spin_lock(&lock);
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	line_of("w %lx %lx rel", (u64)entry, value);
	spin_unlock(&lock);
}

void observe_write(u64 *entry, u64 value)
{
	*entry = value;
	observe("w %lx %lx", (u64)entry, value);
}

u64 observe_exchange(u64 *entry, u64 value)
{
	u64 old;

	spin_lock(&lock);
	old = __atomic_exchange_n(entry, value, __ATOMIC_ACQ_REL);
	line_of("w %lx %lx rel", (u64)entry, value);
	spin_unlock(&lock);
	return old;
}

bool observe_cas(u64 *entry, u64 *expected, u64 value)
{
	bool done;

	spin_lock(&lock);
	done = __atomic_compare_exchange_n(entry, expected, value, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
	if (done)
		line_of("w %lx %lx rel", (u64)entry, value);
	spin_unlock(&lock);
	return done;
}

/* ---- The port's inline part: observe.c itself is compiled with the one that ships ---- */

#define BARRIER(f, text)                                                                           \
	void observe_##f(void)                                                                     \
	{                                                                                          \
		s2_port_##f();                                                                     \
		observe(text);                                                                     \
	}
BARRIER(dsb_ishst, "dsb ishst")
BARRIER(dsb_ish, "dsb ish")
BARRIER(isb, "isb")

#define TLBI_ADDRESS(op)                                                                           \
	void observe_tlbi_##op(u64 xt)                                                             \
	{                                                                                          \
		observe("tlbi " #op " %lx", xt);                                                   \
		s2_port_tlbi_##op(xt);                                                             \
	}
TLBI_ADDRESS(ipas2e1is)
TLBI_ADDRESS(ipas2le1is)
TLBI_ADDRESS(ripas2e1is)
TLBI_ADDRESS(ripas2le1is)

#define TLBI_ALL(op)                                                                               \
	void observe_tlbi_##op(void)                                                               \
	{                                                                                          \
		observe("tlbi " #op);                                                              \
		s2_port_tlbi_##op();                                                               \
	}
TLBI_ALL(alle1is)
TLBI_ALL(vmalle1is)
TLBI_ALL(vmalls12e1is)

u64 observe_vttbr_enter(u64 vttbr)
{
	u64 old = s2_port_vttbr_enter(vttbr);

	observe("vttbr %lx", vttbr);
	observe("isb");
	return old;
}

void observe_vttbr_leave(u64 old)
{
	s2_port_vttbr_leave(old);
	observe("vttbr %lx", old);
	observe("isb");
}

/* ---- The port's linked part: the linker's names for the wrapped and the real ---- */

u64 *__real_s2_port_table_alloc(struct s2 *s2, unsigned int pages);
u64 *__wrap_s2_port_table_alloc(struct s2 *s2, unsigned int pages);
u64 *__wrap_s2_port_table_alloc(struct s2 *s2, unsigned int pages)
{
	u64 *table = __real_s2_port_table_alloc(s2, pages);

	if (table)
		observe("alloc %lx %lx", (u64)table, pages * 4096UL);
	return table;
}

/* The same function: "alloc" says that the pages are zero. */
u64 *__wrap_s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages);
u64 *__wrap_s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages)
{
	return __wrap_s2_port_table_alloc(s2, pages);
}

void __real_s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages);
void __wrap_s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages);
void __wrap_s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages)
{
	if (table == s2->root)
		observe("droot %lx", (u64)table);
	observe("free %lx %lx", (u64)table, pages * 4096UL);
	__real_s2_port_table_free(s2, table, pages);
}
