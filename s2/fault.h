/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stage-2 fault is answered with.  These operations may run beside each other, beside
 * lookups and visits, on any CPUs, on one struct s2; nothing else may run meanwhile.  Each
 * changes entries by compare-exchange.  ERR_AGAIN: another CPU was first; look again, what was
 * wanted may have happened.
 *
 *	case permission fault:	e = s2_relax(&s2, ipa, S2_W);
 *	case translation fault:	e = s2_install(&s2, page, SZ_4K, frame, attr);
 *	case access flag fault:	e = s2_mark_accessed(&s2, ipa);
 *	case TLB conflict:	s2_conflict(&s2);
 */
#ifndef S2_FAULT_H
#define S2_FAULT_H

#include "s2/s2.h"

/*
 * Maps one leaf: size is a level's size and ipa and pa are multiples of it.  ERR_AGAIN where
 * something stands there, or a table where a block was to go: nothing has changed then.
 * ERR_NOMEM, ERR_RANGE, ERR_ALIGN, ERR_INVALID, ERR_PERM as of s2_map().
 */
must_check enum err s2_install(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr);

/*
 * Tables that it would keep if nobody came between; beside others it may take them and, for
 * ERR_AGAIN, give them back.  Errors as of s2_install() but for ERR_NOMEM and the attributes'.
 */
must_check enum err s2_cost_install(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 *tables);

/*
 * Adds permissions to the leaf that maps ipa, whatever its size, and invalidates what faulted;
 * also where the leaf had them already, as this CPU's TLB may still hold the entry that faulted.
 * While a dirty log runs, what becomes writable is clean: its first write is hardware's to mark or
 * faults again, for s2_log_write(). ERR_NOENT, ERR_INVALID; ERR_BUSY for a leaf with the
 * contiguous hint: s2_protect() is for those.
 */
must_check enum err s2_relax(struct s2 *s2, ipa_t ipa, u8 perm);

/* Sets the access flag of the leaf that maps ipa.  ERR_NOENT where none does. */
must_check enum err s2_mark_accessed(struct s2 *s2, ipa_t ipa);

/*
 * s2_age() beside the others here: every flag goes by a compare-exchange of its own, and one that
 * two calls look at is told by one of them. Errors and results as of s2_age().
 */
must_check enum err s2_age_shared(struct s2 *s2, ipa_t ipa, u64 size, u64 *young_bits, u64 *young);

/*
 * Answers a TLB conflict abort (status code 0x30, D8.17.3): two entries of a TLB translate one
 * address, as they may while a block is exchanged for a table on a CPU with FEAT_BBM. Invalidates
 * the VMID, which is what surely removes them, and counts s2->conflicts; let the guest try again.
 * It may be met again until the operation that exchanges has ended, so this may run beside
 * everything, without a lock: it reads no table.
 */
void s2_conflict(struct s2 *s2);

#endif
