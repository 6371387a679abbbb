/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes of leaves, to descriptor bits and back (Arm ARM D8.3.2, D8.5.5, D8.5.6).  It keeps
 * true:
 * 1. decoding what was encoded gives the same, for every attribute that is accepted;
 * 2. nothing reserved is ever encoded.
 */
#include "s2/desc.h"

enum { SW_MAX = 15, MEM_RESERVED = 0xff };

static bool lacks_sh(const struct s2_geometry *g)
{
	return g->wide && g->granule_shift < 16;
}

/* MemAttr without FWB: the enumeration's own values; with it another field and other codes. */
static enum err encode_mem(const struct s2_geometry *g, u8 mem, u64 *bits)
{
	bool fwb = g->features & S2_FWB;

	switch (mem) {
	case S2_MEM_DEVICE_NGNRNE:
	case S2_MEM_DEVICE_NGNRE:
	case S2_MEM_DEVICE_NGRE:
	case S2_MEM_DEVICE_GRE: *bits = put(S2_DESC_MEMATTR, mem); return OK;
	case S2_MEM_NORMAL_NC:
		*bits = fwb ? put(S2_DESC_MEMATTR_FWB, S2_DESC_FWB_NC) : put(S2_DESC_MEMATTR, mem);
		return OK;
	case S2_MEM_NORMAL_WB:
		*bits = fwb ? put(S2_DESC_MEMATTR_FWB, S2_DESC_FWB_WB) : put(S2_DESC_MEMATTR, mem);
		return OK;
	case S2_MEM_NORMAL_WT: *bits = put(S2_DESC_MEMATTR, mem); return fwb ? ERR_INVALID : OK;
	case S2_MEM_STAGE1:
		*bits = put(S2_DESC_MEMATTR_FWB, S2_DESC_FWB_STAGE1);
		return fwb ? OK : ERR_INVALID;
	default: return ERR_INVALID;
	}
}

static u8 decode_mem(const struct s2_geometry *g, u64 d)
{
	if (!(g->features & S2_FWB))
		return (u8)get(S2_DESC_MEMATTR, d);
	if (get(S2_DESC_MEMATTR, d) > 7)
		return MEM_RESERVED;
	switch (get(S2_DESC_MEMATTR_FWB, d)) {
	case 4: return MEM_RESERVED;
	case S2_DESC_FWB_NC: return S2_MEM_NORMAL_NC;
	case S2_DESC_FWB_WB: return S2_MEM_NORMAL_WB;
	case S2_DESC_FWB_STAGE1: return S2_MEM_STAGE1;
	default: return (u8)get(S2_DESC_MEMATTR_FWB, d);
	}
}

/* The leaf leads where the security state lets it; bits of it in a Realm. */
static enum err encode_output(const struct s2_geometry *g, struct s2_attr attr, u64 *bits)
{
	*bits = 0;
	if (g->state != S2_REALM)
		return attr.output == g->output ? OK : ERR_PERM;
	if (attr.sw & 1)
		return ERR_INVALID;
	if (attr.output == S2_SECURE || attr.output > S2_REALM)
		return ERR_PERM;
	*bits = attr.output == S2_NONSECURE ? S2_DESC_REALM_NS : 0;
	return OK;
}

enum err s2_attr_encode(const struct s2_geometry *g, struct s2_attr attr, u64 *bits)
{
	u64 mem, output;
	enum err e = encode_mem(g, attr.mem, &mem);

	if (e != OK || !s2_perm_ok(g, attr.perm) || attr.sw > SW_MAX)
		return ERR_INVALID;
	if (attr.sh > S2_SH_INNER || attr.sh == 1 || (lacks_sh(g) && attr.sh != S2_SH_INNER))
		return ERR_INVALID;
	e = encode_output(g, attr, &output);
	if (e != OK)
		return e;
	*bits = mem | output | s2_desc_perm(attr.perm) | put(DESC_SW, attr.sw) |
		(lacks_sh(g) ? 0 : put(DESC_SH, attr.sh)) | (attr.accessed ? DESC_AF : 0) |
		(attr.dbm ? DESC_DBM : 0);
	return OK;
}

static u8 decode_exec(u64 d)
{
	switch (get(S2_DESC_XN, d)) {
	case S2_DESC_XN_BOTH: return S2_X;
	case S2_DESC_XN_EL1: return S2_X_EL1;
	case S2_DESC_XN_EL0: return S2_X_EL0;
	default: return 0;
	}
}

static u8 decode_output(const struct s2_geometry *g, u64 d)
{
	if (g->state != S2_REALM)
		return g->output;
	return d & S2_DESC_REALM_NS ? S2_NONSECURE : S2_REALM;
}

struct s2_attr s2_attr_decode(const struct s2_geometry *g, u64 d)
{
	u64 sw = g->state == S2_REALM ? d & ~S2_DESC_REALM_NS : d;

	return (struct s2_attr){
		.mem = decode_mem(g, d),
		.sh = lacks_sh(g) ? (u8)S2_SH_INNER : (u8)get(DESC_SH, d),
		.perm = (u8)((d & S2_DESC_S2AP_R ? S2_R : 0) | (d & S2_DESC_S2AP_W ? S2_W : 0) |
			     decode_exec(d)),
		.sw = (u8)get(DESC_SW, sw),
		.accessed = (d & DESC_AF) != 0,
		.dbm = (d & (DESC_DBM | S2_DESC_HELD)) != 0,
		.contiguous = (d & DESC_CONTIGUOUS) != 0,
		.output = decode_output(g, d),
	};
}
