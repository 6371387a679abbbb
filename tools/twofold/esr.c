/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A syndrome in words: class, instruction length, and the fields of this class.
 */
#include "tools/twofold/esr.h"

#include <stdio.h>

#include "arch/esr.h"
#include "lib/fields.h"
#include "lib/parse.h"
#include "tools/twofold/say.h"

static bool is_abort(u64 ec)
{
	return ec == EC_IABT_LOW || ec == EC_IABT_CUR || ec == EC_DABT_LOW || ec == EC_DABT_CUR;
}

static void print_fault(unsigned int fsc)
{
	int level = esr_fsc_level(fsc);

	printf("  fault  0x%02x %s", fsc, esr_fsc_name(fsc));
	if (level != FSC_NO_LEVEL)
		printf(", level %d", level);
	printf("\n");
}

void esr_print(const char *hex)
{
	char words[512];
	unsigned int ec;
	u64 esr;

	if (parse_hex(hex, &esr) != OK)
		fail("esr: '%s' is not a hexadecimal number below 2^64", hex);
	ec = (unsigned int)get(ESR_EC, esr);
	printf("esr 0x%lx\n  class  0x%02x %s\n", esr, ec, esr_ec_name(ec));
	printf("  length %s\n", esr & ESR_IL ? "32-bit instruction" : "16-bit instruction");
	fields_print(words, sizeof(words), esr_iss_fields(ec), get(ESR_ISS, esr));
	printf("  iss    0x%07lx%s%s\n", get(ESR_ISS, esr), *words ? ": " : "", words);
	if (is_abort(ec))
		print_fault((unsigned int)get(ISS_FSC, esr));
}
