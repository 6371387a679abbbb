/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table pages for stage 2: from the pool, out of what the VM was promised, zeroed, accounted.
 */
#include "hyp/mem/pool.h"
#include "hyp/vm/vm.h"
#include "include/bits.h"
#include "lib/str.h"
#include "s2/port.h"

u64 *s2_port_table_alloc(struct s2 *s2, unsigned int pages)
{
	struct vm *vm = container_of(s2, struct vm, s2);
	unsigned int order = log2_up(pages);
	pa_t pa;

	if (zone_alloc_promised(&pool, order, &pa) != OK)
		return NULL;
	vm->taken += 1UL << order;
	memset((void *)pa.v, 0, (size_t)PAGE_SIZE << order);
	return (u64 *)pa.v;
}

void s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages)
{
	struct vm *vm = container_of(s2, struct vm, s2);
	unsigned int order = log2_up(pages);

	zone_free_promised(&pool, mk_pa((u64)table), order);
	vm->taken -= 1UL << order;
}
