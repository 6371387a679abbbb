/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2: what a VM's stage 2 maps, one walk of it, its figures and its check; and x, which looks
 * through it.
 */
#include "arch/desc_fields.h"
#include "hyp/console/commands.h"
#include "hyp/console/runs.h"
#include "hyp/console/walk2.h"
#include "hyp/dev/print.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/device.h"
#include "hyp/vm/feature.h"
#include "hyp/vm/sched.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "mm/kmalloc.h"
#include "mm/port.h"
#include "s2/stat.h"

/* ---- s2 map --------------------------------------------------------------------------------- */

static const char *mem_text(u8 mem)
{
	switch (mem) {
	case S2_MEM_DEVICE_NGNRNE: return "nGnRnE";
	case S2_MEM_DEVICE_NGNRE: return "nGnRE";
	case S2_MEM_DEVICE_NGRE: return "nGRE";
	case S2_MEM_DEVICE_GRE: return "GRE";
	case S2_MEM_NORMAL_NC: return "NC";
	case S2_MEM_NORMAL_WT: return "WT";
	case S2_MEM_NORMAL_WB: return "WB";
	default: return "?";
	}
}

static const char *sh_text(u8 sh)
{
	if (sh == S2_SH_INNER)
		return "IS";
	return sh == S2_SH_OUTER ? "OS" : "NS";
}

static void print_run(const struct run *r)
{
	char start[24], end[24], pa[24], level[8], count[24], perm[4];

	fmt(start, sizeof(start), "0x%08lx", r->ipa);
	fmt(end, sizeof(end), "0x%08lx", r->ipa + r->size);
	if (r->trap) {
		print("%-12s  %-12s%6s  %-12s  %-3s  %5s  ---  %-3s  %-2s  %-5s  %s\n", start, end,
		      size_text(r->size), ".", ".", ".", ".", ".", "trap", r->region);
		return;
	}
	fmt(pa, sizeof(pa), "0x%08lx", r->pa);
	fmt(level, sizeof(level), "%d", r->level);
	fmt(count, sizeof(count), "%lu", r->count);
	fmt(perm, sizeof(perm), "%c%c%c", r->attr.perm & S2_R ? 'R' : '-',
	    r->attr.perm & S2_W ? 'W' : '-', r->attr.perm & S2_X ? 'X' : '-');
	print("%-12s  %-12s%6s  %-12s  %-3s  %5s  %s  %-3s  %-2s  %c%c%c    %s\n", start, end,
	      size_text(r->size), pa, level, count, perm, mem_text(r->attr.mem),
	      sh_text(r->attr.sh), r->attr.accessed ? 'A' : '-', r->dbm ? 'D' : '-',
	      r->attr.contiguous ? 'C' : '-', r->region);
}

static void print_geometry(const struct vm *vm)
{
	const struct s2_geometry *g = &vm->s2.geo;

	print("vm%u %s  vmid %u  root 0x%lx (%u table%s)  IPA %u bits  %s  start level %d  "
	      "%u table pages\n",
	      vm->number, vm->config.name, vm->s2.vmid, vm->s2.root_pa.v, g->root_pages,
	      g->root_pages == 1 ? "" : "s", g->ipa_bits, size_text(1UL << g->granule_shift),
	      g->start_level, vm->s2.tables + g->root_pages);
}

/* Devices first: they stand below RAM. */
static u32 list_regions(const struct vm *vm, struct ipa_region regions[DEVICE_COUNT + 1])
{
	u32 n = 0;

	for (enum device d = 0; d < DEVICE_COUNT; d++) {
		struct device_place p = device_place(vm, d);

		if (p.size)
			regions[n++] = (struct ipa_region){ p.base, p.size, p.name, true };
	}
	regions[n++] = (struct ipa_region){ VM_RAM_BASE, vm->config.mem, "ram", false };
	return n;
}

enum command_result cmd_s2_map(const struct args *a)
{
	u64 start = 0, last, end;
	struct ipa_region regions[DEVICE_COUNT + 1];
	const char *why = NULL;
	struct runs runs;
	struct vm *vm;

	if (!arg_vm_alive(a, 0, &vm))
		return COMMAND_FAILED;
	end = s2_last_ipa(&vm->s2.geo);
	last = end;
	if (a->count > 1)
		why = range_parse(&a->word[1], a->count - 1, &start, &last);
	if (!why && start > end)
		why = "the range lies beyond the guest's address space";
	if (why)
		return command_fail("%s", why);
	print_geometry(vm);
	print("ipa start     ipa end       size  pa start      lvl  count  RWX  mem  sh  flags  "
	      "region\n");
	runs = runs_begin(&vm->s2, regions, list_regions(vm, regions), start, min_u64(last, end));
	while (runs_next(&runs))
		print_run(&runs.run);
	return COMMAND_OK;
}

/* ---- s2 walk -------------------------------------------------------------------------------- */

static void print_step(const struct s2 *s2, const struct s2_step *s)
{
	int top_block = s2->geo.top_block_level;
	enum desc_kind kind = desc_kind(s->desc, s->level, top_block);
	const struct s2_leaf leaf = { .level = s->level, .desc = s->desc };
	char words[192] = "";

	if (kind == DESC_KIND_LEAF)
		walk_leaf_text(words, sizeof(words), s2_leaf_attr(s2, &leaf), s->desc);
	else if (kind == DESC_KIND_TABLE)
		fmt(words, sizeof(words), "next 0x%lx", s2_desc_address(&s2->geo, s->desc).v);
	print("level %d  table 0x%lx  [%u:%u] = %lu  0x%016lx  %s%s%s\n", s->level, s->table.v,
	      s->hi, s->lo, s->index, s->desc, desc_kind_name(s->desc, s->level, top_block),
	      *words ? ": " : "", words);
}

static void print_walk_end(const struct s2 *s2, ipa_t ipa, const struct s2_step *last)
{
	struct s2_leaf leaf;
	u64 offset;

	if (s2_lookup(s2, ipa, &leaf) != OK) {
		print("ends at level %d: the descriptor is %s\n", last->level,
		      desc_kind_name(last->desc, last->level, s2->geo.top_block_level));
		return;
	}
	offset = ipa.v - leaf.ipa.v;
	print("offset 0x%lx of %s  PA 0x%lx%s\n", offset, size_text(leaf.size), leaf.pa.v + offset,
	      s2_leaf_attr(s2, &leaf).accessed ? ""
					       : "  (access flag clear: the next access faults)");
}

enum command_result cmd_s2_walk(const struct args *a)
{
	struct s2_step step[S2_MAX_STEPS];
	unsigned int n;
	struct vm *vm;
	u64 ipa;

	if (!arg_vm_alive(a, 0, &vm) || !arg_number(a, 1, "IPA", &ipa))
		return COMMAND_FAILED;
	if (ipa > s2_last_ipa(&vm->s2.geo))
		return command_fail("0x%lx lies beyond the guest's %u bits of IPA", ipa,
				    vm->s2.geo.ipa_bits);
	n = s2_walk(&vm->s2, mk_ipa(ipa), step);
	print("IPA 0x%lx  start level %d  %u concatenated table%s\n", ipa, vm->s2.geo.start_level,
	      vm->s2.geo.root_pages, vm->s2.geo.root_pages == 1 ? "" : "s");
	for (unsigned int i = 0; i < n; i++)
		print_step(&vm->s2, &step[i]);
	print_walk_end(&vm->s2, mk_ipa(ipa), &step[n - 1]);
	return COMMAND_OK;
}

/* ---- s2 stat, s2 check ---------------------------------------------------------------------- */

static void print_leaves(const struct vm *vm, const struct s2_stat *stat)
{
	const struct s2_geometry *g = &vm->s2.geo;
	int top = g->top_block_level > g->start_level ? g->top_block_level : g->start_level;

	print("mapped     %s  leaves: ", size_text(stat->mapped));
	for (int level = top; level <= S2_LEAF_LEVEL; level++) {
		print("%s%lu of %s", level == top ? "" : ", ", stat->leaves[level],
		      size_text(s2_level_size(g, level)));
		if (stat->hinted[level])
			print(" (%lu contiguous)", stat->hinted[level]);
	}
	print("\n");
}

enum command_result cmd_s2_stat(const struct args *a)
{
	char features[FEATURE_TEXT];
	struct s2_stat stat;
	struct vm *vm;

	if (!arg_vm_alive(a, 0, &vm))
		return COMMAND_FAILED;
	stat = s2_stat(&vm->s2);
	print_geometry(vm);
	features_text(features, vm->s2.geo.features);
	print("features   %s\n", features);
	print("tables     %lu below the root, of at most %u\n", stat.tables, vm->s2.quota);
	print_leaves(vm, &stat);
	print("splits     %lu  merges %lu\n", stat.splits, stat.merges);
	print("TLBIs      by IPA %lu, by range %lu, by VMID %lu, for stage 1 %lu  "
	      "conflict aborts %lu\n",
	      stat.by_ipa, stat.by_range, stat.by_vmid, stat.stage1, stat.conflicts);
	print("faults     %lu  dirty log %s\n", vm->s2_faults,
	      !vm->dirty.bits                        ? "off"
	      : vm->dirty.log.grain == S2_GRAIN_PAGE ? "grain page"
						     : "grain block");
	return COMMAND_OK;
}

/* NULL, or what is wrong with one VM; *where is the IPA where there is one. */
static const char *check_vm(const struct vm *vm, u64 *where)
{
	ipa_t ipa = mk_ipa(0);
	const char *wrong = vm->state == VM_STOPPED ? NULL : s2_check(&vm->s2, &ipa);

	*where = ipa.v;
	return wrong ? wrong : vm_check(vm);
}

static bool check_one(const struct vm *vm)
{
	u64 where;
	const char *wrong = check_vm(vm, &where);

	if (wrong)
		command_fail("s2 check: %s: %s (IPA 0x%lx)", vm->config.name, wrong, where);
	return !wrong;
}

enum command_result cmd_s2_check(const struct args *a)
{
	const struct cache *cache = NULL;
	const void *at = NULL;
	struct vm *only = NULL;
	const char *wrong;
	pa_t where;
	u32 n = 0;

	if (a->count && !arg_vm(a, 0, &only))
		return COMMAND_FAILED;
	for (u32 i = 0; i < vm_count; i++) {
		if (only && only != &vms[i])
			continue;
		if (!check_one(&vms[i]))
			return COMMAND_FAILED;
		n++;
	}
	wrong = sched_check();
	if (wrong)
		return command_fail("s2 check: run queues: %s", wrong);
	wrong = mm_check(&pool, &where);
	if (wrong)
		return command_fail("s2 check: pool: %s (frame 0x%lx)", wrong, where.v);
	wrong = caches_check(&pool, &cache, &at);
	if (wrong)
		return command_fail("s2 check: cache %s: %s (at 0x%lx)", cache->name, wrong,
				    (u64)at);
	print("s2 check: ok, %u VM%s, pool %lu of %lu frames free\n", n, n == 1 ? "" : "s",
	      pool_free(), mm_managed(&pool));
	return COMMAND_OK;
}

/* ---- x -------------------------------------------------------------------------------------- */

enum { X_LINE = 16, X_DEFAULT = 64, X_MOST = 4096 };

static void print_bytes(u64 ipa, const u8 *bytes, size_t n)
{
	char hex[X_LINE * 3 + 1], text[X_LINE + 1];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		used += fmt(hex + used, sizeof(hex) - used, "%02x%s", bytes[i],
			    i == 7 ? "  " : " ");
		text[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	}
	text[n] = '\0';
	print("0x%08lx  %-50s %s\n", ipa, hex, text);
}

/* At most one line, which ends at a multiple of 16; returns how many bytes it covered. */
static u64 print_line(const struct vm *vm, u64 ipa, u64 left)
{
	u64 n = min_u64(left, X_LINE - ipa % X_LINE);
	struct walk_stage2 s2 = walk_stage2(&vm->s2, mk_ipa(ipa), false);
	u64 page_left = 4096 - ipa % 4096;

	if (s2.fsc == WALK_NO_FAULT) {
		print_bytes(ipa, mm_port_va(s2.pa), n);
		return n;
	}
	print("0x%08lx  (%s, level %d)\n", ipa, s2.why, s2.leaf.level);
	return min_u64(left, page_left);
}

enum command_result cmd_x(const struct args *a)
{
	u64 ipa, left = X_DEFAULT;
	struct vm *vm;

	if (!arg_vm_alive(a, 0, &vm) || !arg_number(a, 1, "IPA", &ipa) ||
	    (a->count > 2 && !arg_number(a, 2, "BYTES", &left)))
		return COMMAND_FAILED;
	if (left > X_MOST)
		return command_fail("at most %u bytes", X_MOST);
	if (left && !range_within(ipa, left, s2_last_ipa(&vm->s2.geo)))
		return command_fail("0x%lx and %lu bytes leave the guest's %u bits of IPA", ipa,
				    left, vm->s2.geo.ipa_bits);
	while (left) {
		u64 n = print_line(vm, ipa, left);

		ipa += n;
		left -= n;
	}
	return COMMAND_OK;
}
