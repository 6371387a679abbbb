/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only place that issues TLB maintenance.  It keeps true:
 * 1. a store that made an entry invalid is complete before the first TLBI: a walk that begins
 *    after the TLBI cannot load the old entry again (DSB ISHST);
 * 2. stage-2 entries are gone (DSB ISH) before combined entries, which a TLB may have made from
 *    them, are invalidated; an IPA says nothing about those, so all of the VMID's go (D8.14.5);
 * 3. all is complete (DSB ISH) and this CPU's context is synchronized (ISB) on return;
 * 4. the VTTBR that was current is current again.
 */
#include "s2/tlb.h"

#include "arch/sysreg.h"
#include "include/bits.h"
#include "s2/port.h"

static void flush_ipas(const struct s2_tlb *t)
{
	for (u32 i = 0; i < t->count; i++) {
		u64 xt = put(TLBI_IPAS2_IPA, t->ipa[i] >> 12);

		if (t->tables)
			s2_port_tlbi_ipas2e1is(xt);
		else
			s2_port_tlbi_ipas2le1is(xt);
	}
	s2_port_dsb_ish();
	s2_port_tlbi_vmalle1is();
}

void s2_tlb_flush(struct s2 *s2, const struct s2_tlb *t)
{
	u64 old;

	s2_port_dsb_ishst();
	old = s2_port_vttbr_enter(s2_vttbr(s2));
	if (s2_tlb_is_full(t)) {
		s2_port_tlbi_vmalls12e1is();
		s2->tlbis++;
	} else {
		flush_ipas(t);
		s2->tlbis += t->count + 1;
	}
	s2_port_dsb_ish();
	s2_port_isb();
	s2_port_vttbr_leave(old);
}
