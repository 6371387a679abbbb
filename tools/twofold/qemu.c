/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes QEMU's arguments.  It keeps true:
 * 1. within an option of QEMU's a comma that belongs to a value is doubled;
 * 2. what the person gave by --qemu-arg stands last, so that it wins.
 */
#include "tools/twofold/qemu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/twofold/guest.h"
#include "tools/twofold/say.h"

struct command {
	char **args;
	size_t count, room;
};

static void add(struct command *c, const char *arg)
{
	if (c->count + 1 >= c->room) {
		c->room = c->room * 2 + 32;
		c->args = realloc(c->args, c->room * sizeof(*c->args));
		if (!c->args)
			fail("no memory");
	}
	c->args[c->count++] = text("%s", arg);
	c->args[c->count] = NULL;
}

static void add_two(struct command *c, const char *option, const char *value)
{
	add(c, option);
	add(c, value);
}

static char *double_commas(const char *value)
{
	char *doubled = malloc(2 * strlen(value) + 1);
	char *to = doubled;

	if (!doubled)
		fail("no memory");
	for (; *value; value++) {
		*to++ = *value;
		if (*value == ',')
			*to++ = ',';
	}
	*to = '\0';
	return doubled;
}

static void add_module(struct command *c, const struct module *module, const char *kind,
		       const char *more)
{
	if (!module->path)
		return;
	add_two(c, "-device",
		text("guest-loader,addr=0x%lx,%s=%s%s", module->address, kind,
		     double_commas(module->path), more));
}

static void add_guest(struct command *c, const struct guest *g)
{
	char *bootargs = text(",bootargs=%s", double_commas(guest_bootargs(g)));

	add_module(c, &g->kernel, "kernel", bootargs);
	add_module(c, &g->ramdisk, "initrd", "");
	add_module(c, &g->disk, "initrd", "");
}

static void add_board(struct command *c, const struct machine *m)
{
	add_two(c, "-M", "virt,virtualization=on,gic-version=3");
	add_two(c, "-cpu", m->cpu);
	add_two(c, "-smp", text("%lu", m->smp));
	add_two(c, "-m", text("%luM", m->mem >> 20));
	add_two(c, "-nic", "none");
	add_two(c, "-display", "none");
	add_two(c, "-monitor", "none");
	add(c, "-no-reboot");
	add_two(c, "-semihosting-config", "enable=on,target=gdb");
	/* QEMU's end of the terminal is no terminal: keys that mean signals stay keys. */
	add_two(c, "-chardev", "stdio,id=uart,signal=off");
	add_two(c, "-serial", "chardev:uart");
}

static const char *hypervisor_args(const struct machine *m)
{
	const char *args = "";

	for (size_t i = 0; i < m->hyp_arg_count; i++)
		args = text("%s%s%s", args, i ? " " : "", m->hyp_args[i]);
	return args;
}

char **qemu_command(const struct machine *m, const char *gdb)
{
	const char *binary = getenv("TWOFOLD_QEMU");
	struct command c = { 0 };

	add(&c, binary && *binary ? binary : "qemu-system-aarch64");
	add_board(&c, m);
	if (m->tap) {
		add_two(&c, "-chardev", text("file,id=tap,path=%s", double_commas(m->tap)));
		add_two(&c, "-device", "pci-serial,chardev=tap");
	}
	add_two(&c, "-kernel", m->hypervisor.path);
	if (m->hyp_arg_count)
		add_two(&c, "-append", hypervisor_args(m));
	for (size_t i = 0; i < m->guest_count; i++)
		add_guest(&c, &m->guests[i]);
	if (gdb) {
		add(&c, "-S");
		add_two(&c, "-gdb", text("unix:%s,server=on,wait=off", double_commas(gdb)));
	}
	for (size_t i = 0; i < m->qemu_arg_count; i++)
		add(&c, m->qemu_args[i]);
	return c.args;
}

/* Letters, digits and a few marks stand for themselves; all else goes into quotes. */
static void print_quoted(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_=,./:@%+";

	if (*word && word[strspn(word, plain)] == '\0') {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

void qemu_print(char *const *command)
{
	for (size_t i = 0; command[i]; i++) {
		/* A line for each option, its value beside it. */
		if (i)
			fputs(command[i][0] == '-' ? " \\\n\t" : " ", stdout);
		print_quoted(command[i]);
	}
	putchar('\n');
}
