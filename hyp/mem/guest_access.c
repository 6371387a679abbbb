/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's own accesses to guest RAM.  It keeps true:
 * 1. there is one way to the bytes, guest_mem_at(): it asks stage 2 what the guest may do, and
 *    leaves the marks that the guest's own access would;
 * 2. a leaf is marked dirty before it is written: a harvest between the two finds it, and so does
 *    the next one if the write comes after, because the caller lets none come between.
 */
#include "arch/desc.h"
#include "hyp/mem/dirty.h"
#include "hyp/mem/guest_mem.h"
#include "include/check.h"
#include "lib/str.h"

bool guest_mem_is_ram(const struct vm *vm, ipa_t ipa, u64 n)
{
	return ipa.v >= VM_RAM_BASE && range_within(ipa.v - VM_RAM_BASE, n, vm->config.mem - 1);
}

static bool find(const struct vm *vm, ipa_t ipa, struct s2_leaf *leaf)
{
	return s2_lookup(&vm->s2, ipa, leaf) == OK;
}

/* A clean leaf of the dirty log becomes dirty, which may split it; false where there is none. */
static bool make_writable(struct vm *vm, ipa_t ipa, struct s2_leaf *leaf)
{
	if (!s2_leaf_attr(&vm->s2, leaf).dbm || dirty_write(vm, ipa) != OK)
		return false;
	CHECK(find(vm, ipa, leaf));
	return (s2_leaf_attr(&vm->s2, leaf).perm & S2_W) != 0;
}

void *guest_mem_at(struct vm *vm, ipa_t ipa, u64 n, u8 want, u64 *got)
{
	struct s2_leaf leaf;
	struct s2_attr attr;
	u64 offset;

	if (!guest_mem_is_ram(vm, ipa, 1) || guest_mem_fault_in(vm, ipa) != OK)
		return NULL;
	CHECK(find(vm, ipa, &leaf));
	attr = s2_leaf_attr(&vm->s2, &leaf);
	if (want & ~attr.perm & S2_R)
		return NULL;
	if ((want & ~attr.perm & S2_W) && !make_writable(vm, ipa, &leaf))
		return NULL;
	if (!attr.accessed)
		CHECK(s2_mark_accessed(&vm->s2, ipa) == OK);
	offset = ipa.v - leaf.ipa.v;
	*got = min_u64(n, leaf.size - offset);
	return (void *)(leaf.pa.v + offset);
}

enum err guest_mem_write(struct vm *vm, ipa_t to, const void *from, u64 n)
{
	const char *source = from;

	if (n && !guest_mem_is_ram(vm, to, n))
		return ERR_RANGE;
	while (n) {
		u64 step;
		void *at = guest_mem_at(vm, to, n, S2_W, &step);

		if (!at)
			return ERR_PERM;
		memcpy(at, source, step);
		guest_mem_publish(vm, mk_pa((u64)at), step);
		source += step;
		to.v += step;
		n -= step;
	}
	return OK;
}

enum err guest_mem_read(struct vm *vm, void *to, ipa_t from, u64 n)
{
	char *target = to;

	if (n && !guest_mem_is_ram(vm, from, n))
		return ERR_RANGE;
	while (n) {
		u64 step;
		const void *at = guest_mem_at(vm, from, n, S2_R, &step);

		if (!at)
			return ERR_PERM;
		memcpy(target, at, step);
		target += step;
		from.v += step;
		n -= step;
	}
	return OK;
}
