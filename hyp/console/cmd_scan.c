/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `mem scan`: where a word still stands in the pool.  What a guest wrote must be in no frame once
 * it has stopped.
 */
#include "hyp/console/commands.h"

#include "hyp/dev/print.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/vm.h"
#include "lib/parse.h"

/* Whether a frame holds the word, 8-byte aligned. */
static bool holds(u64 frame, u64 word)
{
	const u64 *at = (const u64 *)frame;

	for (u32 i = 0; i < PAGE_SIZE / 8; i++)
		if (at[i] == word)
			return true;
	return false;
}

static u64 scan(struct fdt_range range, u64 word, u64 *first)
{
	u64 found = 0;

	for (u64 at = range.base.v; at < range.base.v + range.size; at += PAGE_SIZE)
		if (holds(at, word)) {
			*first = found || *first ? *first : at;
			found++;
		}
	return found;
}

enum command_result cmd_mem_scan(const struct args *a)
{
	u64 word, found = 0, first = 0;

	if (!arg_number(a, 0, "WORD", &word))
		return COMMAND_FAILED;
	for (u32 i = 0; i < pool_regions.count; i++)
		if (pool_regions.region[i].kind == REGION_POOL)
			found += scan(pool_regions.region[i].range, word, &first);
	if (found)
		print("0x%lx stands in %lu frames, first in 0x%lx\n", word, found, first);
	else
		print("0x%lx stands in no frame\n", word);
	return COMMAND_OK;
}
