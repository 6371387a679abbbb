/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `sysreg`: what a guest gets of each system register, out of the table that the traps use.
 */
#include "hyp/console/commands.h"

#include "arch/esr.h"
#include "hyp/dev/print.h"
#include "hyp/vm/sysreg_table.h"
#include "include/bits.h"
#include "lib/str.h"

static void print_row(const struct sysreg *r)
{
	print("S%lu_%lu_C%lu_C%lu_%lu%s  %s%s  %-17s  %s\n", get(ISS_SYS_OP0, r->key),
	      get(ISS_SYS_OP1, r->key), get(ISS_SYS_CRN, r->key), get(ISS_SYS_CRM, r->key),
	      get(ISS_SYS_OP2, r->key), get(ISS_SYS_CRM, r->key) > 9 ? "" : " ",
	      r->access & SYSREG_R ? "r" : "-", r->access & SYSREG_W ? "w" : "-",
	      sysreg_rule_text((enum sysreg_rule)r->rule), r->name);
}

/* A name's beginning chooses; the rest is UNDEFINED, which is said. */
enum command_result cmd_sysreg(const struct args *a)
{
	const struct word *w = a->word;
	char text[SHOWN_MAX];
	u32 shown = 0;

	for (u32 i = 0; i < sysreg_count; i++)
		if (!a->count || word_match(w, sysregs[i].name) != MATCH_NONE) {
			print_row(&sysregs[i]);
			shown++;
		}
	if (a->count && !shown)
		return command_fail("no register that guests have begins with `%s`: UNDEFINED",
				    text_shown(text, w->text, w->length));
	print("%u of %u; all others are UNDEFINED\n", shown, sysreg_count);
	return COMMAND_OK;
}
