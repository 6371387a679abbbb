/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings of a machine, from wherever they come.  It keeps true:
 * 1. a setting that holds one value is given once, and is not empty;
 * 2. strings are kept as they came or copied, so they outlive the caller's buffer only where
 *    the caller says so (machine_read() copies, argv lives on).
 */
#include "tools/twofold/machine.h"

#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "tools/twofold/file.h"
#include "tools/twofold/guest.h"
#include "tools/twofold/say.h"

#define MIB (1UL << 20)

static void set_cpu(struct machine *m, const char *label, const char *value, const char *folder)
{
	(void)folder;
	if (m->cpu)
		fail("%s: given twice", label);
	m->cpu = value;
}

static void set_smp(struct machine *m, const char *label, const char *value, const char *folder)
{
	(void)folder;
	if (m->smp)
		fail("%s: given twice", label);
	if (parse_u64(value, &m->smp) != OK || m->smp == 0)
		fail("%s: %s is not a number of CPUs", label, value);
	if (m->smp > 8)
		fail("%s: %lu CPUs: the hypervisor runs on 8 at most", label, m->smp);
}

static void set_mem(struct machine *m, const char *label, const char *value, const char *folder)
{
	(void)folder;
	if (m->mem)
		fail("%s: given twice", label);
	if (parse_size(value, &m->mem) != OK)
		fail("%s: %s is not a size (e.g. 512M, 2G)", label, value);
	if (m->mem < 32 * MIB || m->mem > (1UL << 40) || m->mem % (2 * MIB))
		fail("%s: %s: must be a multiple of 2M, from 32M to 1T", label, value);
}

static void add(const char *list[], size_t *count, const char *label, const char *value)
{
	if (*count == MACHINE_EXTRA)
		fail("%s: more than %d of them", label, MACHINE_EXTRA);
	list[(*count)++] = value;
}

static void add_qemu_arg(struct machine *m, const char *label, const char *value,
			 const char *folder)
{
	(void)folder;
	add(m->qemu_args, &m->qemu_arg_count, label, value);
}

static void add_hyp_arg(struct machine *m, const char *label, const char *value, const char *folder)
{
	(void)folder;
	if (strpbrk(value, " \t"))
		fail("%s: '%s' has a space in it", label, value);
	add(m->hyp_args, &m->hyp_arg_count, label, value);
}

static void add_guest(struct machine *m, const char *label, const char *value, const char *folder)
{
	if (m->guest_count == MACHINE_GUESTS)
		fail("%s: more than %d guests", label, MACHINE_GUESTS);
	m->guests[m->guest_count++] = guest_parse(label, value, folder);
}

static const struct setting {
	const char *key;
	void (*set)(struct machine *m, const char *label, const char *value, const char *folder);
} settings[] = {
	{ "cpu", set_cpu },           { "smp", set_smp },         { "mem", set_mem },
	{ "qemu-arg", add_qemu_arg }, { "hyp-arg", add_hyp_arg }, { "guest", add_guest },
};

void machine_set(struct machine *m, const char *label, const char *key, const char *value,
		 const char *folder)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (strcmp(settings[i].key, key) != 0)
			continue;
		if (!*value)
			fail("%s: the value is missing", label);
		settings[i].set(m, label, value, folder);
		return;
	}
	fail("%s: unknown key '%s' (cpu, smp, mem, qemu-arg, hyp-arg, guest)", label, key);
}

void machine_merge(struct machine *m, const struct machine *under)
{
	struct machine merged = *under;

	if (m->cpu)
		merged.cpu = m->cpu;
	if (m->smp)
		merged.smp = m->smp;
	if (m->mem)
		merged.mem = m->mem;
	merged.tap = m->tap;
	for (size_t i = 0; i < m->qemu_arg_count; i++)
		add(merged.qemu_args, &merged.qemu_arg_count, "--qemu-arg", m->qemu_args[i]);
	for (size_t i = 0; i < m->hyp_arg_count; i++)
		add(merged.hyp_args, &merged.hyp_arg_count, "--hyp-arg", m->hyp_args[i]);
	for (size_t i = 0; i < m->guest_count; i++) {
		if (merged.guest_count == MACHINE_GUESTS)
			fail("%s: more than %d guests", m->guests[i].label, MACHINE_GUESTS);
		merged.guests[merged.guest_count++] = m->guests[i];
	}
	*m = merged;
}

void machine_finish(struct machine *m)
{
	if (!m->cpu)
		m->cpu = "cortex-a72";
	/* Emulating the architected pointer authentication algorithm costs most of the time. */
	if (strcmp(m->cpu, "max") == 0)
		m->cpu = "max,pauth-impdef=on";
	if (!m->smp)
		m->smp = 1;
	if (!m->mem)
		m->mem = 1024 * MIB;
	if (!m->guest_count)
		add_guest(m, "the small guest", "kernel=@/small.img", "");
	m->hypervisor.path = file_path("@/hyp.elf", "");
}
