/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The abort table.  Columns: a data read, a data write, an instruction fetch, a stage-1 walk
 * (by whichever).  A code that the Arm ARM reserves, or that cannot be stage 2's, ends as an
 * external abort to the guest: it is told, reported, and nobody else is affected.
 */
#include "hyp/vm/abort.h"

#include "arch/esr.h"

struct row {
	u8 read, write, fetch, walk;
};

#define ROW_ALL(a)                                                                                 \
	{                                                                                          \
		(a), (a), (a), (a)                                                                 \
	}

/* A group of four codes that differ in the level. */
#define ROW_4(n, a)                                                                                \
	[n] = ROW_ALL(a), [(n) + 1] = ROW_ALL(a), [(n) + 2] = ROW_ALL(a), [(n) + 3] = ROW_ALL(a)

static const struct row rows[64] = {
	/* Address size: the IPA, or an output of ours, is beyond what the tables can say. */
	ROW_4(0x00, ABORT_EXTERNAL),
	/* Translation: nothing is there yet. */
	ROW_4(0x04, ABORT_RESOLVE),
	ROW_4(0x08, ABORT_ACCESS_FLAG),
	ROW_4(0x0c, ABORT_PERMISSION),
	/* Synchronous external abort, on the access (0x10) or on a table walk. */
	ROW_4(0x10, ABORT_EXTERNAL),
	ROW_4(0x14, ABORT_EXTERNAL),
	/* Parity or ECC, likewise. */
	ROW_4(0x18, ABORT_EXTERNAL),
	ROW_4(0x1c, ABORT_EXTERNAL),
	/* Alignment: only a data access has one; a fetch has an exception class of its own. */
	[0x20] = ROW_ALL(ABORT_EXTERNAL),
	[0x21] = { ABORT_ALIGNMENT, ABORT_ALIGNMENT, ABORT_EXTERNAL, ABORT_EXTERNAL },
	[0x22] = ROW_ALL(ABORT_EXTERNAL),
	[0x23] = ROW_ALL(ABORT_EXTERNAL),
	ROW_4(0x24, ABORT_EXTERNAL),
	/* Level -1: address size (0x29), translation (0x2b). */
	[0x28] = ROW_ALL(ABORT_EXTERNAL),
	[0x29] = ROW_ALL(ABORT_EXTERNAL),
	[0x2a] = ROW_ALL(ABORT_EXTERNAL),
	[0x2b] = ROW_ALL(ABORT_RESOLVE),
	ROW_4(0x2c, ABORT_EXTERNAL),
	[0x30] = ROW_ALL(ABORT_INVALIDATE),
	/* Hardware could not update the flags atomically there: software does it. */
	[0x31] = ROW_ALL(ABORT_ACCESS_FLAG),
	[0x32] = ROW_ALL(ABORT_EXTERNAL),
	[0x33] = ROW_ALL(ABORT_EXTERNAL),
	[0x34] = ROW_ALL(ABORT_EXTERNAL),
	[0x35] = { ABORT_EXCLUSIVE, ABORT_EXCLUSIVE, ABORT_EXTERNAL, ABORT_EXTERNAL },
	[0x36] = ROW_ALL(ABORT_EXTERNAL),
	[0x37] = ROW_ALL(ABORT_EXTERNAL),
	ROW_4(0x38, ABORT_EXTERNAL),
	ROW_4(0x3c, ABORT_EXTERNAL),
};

struct abort abort_decode(u64 esr)
{
	bool instruction = get(ESR_EC, esr) == EC_IABT_LOW;
	unsigned int fsc = (unsigned int)get(ISS_FSC, esr);

	return (struct abort){
		.instruction = instruction,
		.write = !instruction && (esr & ISS_WNR) != 0 && !(esr & ISS_CM),
		.walk = (esr & ISS_S1PTW) != 0,
		.fsc = fsc,
		.level = esr_fsc_level(fsc),
	};
}

enum abort_action abort_action(const struct abort *a)
{
	const struct row *row = &rows[a->fsc & 63];

	if (a->walk)
		return row->walk;
	if (a->instruction)
		return row->fetch;
	return a->write ? row->write : row->read;
}

bool abort_hpfar_valid(const struct abort *a)
{
	unsigned int group = a->fsc & ~3u;

	if (group == FSC_PERMISSION_L0 || a->fsc == FSC_UNSUPPORTED_ATOMIC)
		return a->walk;
	return group == FSC_TRANSLATION_L0 || group == FSC_ACCESS_L0 ||
	       group == FSC_ADDRESS_SIZE_L0 || a->fsc == FSC_ADDRESS_SIZE_LM1 ||
	       a->fsc == FSC_TRANSLATION_LM1;
}

const char *abort_access_name(const struct abort *a)
{
	if (a->walk)
		return a->instruction ? "table walk for a fetch" : "table walk";
	if (a->instruction)
		return "fetch";
	return a->write ? "write" : "read";
}
