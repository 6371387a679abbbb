/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * help, out of the command table.
 */
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "lib/fmt.h"
#include "lib/str.h"

static void print_row(const struct command *c)
{
	char call[64];

	fmt(call, sizeof(call), "%s%s%s%s%s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "",
	    *c->usage ? " " : "", c->usage);
	print("  %-30s %s\n", call, c->help);
}

static bool names(const struct args *a, const struct command *c, enum match wanted)
{
	if (a->count == 0)
		return true;
	if (word_match(&a->word[0], c->noun) < wanted)
		return false;
	return a->count == 1 || (c->verb && word_match(&a->word[1], c->verb) != MATCH_NONE);
}

static u32 print_rows(const struct args *a, enum match wanted)
{
	u32 shown = 0;

	for (u32 i = 0; i < command_count; i++) {
		if (!names(a, &commands[i], wanted))
			continue;
		print_row(&commands[i]);
		if (a->count)
			print_text(commands[i].more, strlen(commands[i].more));
		shown++;
	}
	return shown;
}

enum command_result cmd_help(const struct args *a)
{
	char shown[SHOWN_MAX];

	if (print_rows(a, MATCH_WHOLE) == 0 && print_rows(a, MATCH_PREFIX) == 0)
		return command_fail("there is no command `%s`; `help` lists them",
				    text_shown(shown, a->word[0].text, a->word[0].length));
	if (a->count == 0)
		print("`help COMMAND` says more; any unique beginning will do; `;` separates "
		      "commands\n");
	return COMMAND_OK;
}
