/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage-2 translation table walk as the Arm ARM specifies it (DDI 0487, D8.2 and the
 * pseudocode AArch64.S2Walk), for the 4 KiB granule and output of up to 48 bits.
 *
 * It shares nothing with the library it judges: its constants are its own, from the manual.
 */
#ifndef TESTS_MODEL_WALK_H
#define TESTS_MODEL_WALK_H

#include "include/types.h"

enum model_fault {
	MODEL_NO_FAULT,
	MODEL_ADDRESS_SIZE,
	MODEL_TRANSLATION,
	MODEL_ACCESS_FLAG,
};

struct model_walk {
	enum model_fault fault;
	int level;     /* where the walk ended */
	u64 pa;        /* of the address asked for; the rest holds without a fault only */
	u64 size;      /* of the block or page */
	u8 memattr;    /* MemAttr[3:0] */
	u8 sh;         /* SH[1:0] */
	bool r, w, x;  /* S2AP[0], S2AP[1], XN[1] clear */
	u64 desc;      /* the last descriptor read */
	bool in_range; /* false: ended before the first descriptor was read */
};

/* What VTCR_EL2 and VTTBR_EL2 say of the root, or valid = false where they contradict. */
struct model_root {
	bool valid;
	int level;
	unsigned int ipa_bits;
	unsigned int pa_bits;
	unsigned int pages; /* 4 KiB tables, concatenated */
	u64 pa;
	u16 vmid;
};

struct model_root model_root_of(u64 vttbr, u64 vtcr);

/* One 64-bit load by the walker; false: an external abort, which the model takes as an error. */
typedef bool (*model_read)(u64 pa, u64 *desc);

struct model_walk model_walk(u64 vttbr, u64 vtcr, u64 ipa, model_read read);

#endif
