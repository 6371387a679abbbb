/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where operations begin and end.  An operation of the hypervisor runs under its VM's lock: that is
 * CHECKed here, and the trace says lock and unlock, by the root's address, where the operation
 * begins and where it has returned, so that what it leaves behind is judged by itself.
 */
#include "hyp/vm/vm.h"
#include "include/check.h"
#include "s2/fault.h"
#include "s2/log.h"
#include "tests/target/observed/observe.h"

static u64 begin(struct s2 *s2)
{
	CHECK(lock_is_mine(&container_of(s2, struct vm, s2)->lock));
	observe("lock %lx", s2->root_pa.v);
	return s2->root_pa.v;
}

static void end(u64 root)
{
	observe("unlock %lx", root);
}

#define OPERATION(type, name, args, call)                                                          \
	type __real_##name args;                                                                   \
	type __wrap_##name args;                                                                   \
	type __wrap_##name args                                                                    \
	{                                                                                          \
		u64 root = begin(s2);                                                              \
		type result = __real_##name call;                                                  \
                                                                                                   \
		end(root);                                                                         \
		return result;                                                                     \
	}

OPERATION(enum err, s2_map,
	  (struct s2 * s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest),
	  (s2, ipa, size, pa, attr, largest))
OPERATION(enum err, s2_remap,
	  (struct s2 * s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest),
	  (s2, ipa, size, pa, attr, largest))
OPERATION(enum err, s2_unmap, (struct s2 * s2, ipa_t ipa, u64 size), (s2, ipa, size))
OPERATION(enum err, s2_protect, (struct s2 * s2, ipa_t ipa, u64 size, u8 perm),
	  (s2, ipa, size, perm))
OPERATION(enum err, s2_annotate, (struct s2 * s2, ipa_t ipa, u64 size, u8 tag, u64 payload),
	  (s2, ipa, size, tag, payload))
OPERATION(enum err, s2_split, (struct s2 * s2, ipa_t ipa, u64 size, u64 largest),
	  (s2, ipa, size, largest))
OPERATION(enum err, s2_merge, (struct s2 * s2, ipa_t ipa, u64 size, u64 largest, u64 *merged),
	  (s2, ipa, size, largest, merged))
OPERATION(enum err, s2_age, (struct s2 * s2, ipa_t ipa, u64 size, u64 *bits, u64 *young),
	  (s2, ipa, size, bits, young))
OPERATION(enum err, s2_install, (struct s2 * s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr),
	  (s2, ipa, size, pa, attr))
OPERATION(enum err, s2_relax, (struct s2 * s2, ipa_t ipa, u8 perm), (s2, ipa, perm))
OPERATION(enum err, s2_mark_accessed, (struct s2 * s2, ipa_t ipa), (s2, ipa))
OPERATION(enum err, s2_log_start,
	  (struct s2 * s2, struct s2_log *log, ipa_t ipa, u64 size, enum s2_grain grain, u64 *bits),
	  (s2, log, ipa, size, grain, bits))
OPERATION(enum err, s2_log_write, (struct s2 * s2, ipa_t ipa), (s2, ipa))
OPERATION(enum err, s2_log_harvest, (struct s2 * s2, ipa_t ipa, u64 size, u64 *out, u64 *dirty),
	  (s2, ipa, size, out, dirty))
OPERATION(enum err, s2_log_stop, (struct s2 * s2), (s2))
OPERATION(enum err, s2_hint, (struct s2 * s2, ipa_t ipa, u64 size, u64 *hinted),
	  (s2, ipa, size, hinted))
OPERATION(bool, s2_destroy_some, (struct s2 * s2, u64 tables), (s2, tables))

#define OPERATION_VOID(name)                                                                       \
	void __real_##name(struct s2 *s2);                                                         \
	void __wrap_##name(struct s2 *s2);                                                         \
	void __wrap_##name(struct s2 *s2)                                                          \
	{                                                                                          \
		u64 root = begin(s2);                                                              \
                                                                                                   \
		__real_##name(s2);                                                                 \
		end(root);                                                                         \
	}

OPERATION_VOID(s2_invalidate)
OPERATION_VOID(s2_conflict)
OPERATION_VOID(s2_destroy)

enum err __real_s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota);
enum err __wrap_s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota);
enum err __wrap_s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota)
{
	enum err e = __real_s2_init(s2, g, vmid, quota);

	if (e == OK)
		observe("root %lx %u %d %u %lx %u %u %u", s2->root_pa.v, g->root_pages,
			g->start_level, vmid, s2->root_pa.v, 1U << (g->granule_shift - 10),
			g->ipa_bits, (unsigned int)(g->wide && g->granule_shift < 16));
	return e;
}
