/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's address space, and the port its tables stand on.  Invariants:
 * 1. table_offset is 0 until the MMU is on and LINEAR_BASE afterwards, so a table is reached
 *    at the address that works;
 * 2. a table page is one of the image's boot_tables, as long as there are some, else one of
 *    guest/kernel/pages.h; where it came from, it goes back to;
 * 3. boot_tables are zero at entry (bss) and a returned one is zeroed when taken again.
 */
#include "guest/vm/space.h"

#include "arch/insn.h"
#include "guest/boot/image.h"
#include "guest/kernel/pages.h"
#include "guest/vm/layout.h"
#include "guest/vm/port.h"
#include "lib/str.h"

static struct s1 kernel;
static u64 table_offset;
static u64 boot_tables_used; /* pages of boot_tables that were ever taken */
static u64 boot_table_spare; /* a chain of those given back, by physical address; 0 ends it */
static u64 device_next = DEVICE_BASE;

u64 *s1_port_table(pa_t table)
{
	return (u64 *)(table.v + table_offset);
}

u64 s1_port_load(const u64 *slot)
{
	return *(const volatile u64 *)slot;
}

void s1_port_store(u64 *slot, u64 desc)
{
	*(volatile u64 *)slot = desc;
}

/* The physical address of boot_tables, MMU on or off. */
static u64 boot_base(void)
{
	return (u64)boot_tables - table_offset;
}

enum err s1_port_get(pa_t *out)
{
	u64 next = boot_base() + boot_tables_used * S1_PAGE;

	if (boot_table_spare != 0) {
		*out = mk_pa(boot_table_spare);
		boot_table_spare = *s1_port_table(*out);
		*s1_port_table(*out) = 0;
		return OK;
	}
	if (next + table_offset < (u64)boot_tables_end) {
		boot_tables_used++;
		*out = mk_pa(next);
		return OK;
	}
	return pages_get_zeroed(out);
}

void s1_port_put(pa_t table)
{
	u64 *t = s1_port_table(table);

	if (t < (u64 *)boot_tables || t >= (u64 *)boot_tables_end) {
		pages_free(table, 0);
		return;
	}
	memset(t, 0, S1_PAGE);
	*t = boot_table_spare;
	boot_table_spare = table.v;
}

void s1_port_publish(void)
{
	dsb_ishst();
	isb();
}

/* VA[55:12] in the operand's low bits; all ASIDs, leaf and walk entries. */
void s1_port_invalidate(u64 va)
{
	tlbi_vaae1is((va >> 12) & BITS(43, 0));
}

void s1_port_sync(void)
{
	dsb_ish();
	isb();
}

enum err space_init(void)
{
	return s1_init(&kernel, LINEAR_BASE);
}

void space_go_linear(void)
{
	table_offset = LINEAR_BASE;
}

pa_t space_root(void)
{
	return kernel.root;
}

u64 space_table_count(void)
{
	return kernel.tables;
}

enum err space_map(u64 va, pa_t pa, u64 size, unsigned int prot)
{
	return s1_map(&kernel, va, pa, size, prot);
}

/* True where the change would break a block of the linear map. */
static bool is_forbidden(u64 va, u64 size)
{
	return va >= LINEAR_BASE && va - LINEAR_BASE < LINEAR_SIZE &&
	       s1_would_split(&kernel, va, size);
}

enum err space_unmap(u64 va, u64 size)
{
	return is_forbidden(va, size) ? ERR_PERM : s1_unmap(&kernel, va, size);
}

enum err space_protect(u64 va, u64 size, unsigned int prot)
{
	return is_forbidden(va, size) ? ERR_PERM : s1_protect(&kernel, va, size, prot);
}

enum err space_walk(u64 va, struct s1_walk *w)
{
	return s1_walk(&kernel, va, w);
}

const char *space_check(u64 *va)
{
	return s1_check(&kernel, va);
}

enum err space_map_ram(pa_t pa, u64 size)
{
	if (!range_within(pa.v, size, LINEAR_SIZE - 1))
		return ERR_RANGE;
	return space_map(LINEAR_BASE + pa.v, pa, size, S1_WRITE);
}

enum err space_map_device(pa_t pa, u64 size, u64 *va)
{
	u64 offset = pa.v % S1_PAGE;
	u64 span;
	enum err e;

	if (!range_within(pa.v, size, BITS(47, 0)))
		return ERR_RANGE;
	span = align_up(offset + size, S1_PAGE);
	if (!range_within(device_next - DEVICE_BASE, span, DEVICE_SIZE - 1))
		return ERR_FULL;
	e = space_map(device_next, mk_pa(pa.v - offset), span, S1_WRITE | S1_DEVICE);
	if (e != OK)
		return e;
	*va = device_next + offset;
	device_next += span + S1_PAGE; /* a hole between devices */
	return OK;
}
