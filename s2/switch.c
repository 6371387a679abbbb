/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other controls for a live VM.  It keeps true:
 * 1. the new values are in force on every CPU before the VMID is invalidated: a walk between the
 *    two would load again, under the old ones, what is to go;
 * 2. what refuses has changed nothing;
 * 3. no dirty state is lost when hardware stops: it has marked leaves in memory, and no group is
 *    left of which one leaf alone tells;
 * 4. what single pages go by knows the new features.
 */
#include "s2/change.h"
#include "s2/log.h"
#include "s2/page.h"
#include "s2/visit.h"

enum { CONTROLS = S2_HW_AF | S2_HW_DIRTY | S2_FWB };

_Static_assert(sizeof(struct s2_geometry) == 40, "it has no padding: it is compared by bytes");

/* The two differ in nothing but the features that are controls. */
static bool same_shape(const struct s2_geometry *a, struct s2_geometry b)
{
	b.features = (b.features & ~(u32)CONTROLS) | (a->features & CONTROLS);
	b.vtcr = a->vtcr;
	b.hcr = a->hcr;
	return __builtin_memcmp(a, &b, sizeof(b)) == 0;
}

/* Every leaf's memory type is encoded alike in both. */
static bool same_types(const struct s2 *s2, const struct s2_geometry *to)
{
	struct s2_visit v = s2_visit_begin(s2, mk_ipa(0), ~0UL);

	while (s2_visit_next(&v))
		if (s2_attr_decode(&s2->geo, v.leaf.desc).mem !=
		    s2_attr_decode(to, v.leaf.desc).mem)
			return false;
	return true;
}

static const char *refusal(const struct s2 *s2, const struct s2_geometry *to, enum err *e)
{
	u32 change = s2->geo.features ^ to->features;

	*e = ERR_INVALID;
	if (!same_shape(&s2->geo, *to))
		return "more than the controls would change";
	*e = ERR_BUSY;
	if (s2->log && s2->log->grain == S2_GRAIN_PAGE && !s2->log->hold &&
	    (change & to->features & S2_HW_DIRTY))
		return "a dirty log of grain page runs that leaves blocks to hardware";
	if ((change & S2_FWB) && !same_types(s2, to))
		return "a memory type is mapped that FEAT_S2FWB encodes otherwise";
	return NULL;
}

/* Hardware has marked any one leaf of a group: what one has all have, and no hint joins them. */
static void unhint_dirty(struct s2 *s2)
{
	struct s2_visit v = s2_visit_begin(s2, mk_ipa(0), ~0UL);
	struct s2_op op;

	s2_op_begin(&op, s2);
	while (s2_visit_next(&v))
		if ((v.leaf.desc & DESC_CONTIGUOUS) && (v.leaf.desc & DESC_DBM))
			s2_unhint_ends(&op, v.leaf.ipa.v, v.leaf.ipa.v);
	s2_op_finish(&op);
}

enum err s2_set_controls(struct s2 *s2, const struct s2_geometry *to, const char **why)
{
	struct s2_log *log = s2->log;
	enum err e;
	const char *reason = refusal(s2, to, &e);

	if (reason) {
		*why = reason;
		return e;
	}
	if (s2->geo.features == to->features)
		return OK;
	if (s2->geo.features & ~to->features & S2_HW_DIRTY)
		unhint_dirty(s2);
	s2->geo = *to;
	s2_page_init(s2);
	s2_page_log(s2, log);
	s2_port_controls(s2);
	s2_invalidate(s2);
	return OK;
}
