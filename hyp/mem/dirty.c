/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log.  It keeps true:
 * 1. bits and found are there exactly while a log runs;
 * 2. a log ends before its VM's tables do.
 */
#include "hyp/mem/dirty.h"

#include "hyp/dev/print.h"
#include "hyp/vm/vm.h"
#include "include/check.h"
#include "lib/str.h"
#include "mm/kmalloc.h"

static ipa_t ram_base(void)
{
	return mk_ipa(VM_RAM_BASE);
}

static u64 bitmap_bytes(const struct vm *vm)
{
	return s2_log_words(&vm->geo, vm->config.mem) * sizeof(u64);
}

static u64 *alloc_bitmap(const struct vm *vm)
{
	u64 *bits = kmalloc(bitmap_bytes(vm), GFP_KERNEL);

	if (bits)
		memset(bits, 0, bitmap_bytes(vm));
	return bits;
}

static void free_bitmaps(struct vm *vm)
{
	if (vm->dirty.bits)
		kfree(vm->dirty.bits);
	if (vm->dirty.found)
		kfree(vm->dirty.found);
	vm->dirty.bits = NULL;
	vm->dirty.found = NULL;
}

enum err dirty_start(struct vm *vm, enum s2_grain grain)
{
	struct dirty *d = &vm->dirty;
	enum err e = ERR_NOMEM;

	if (d->bits)
		return ERR_BUSY;
	d->bits = alloc_bitmap(vm);
	d->found = alloc_bitmap(vm);
	if (d->bits && d->found)
		e = s2_log_start(&vm->s2, &d->log, ram_base(), vm->config.mem, grain, d->bits);
	if (e != OK)
		free_bitmaps(vm);
	return e;
}

enum err dirty_harvest(struct vm *vm, u64 *count)
{
	struct dirty *d = &vm->dirty;

	if (!d->bits)
		return ERR_NOENT;
	memset(d->found, 0, bitmap_bytes(vm));
	return s2_log_harvest(&vm->s2, ram_base(), vm->config.mem, d->found, count);
}

enum err dirty_stop(struct vm *vm)
{
	u64 groups;
	enum err e;

	if (!vm->dirty.bits)
		return ERR_NOENT;
	e = s2_log_stop(&vm->s2);
	free_bitmaps(vm);
	if (e == OK)
		e = s2_hint(&vm->s2, ram_base(), vm->config.mem, &groups);
	return e;
}

enum err dirty_write(struct vm *vm, ipa_t ipa)
{
	enum err e = s2_log_write(&vm->s2, ipa);

	if (e != ERR_NOMEM)
		return e;
	log_line("[%s] its dirty log ends here: there is no table for one page of a block",
		 vm->config.name);
	return dirty_stop(vm);
}

u64 *dirty_age(struct vm *vm, u64 *young)
{
	u64 *bits = alloc_bitmap(vm);
	bool ram_is_a_range;

	if (!bits)
		return NULL;
	ram_is_a_range = s2_age(&vm->s2, ram_base(), vm->config.mem, bits, young) == OK;
	CHECK(ram_is_a_range);
	return bits;
}
