/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table pages for stage 2: from the pool, out of what the VM was promised, accounted.
 */
#include "hyp/mem/pool.h"
#include "hyp/vm/vm.h"
#include "include/bits.h"
#include "mm/gfp.h"
#include "s2/port.h"

static u64 *take(struct s2 *s2, unsigned int pages, u32 gfp)
{
	struct vm *vm = container_of(s2, struct vm, s2);
	unsigned int order = log2_up(pages);
	struct page *page = promise_take(&pool, gfp, order);

	if (!page)
		return NULL;
	vm->taken += 1UL << order;
	return page_address(page);
}

u64 *s2_port_table_alloc(struct s2 *s2, unsigned int pages)
{
	return take(s2, pages, GFP_KERNEL | __GFP_ZERO);
}

u64 *s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages)
{
	return take(s2, pages, GFP_KERNEL);
}

void s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages)
{
	struct vm *vm = container_of(s2, struct vm, s2);
	unsigned int order = log2_up(pages);

	promise_put(&pool, virt_to_page(table), order);
	vm->taken -= 1UL << order;
}
