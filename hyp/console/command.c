/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command table, and how a line finds its row.
 * 1. Rows of one noun stand together; a noun's row without a verb is its last.
 * 2. A prefix counts where only one name begins with it; the whole name always does.
 */
#include "hyp/console/command.h"

#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/vm/vm.h"
#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

/* Nouns by themselves that take arguments have verbs that must be written whole: see walk. */
const struct command commands[] = {
	{ "help", NULL, "[COMMAND]", "what there is, or one command in full",
	  "Any unique beginning of a noun or verb will do; `;` separates commands.\n"
	  "'text' and \"text\" are one argument; in them\n"
	  "\\n \\r \\t \\\\ \\' \\\" \\xHH stand for bytes.\n"
	  "Numbers are decimal, or hexadecimal after 0x; sizes take K, M, G, T.\n",
	  0, 2, false, cmd_help },
	{ "info", NULL, "", "the machine: CPU features, stage-2 geometry, RAM, boot table", "", 0,
	  0, false, cmd_info },
	{ "vm", "list", "", "every VM, its state and memory", "", 0, 0, false, cmd_vm_list },
	{ "vm", "show", "VM", "configuration, registers, exits by cause, last fault",
	  "VM is a name or a number.  Registers are those of the last exit.\n", 1, 1, true,
	  cmd_vm_show },
	{ "vm", "pause", "VM", "its vCPUs stop running, and its virtual time stands still",
	  "Nothing else changes.  CNTVCT_EL0 goes on where it was; CNTPCT_EL0 is the machine's.\n",
	  1, 1, true, cmd_vm_pause },
	{ "vm", "resume", "VM", "a paused VM goes on, as if no time had passed", "", 1, 1, true,
	  cmd_vm_resume },
	{ "vm", "stop", "VM", "ends it and takes its memory back", "", 1, 1, true, cmd_vm_stop },
	{ "vm", "start", "VM", "starts a stopped one from fresh memory", "", 1, 1, true,
	  cmd_vm_start },
	{ "vm", "reset", "VM", "stop and start", "", 1, 1, true, cmd_vm_reset },
	{ "vm", NULL, "", "the same as vm list", "", 0, 0, false, cmd_vm_list },
	{ "s2", "map", "VM [RANGE]", "what its stage 2 maps, in runs",
	  "A row is contiguous in IPA and PA, with one level and equal attributes.\n"
	  "RANGE is START..END, START+SIZE or START SIZE.  flags: A accessed, D in the\n"
	  "dirty log (DBM: dirty where W stands beside it), C contiguous hint; trap: never\n"
	  "mapped, emulated.  mem: WB, WT, NC or a Device type; sh: IS, OS or NS.\n",
	  1, 3, true, cmd_s2_map },
	{ "s2", "walk", "VM IPA", "stage 2's walk of one address, a line per level", "", 2, 2, true,
	  cmd_s2_walk },
	{ "s2", "stat", "VM", "leaves by size, tables, splits, merges, TLBIs by kind", "", 1, 1,
	  true, cmd_s2_stat },
	{ "s2", "log", "VM start [block|page]|harvest|stop", "the dirty log of its RAM",
	  "harvest prints what was written since the last one, or the start, as runs of granules\n"
	  "START END SIZE, and their number; grain block: a write marks its whole leaf; grain\n"
	  "page: blocks are split when they are written, and whole again after stop.\n",
	  2, 3, true, cmd_s2_log },
	{ "s2", "age", "VM", "what was accessed since the last time; access flags are cleared",
	  "Runs of granules, START END SIZE, and their number.\n", 1, 1, true, cmd_s2_age },
	{ "s2", "protect", "VM IPA SIZE PERM", "permissions of what is mapped: of rwx, or -",
	  "Blocks are split where the range cuts them.  What the guest does against them is\n"
	  "refused, reported, and answered with an external abort.\n",
	  4, 4, true, cmd_s2_protect },
	{ "s2", "check", "[VM]", "re-derives the invariants of tables, owners and pool", "", 0, 1,
	  true, cmd_s2_check },
	{ "mem", "slab", "", "the pool's caches: geometry, slabs, objects",
	  "Bytes of an object and from one to the next, objects and pages (2^order) of a slab,\n"
	  "where its descriptor is, colours and their step; slabs by list; objects used, free in\n"
	  "magazines, magazines.\n",
	  0, 0, false, cmd_mem_slab },
	{ "mem", "scan", "WORD", "frames of the pool that hold a word of 8 bytes",
	  "Guests' memory included; nothing of a stopped guest's is left.  All stand still.\n", 1,
	  1, false, cmd_mem_scan },
	{ "mem", NULL, "", "the pool: free, used and promised frames, blocks by order", "", 0, 0,
	  false, cmd_mem },
	{ "esr", NULL, "HEX", "an exception syndrome in words", "", 1, 1, false, cmd_esr },
	{ "sysreg", NULL, "[NAME]", "system registers that a guest has, and what it gets of each",
	  "NAME is how names begin.  \"its own\" and \"its own when used\" go with the vCPU.\n", 0,
	  1, false, cmd_sysreg },
	{ "x", NULL, "VM IPA [BYTES]", "a dump of guest memory; nothing is faulted in",
	  "64 bytes where BYTES is not given, at most 4096.\n", 2, 3, true, cmd_x },
	{ "walk", "check", "VM N SEED", "N random addresses, software against hardware",
	  "Each is read and written at EL1 and EL0, by both stages and by stage 1 alone; the\n"
	  "first disagreement is shown in full.  Guests stand still meanwhile.\n",
	  3, 3, true, cmd_walk_check },
	{ "walk", NULL, "VM VA [r|w] [el1|el0]", "both stages' walk of a VA, and the hardware's",
	  "Reads at EL1 where nothing else is asked.  Beside the software walk stand AT S12E1R\n"
	  "(or what fits) and AT S1E1R, run with the registers of the VM's vCPU 0.\n",
	  2, 4, true, cmd_walk },
	{ "con", NULL, "VM", "your keys go to the guest, its output comes raw; Ctrl-] leaves", "",
	  1, 1, true, cmd_con },
	{ "wait", NULL, "VM 'TEXT' SECONDS", "until the text stands in the guest's output",
	  "It looks behind the last wait's match, and fails after the time, or at once where the\n"
	  "guest has stopped.  ^C ends it.\n",
	  3, 3, true, cmd_wait },
	{ "send", NULL, "VM 'TEXT'", "bytes for the guest's UART", "", 2, 2, true, cmd_send },
	{ "exit", NULL, "[N]", "ends the machine with status N",
	  "0 where N is not given, or 1 if a command has failed; so does the end of input.\n", 0, 1,
	  false, cmd_exit },
};

const u32 command_count = ARRAY_SIZE(commands);

enum command_result command_fail(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	fmt_v(text, sizeof(text), format, args);
	va_end(args);
	print("error: %s\n", text);
	return COMMAND_FAILED;
}

const char *size_text(u64 bytes)
{
	static char text[4][24];
	static u32 next;

	next = (next + 1) % ARRAY_SIZE(text);
	fmt_size(text[next], sizeof(text[next]), bytes);
	return text[next];
}

/* ---- Arguments ------------------------------------------------------------------------------ */

static bool word_is_text(const struct word *w)
{
	return strlen(w->text) == w->length;
}

bool arg_vm(const struct args *a, u32 i, struct vm **out)
{
	const struct word *w = &a->word[i];
	char shown[SHOWN_MAX];
	struct vm *vm = word_is_text(w) ? vm_find(w->text) : NULL;

	if (!vm) {
		command_fail("there is no VM `%s`; `vm` lists them",
			     text_shown(shown, w->text, w->length));
		return false;
	}
	*out = vm;
	return true;
}

bool arg_vm_alive(const struct args *a, u32 i, struct vm **out)
{
	struct vm *vm;

	if (!arg_vm(a, i, &vm))
		return false;
	if (vm->state == VM_STOPPED) {
		command_fail("%s is stopped: it has no tables and no registers", vm->config.name);
		return false;
	}
	*out = vm;
	return true;
}

bool arg_number(const struct args *a, u32 i, const char *what, u64 *out)
{
	const struct word *w = &a->word[i];
	char shown[SHOWN_MAX];
	enum err e = word_is_text(w) ? parse_size(w->text, out) : ERR_FORMAT;

	if (e != OK)
		command_fail("%s `%s`: %s", what, text_shown(shown, w->text, w->length),
			     e == ERR_RANGE ? "2^64 or more" : "not a number");
	return e == OK;
}

/* ---- Finding a row -------------------------------------------------------------------------- */

/* The first row of each noun stands for it. */
static bool begins_noun(u32 i)
{
	return i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0;
}

static u32 noun_end(u32 i)
{
	const char *noun = commands[i].noun;

	while (i < command_count && strcmp(commands[i].noun, noun) == 0)
		i++;
	return i;
}

/* One or two edits away, and not another word altogether. */
static bool is_near(const struct word *w, const char *name)
{
	u32 edits = word_distance(w, name);

	return edits <= 2 && 2 * edits <= max_u64(w->length, strlen(name));
}

/* "a, b, c" of the names that word is a prefix of, or that are near it; "" where none is. */
static void possibilities(char *buf, size_t size, const struct word *w, u32 from, u32 to, bool verb,
			  bool prefixes)
{
	size_t used = 0;

	buf[0] = '\0';
	for (u32 i = from; i < to && used < size; i++) {
		const char *name = verb ? commands[i].verb : commands[i].noun;

		if (verb ? !name : !begins_noun(i))
			continue;
		if (prefixes ? word_match(w, name) == MATCH_NONE : !is_near(w, name))
			continue;
		used += fmt(buf + used, size - used, "%s%s", used ? ", " : "", name);
	}
}

static void refuse_name(const struct word *w, u32 from, u32 to, bool verb, bool ambiguous)
{
	const char *noun = verb ? commands[from].noun : "";
	const char *gap = verb ? " " : "";
	char shown[SHOWN_MAX], names[160];

	text_shown(shown, w->text, w->length);
	possibilities(names, sizeof(names), w, from, to, verb, ambiguous);
	if (ambiguous)
		command_fail("`%s%s%s` may be %s", noun, gap, shown, names);
	else if (names[0])
		command_fail("there is no `%s%s%s`; near it: %s", noun, gap, shown, names);
	else
		command_fail("there is no `%s%s%s`; `help` lists the commands", noun, gap, shown);
}

/*
 * The row in [from, to) whose noun (or verb) the word is, whole or by a unique prefix;
 * command_count where there is none, command_count + 1 where several are.
 */
static u32 find_name(const struct word *w, u32 from, u32 to, bool verb)
{
	u32 found = command_count;

	for (u32 i = from; i < to; i++) {
		const char *name = verb ? commands[i].verb : commands[i].noun;
		enum match m;

		if (verb ? !name : !begins_noun(i))
			continue;
		m = word_match(w, name);
		if (m == MATCH_NONE)
			continue;
		if (m == MATCH_WHOLE)
			return i;
		found = found == command_count ? i : command_count + 1;
	}
	return found;
}

static enum command_result refuse_arguments(const struct command *c)
{
	const char *gap = c->verb ? " " : "";
	const char *verb = c->verb ? c->verb : "";

	if (c->max == 0)
		return command_fail("%s%s%s takes no arguments", c->noun, gap, verb);
	return command_fail("usage: %s%s%s %s", c->noun, gap, verb, c->usage);
}

/* The row for a command's words; *taken is how many name it.  NULL: the error is printed. */
static const struct command *find_command(const struct words *w, u32 *taken)
{
	u32 first = find_name(&w->word[0], 0, command_count, false);
	u32 end, row;
	const struct command *bare;

	if (first >= command_count) {
		refuse_name(&w->word[0], 0, command_count, false, first > command_count);
		return NULL;
	}
	end = noun_end(first);
	bare = commands[end - 1].verb ? NULL : &commands[end - 1];
	*taken = 1;
	if (w->count == 1 && bare)
		return bare;
	row = w->count > 1 ? find_name(&w->word[1], first, end, true) : command_count;
	if (bare && bare->max > 0 &&
	    (row >= command_count || word_match(&w->word[1], commands[row].verb) != MATCH_WHOLE))
		return bare;
	*taken = 2;
	if (row < command_count)
		return &commands[row];
	if (w->count == 1)
		command_fail("`%s` wants a verb; `help %s` lists them", commands[first].noun,
			     commands[first].noun);
	else if (bare && end - first == 1)
		refuse_arguments(bare);
	else
		refuse_name(&w->word[1], first, end, true, row > command_count);
	return NULL;
}

enum command_result command_run(const char **line)
{
	static struct words w; /* stays while the command runs; commands do not nest */
	const struct command *c;
	struct args a;
	u32 taken;
	const char *why = words_next(line, &w);

	if (why)
		return command_fail("%s", why);
	if (w.count == 0)
		return COMMAND_OK;
	c = find_command(&w, &taken);
	if (!c)
		return COMMAND_FAILED;
	a.count = w.count - taken;
	a.word = &w.word[taken];
	if (a.count < c->min || a.count > c->max)
		return refuse_arguments(c);
	return c->run(&a);
}

/* ---- Completion ----------------------------------------------------------------------------- */

/* Where the command begins that the word at text[word] belongs to. */
static const char *command_start(const char *text, size_t word)
{
	while (word > 0 && text[word - 1] != ';')
		word--;
	return text + word;
}

/* The n-th of nouns (verb = false) or of one noun's verbs that w is the beginning of. */
static const char *complete_name(const struct word *w, u32 from, u32 to, bool verb, size_t *n)
{
	for (u32 i = from; i < to; i++) {
		const char *name = verb ? commands[i].verb : commands[i].noun;

		if (verb ? !name : !begins_noun(i))
			continue;
		if ((w->length == 0 || word_match(w, name) != MATCH_NONE) && (*n)-- == 0)
			return name;
	}
	return NULL;
}

static const char *complete_vm(const struct word *w, size_t *n)
{
	for (u32 i = 0; i < vm_count; i++) {
		const char *name = vms[i].config.name;

		if ((w->length == 0 || word_match(w, name) != MATCH_NONE) && (*n)-- == 0)
			return name;
	}
	return NULL;
}

/* The verb or VM that follows a noun. */
static const char *complete_second(const struct word *noun, const struct word *w, size_t n)
{
	u32 first = find_name(noun, 0, command_count, false);
	const char *name;
	u32 end;

	if (first >= command_count)
		return NULL;
	end = noun_end(first);
	name = complete_name(w, first, end, true, &n);
	if (name || commands[end - 1].verb || !commands[end - 1].names_vm)
		return name;
	return complete_vm(w, &n);
}

static const char *complete_third(const struct words *before, const struct word *w, size_t n)
{
	u32 first = find_name(&before->word[0], 0, command_count, false);
	u32 row;

	if (first >= command_count)
		return NULL;
	row = find_name(&before->word[1], first, noun_end(first), true);
	if (row >= command_count || !commands[row].names_vm)
		return NULL;
	return complete_vm(w, &n);
}

const char *command_complete(const char *text, size_t word, size_t n)
{
	static struct words before;
	static char copy[WORDS_BYTES];
	const char *start = command_start(text, word);
	size_t length = (size_t)(text + word - start);
	struct word w = { text + word, strlen(text + word) };
	const char *p = copy;

	if (length >= sizeof(copy))
		return NULL;
	memcpy(copy, start, length);
	copy[length] = '\0';
	if (words_next(&p, &before))
		return NULL;
	switch (before.count) {
	case 0: return complete_name(&w, 0, command_count, false, &n);
	case 1: return complete_second(&before.word[0], &w, n);
	case 2: return complete_third(&before, &w, n);
	default: return NULL;
	}
}
