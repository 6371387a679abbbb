/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs in use, one bit each.  It keeps true:
 * 1. bit 0 is set for ever: 0 is no VM's;
 * 2. `used` is the number of bits set, bit 0 counted.
 */
#include "s2/vmid.h"

#include "include/bits.h"
#include "include/check.h"

void s2_vmids_init(struct s2_vmids *v, unsigned int bits)
{
	CHECK(bits >= 1 && bits <= 16);
	for (size_t i = 0; i < S2_VMID_WORDS; i++)
		v->map[i] = 0;
	v->count = 1u << bits;
	v->next = 1;
	v->used = 1;
	v->map[0] = 1;
}

static bool taken(const struct s2_vmids *v, u32 vmid)
{
	return v->map[vmid / 64] >> (vmid % 64) & 1;
}

enum err s2_vmid_take(struct s2_vmids *v, u16 *out)
{
	u32 vmid = v->next;

	if (v->used == v->count)
		return ERR_FULL;
	/* There is a clear bit, so the search ends; v->count is a power of two. */
	while (taken(v, vmid))
		vmid = (vmid + 1) & (v->count - 1);
	v->map[vmid / 64] |= BIT(vmid % 64);
	v->used++;
	v->next = (vmid + 1) & (v->count - 1);
	*out = (u16)vmid;
	return OK;
}

void s2_vmid_put(struct s2_vmids *v, u16 vmid)
{
	CHECK(vmid != 0 && vmid < v->count && taken(v, vmid));
	v->map[vmid / 64] &= ~BIT(vmid % 64);
	v->used--;
}
