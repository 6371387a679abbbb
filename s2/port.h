/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What s2/ asks of the program it is linked into.
 *
 * The inline part, "s2_port_inline.h", is found by include path; it defines, each as a
 * `static inline` function:
 *
 *	u64 s2_port_load(const u64 *entry)             one 64-bit single-copy-atomic load; what it
 *						       points to is seen initialized (acquire, or
 *						       relaxed, as addresses order by dependency)
 *	void s2_port_store(u64 *entry, u64 value)      one such store, release order
 *	void s2_port_write(u64 *entry, u64 value)      a plain store, to a table that no walk can
 *						       reach yet; a later s2_port_store publishes
 *	void s2_port_write_run(u64 *entry, u64 n, u64 d, u64 step)
 *						       n of these: d, d + step, …
 *	bool s2_port_is_run(const u64 *entry, u64 n, u64 d, u64 step)
 *						       whether these stand there; n is a multiple of
 *						       16.  Nobody but hardware may write meanwhile,
 *						       and then it is asked again, out of its reach
 *	u64 s2_port_exchange(u64 *entry, u64 value)    returns the old value
 *	bool s2_port_cas(u64 *entry, u64 *expected, u64 value)
 *						       on failure *expected is what was found
 *	u64 *s2_port_va(pa_t table), pa_t s2_port_pa(const u64 *table)
 *
 * s2/plain.h has them all, for tables that are plain memory.  The rest is linked, or inline as
 * well: of the functions declared below, the inline part may define any as `static inline`.  For
 * barriers and TLBIs that is worth it: each is one instruction.  There is no function pointer and
 * no #if.
 */
#ifndef S2_PORT_H
#define S2_PORT_H

#include "include/types.h"
#include "s2_port_inline.h"

struct s2;

/*
 * pages contiguous pages of 4 KiB for tables, zeroed, aligned to their size rounded up to a power
 * of two; NULL when there are none.  s2 says for whom.  A table of a 16 KiB granule is 4 of
 * them, of 64 KiB 16; a root is 1 … 16 tables, so at most 256.  Operations that may run beside
 * others (s2/fault.h) call both from several CPUs at once.
 */
u64 *s2_port_table_alloc(struct s2 *s2, unsigned int pages);

/*
 * The same, but whatever stands in them: the library writes every entry before it links the table,
 * or gives it back.  It may be the same function.
 */
u64 *s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages);
void s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages);

/* Barriers (Arm ARM C6.2). */
void s2_port_dsb_ishst(void);
void s2_port_dsb_ish(void);
void s2_port_isb(void);

/*
 * TLB maintenance for the current VMID, inner shareable (Arm ARM C5.5).  xt is the operand
 * as the manual lays it out.  The two range forms are called only for a geometry with
 * S2_TLBI_RANGE, and xt holds a level hint only with S2_TTL.
 */
void s2_port_tlbi_ipas2e1is(u64 xt);
void s2_port_tlbi_ipas2le1is(u64 xt);
void s2_port_tlbi_ripas2e1is(u64 xt);
void s2_port_tlbi_ripas2le1is(u64 xt);
void s2_port_tlbi_vmalle1is(void);
void s2_port_tlbi_vmalls12e1is(void);

/* Every VMID's entries, both stages, on every CPU: when VMIDs begin anew (s2/vmid.h). */
void s2_port_tlbi_alle1is(void);

/*
 * Makes vttbr's VMID current for TLB maintenance, interrupts masked, and returns what leave
 * needs to put things back.  Each ends with an ISB; they do not nest.  Only the VMID counts:
 * where another VM's VTCR_EL2 may be loaded, the port puts the root of an empty table there in
 * place of vttbr's own, or a walk could read these tables under the wrong shape meanwhile.
 */
u64 s2_port_vttbr_enter(u64 vttbr);
void s2_port_vttbr_leave(u64 old);

/*
 * Only for who calls s2_set_controls(): s2->geo.vtcr, vstcr and hcr are new. When it returns no
 * CPU has the old ones in its registers together with this VM's VTTBR_EL2, nor will load them, and
 * each that had has executed an ISB since.
 */
void s2_port_controls(struct s2 *s2);

#endif
