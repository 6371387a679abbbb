/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2 log, s2 age, s2 protect: the dirty log of a guest's RAM, its access flags, its permissions.
 */
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/mem/dirty.h"
#include "hyp/vm/vm.h"
#include "include/bits.h"
#include "lib/str.h"
#include "mm/kmalloc.h"

static u64 granules(const struct vm *vm)
{
	return vm->config.mem >> vm->geo.granule_shift;
}

static bool bit(const u64 *bits, u64 i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void print_run(const struct vm *vm, u64 first, u64 count)
{
	u64 start = VM_RAM_BASE + (first << vm->geo.granule_shift);
	u64 size = count << vm->geo.granule_shift;

	print("0x%08lx  0x%08lx  %6s\n", start, start + size, size_text(size));
}

/* The runs of a bitmap over RAM, a line each; returns how many. */
static u64 print_runs(const struct vm *vm, const u64 *bits)
{
	u64 runs = 0, first = 0;

	for (u64 i = 0; i <= granules(vm); i++) {
		bool set = i < granules(vm) && bit(bits, i);
		bool was = i > 0 && bit(bits, i - 1);

		if (set && !was)
			first = i;
		if (!set && was) {
			print_run(vm, first, i - first);
			runs++;
		}
	}
	return runs;
}

/* ---- s2 log --------------------------------------------------------------------------------- */

static enum command_result no_log(const struct vm *vm)
{
	return command_fail("%s has no dirty log: s2 log %s start", vm->config.name,
			    vm->config.name);
}

static enum command_result log_start(struct vm *vm, enum s2_grain grain)
{
	enum err e = dirty_start(vm, grain);

	if (e == ERR_BUSY)
		return command_fail("%s has a dirty log already", vm->config.name);
	if (e != OK)
		return command_fail("%s: the dirty log: %s", vm->config.name, err_text(e));
	print("dirty log of %s: %lu granules of %s, grain %s, by %s\n", vm->config.name,
	      granules(vm), size_text(s2_table_size(&vm->geo)),
	      grain == S2_GRAIN_PAGE ? "page" : "block",
	      vm->geo.features & S2_HW_DIRTY ? "hardware" : "faults");
	return COMMAND_OK;
}

static enum command_result log_harvest(struct vm *vm)
{
	u64 count, runs;
	enum err e = dirty_harvest(vm, &count);

	if (e == ERR_NOENT)
		return no_log(vm);
	if (e != OK)
		return command_fail("%s: the dirty log: %s", vm->config.name, err_text(e));
	runs = print_runs(vm, vm->dirty.found);
	print("dirty: %lu of %lu granules of %s, in %lu run%s\n", count, granules(vm),
	      size_text(s2_table_size(&vm->geo)), runs, runs == 1 ? "" : "s");
	return COMMAND_OK;
}

static enum command_result log_stop(struct vm *vm)
{
	enum err e = dirty_stop(vm);

	if (e == ERR_NOENT)
		return no_log(vm);
	if (e != OK)
		return command_fail("%s: the dirty log: %s", vm->config.name, err_text(e));
	return COMMAND_OK;
}

/* The verb, or a beginning of at least so many letters. */
static bool is_verb(const struct word *w, const char *verb, size_t least)
{
	return w->length >= least && word_match(w, verb) != MATCH_NONE;
}

/* `st` is no word: it may be start or stop. */
enum command_result cmd_s2_log(const struct args *a)
{
	enum s2_grain grain = S2_GRAIN_BLOCK;
	bool known = true;
	struct vm *vm;

	if (!arg_vm_alive(a, 0, &vm))
		return COMMAND_FAILED;
	if (a->count == 3) {
		if (word_match(&a->word[2], "page") != MATCH_NONE)
			grain = S2_GRAIN_PAGE;
		else
			known = word_match(&a->word[2], "block") != MATCH_NONE;
	}
	if (is_verb(&a->word[1], "start", 3) && known)
		return log_start(vm, grain);
	if (is_verb(&a->word[1], "harvest", 1) && a->count == 2)
		return log_harvest(vm);
	if (is_verb(&a->word[1], "stop", 3) && a->count == 2)
		return log_stop(vm);
	return command_fail("usage: s2 log VM start [block|page], or harvest, or stop");
}

/* ---- s2 age --------------------------------------------------------------------------------- */

enum command_result cmd_s2_age(const struct args *a)
{
	u64 young, runs, *bits;
	struct vm *vm;

	if (!arg_vm_alive(a, 0, &vm))
		return COMMAND_FAILED;
	bits = dirty_age(vm, &young);
	if (!bits)
		return command_fail("%s: no memory for its granules", vm->config.name);
	runs = print_runs(vm, bits);
	kfree(bits);
	print("young: %lu of %lu granules of %s, in %lu run%s\n", young, granules(vm),
	      size_text(s2_table_size(&vm->geo)), runs, runs == 1 ? "" : "s");
	return COMMAND_OK;
}

/* ---- s2 protect ----------------------------------------------------------------------------- */

/* r, w and x, each at most once, or - for none. */
static bool arg_permissions(const struct word *w, u8 *perm)
{
	static const char letters[] = "rwx";

	*perm = 0;
	if (w->length == 1 && w->text[0] == '-')
		return true;
	for (size_t i = 0; i < w->length; i++) {
		const char *at = strchr(letters, w->text[i]);
		u8 one;

		if (!at || !*at)
			return false;
		one = (u8)(S2_R << (at - letters));
		if (*perm & one)
			return false;
		*perm |= one;
	}
	return w->length > 0;
}

enum command_result cmd_s2_protect(const struct args *a)
{
	char shown[SHOWN_MAX];
	struct vm *vm;
	u64 ipa, size;
	enum err e;
	u8 perm;

	if (!arg_vm_alive(a, 0, &vm) || !arg_number(a, 1, "IPA", &ipa) ||
	    !arg_number(a, 2, "SIZE", &size))
		return COMMAND_FAILED;
	if (!arg_permissions(&a->word[3], &perm))
		return command_fail("`%s`: letters of rwx, or -",
				    text_shown(shown, a->word[3].text, a->word[3].length));
	e = s2_protect(&vm->s2, mk_ipa(ipa), size, perm);
	if (e == ERR_ALIGN)
		return command_fail("0x%lx and 0x%lx are not whole granules of %s", ipa, size,
				    size_text(s2_table_size(&vm->geo)));
	if (e != OK)
		return command_fail("0x%lx and 0x%lx bytes: %s", ipa, size, err_text(e));
	return COMMAND_OK;
}
