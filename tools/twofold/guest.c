/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest is asked to be.  It keeps true:
 * 1. each key is given at most once;
 * 2. a name is one that the console takes for nothing else: it begins with a letter.
 */
#include "tools/twofold/guest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "tools/twofold/file.h"
#include "tools/twofold/say.h"

#define MIB (1UL << 20)
#define DISK_MAX (1UL << 39)

enum key {
	KERNEL,
	NAME,
	MEM,
	CPUS,
	WEIGHT,
	PIN,
	LEAF,
	GRANULE,
	IPA,
	FEATURES,
	POPULATE,
	RAMDISK,
	DISK,
	ACCESS,
	PMU,
	KEYS,
};

static const char *const keys[KEYS] = { "kernel",   "name",    "mem",     "cpus",        "weight",
					"pin",      "leaf",    "granule", "ipa",         "features",
					"populate", "ramdisk", "disk",    "disk-access", "pmu" };

static bool is_name(const char *name)
{
	if (!isalpha((unsigned char)*name) || strlen(name) >= MACHINE_NAME)
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return false;
	}
	return true;
}

/* The kernel's file name up to its first dot, where that is a name; else "guest". */
static const char *default_name(const char *kernel)
{
	const char *slash = strrchr(kernel, '/');
	const char *base = slash ? slash + 1 : kernel;
	char *name = text("%.*s", (int)strcspn(base, "."), base);

	return is_name(name) ? name : "guest";
}

/* The word of a list, which a NULL ends, that value is. */
static const char *one_of(const char *label, const char *key, const char *value,
			  const char *const words[])
{
	const char *list = words[0];

	for (size_t i = 0; words[i]; i++) {
		if (strcasecmp(words[i], value) == 0)
			return words[i];
		if (i > 0)
			list = text("%s%s%s", list, words[i + 1] ? ", " : " or ", words[i]);
	}
	fail("%s: %s=%s: must be %s", label, key, value, list);
}

static const char *const leaves[] = { "4k", "16k", "64k", "2m", "32m", "512m", "1g", NULL };
static const char *const granules[] = { "4k", "16k", "64k", NULL };
static const char *const pmus[] = { "hidden", "direct", NULL };
static const char *const accesses[] = { "rw", "ro", NULL };
static const char *const ways[] = { "demand", "eager", NULL };

static u64 guest_mem(const char *label, const char *value)
{
	u64 mem;

	if (parse_size(value, &mem) != OK)
		fail("%s: mem=%s is not a size (e.g. 256M)", label, value);
	if (mem < 4 * MIB || mem % (2 * MIB))
		fail("%s: mem=%s: must be a multiple of 2M, and 4M at least", label, value);
	return mem;
}

static u64 guest_cpus(const char *label, const char *value)
{
	u64 cpus;

	if (parse_u64(value, &cpus) != OK || cpus == 0)
		fail("%s: cpus=%s is not a number of CPUs", label, value);
	if (cpus > 8)
		fail("%s: cpus=%s: a guest has at most 8 CPUs", label, value);
	return cpus;
}

static u64 guest_ipa(const char *label, const char *value)
{
	u64 bits;

	if (parse_u64(value, &bits) != OK || bits < 32 || bits > 52)
		fail("%s: ipa=%s: must be 32 to 52 (bits)", label, value);
	return bits;
}

/* The names are the hypervisor's business. */
static const char *guest_features(const char *label, const char *value)
{
	if (strspn(value, "+-abcdefghijklmnopqrstuvwxyz") != strlen(value))
		fail("%s: features=%s: must be names with + or - before each, e.g. -fwb-haf", label,
		     value);
	return value;
}

static u64 guest_weight(const char *label, const char *value)
{
	u64 weight;

	if (parse_u64(value, &weight) != OK || weight == 0 || weight > 1000)
		fail("%s: weight=%s: must be a number from 1 to 1000", label, value);
	return weight;
}

/* A CPU, a range of them, or a mask from 0x1 on; the machine says whether it has them. */
static const char *guest_pins(const char *label, const char *value)
{
	size_t first = strspn(value, "0123456789");
	u64 mask;

	if (strncmp(value, "0x", 2) == 0 && parse_u64(value, &mask) == OK && mask)
		return value;
	if (first && first == strlen(value))
		return value;
	if (first && value[first] == '-' && value[first + 1] &&
	    strspn(value + first + 1, "0123456789") == strlen(value + first + 1))
		return value;
	fail("%s: pin=%s: must be a CPU, a range like 0-1, or a mask like 0x5", label, value);
}

/* A number with a unit is a disk of zeros (./64M is the file of that name). */
static void set_disk(struct guest *g, const char *value, const char *folder)
{
	bool has_unit = isalpha((unsigned char)value[strlen(value) - 1]);

	if (!has_unit || parse_size(value, &g->disk_size) != OK) {
		g->disk.path = file_path(value, folder);
		return;
	}
	if (!g->disk_size || g->disk_size > DISK_MAX || g->disk_size % 4096)
		fail("%s: disk=%s: must be a multiple of 4K, from 4K to 512G", g->label, value);
}

static void guest_set(struct guest *g, enum key key, const char *value, const char *folder)
{
	switch (key) {
	case KERNEL: g->kernel.path = file_path(value, folder); break;
	case RAMDISK: g->ramdisk.path = file_path(value, folder); break;
	case DISK: set_disk(g, value, folder); break;
	case ACCESS: g->access = one_of(g->label, "disk-access", value, accesses); break;
	case MEM: g->mem = guest_mem(g->label, value); break;
	case CPUS: g->cpus = guest_cpus(g->label, value); break;
	case WEIGHT: g->weight = guest_weight(g->label, value); break;
	case PIN: g->pins = guest_pins(g->label, value); break;
	case LEAF: g->leaf = one_of(g->label, "leaf", value, leaves); break;
	case GRANULE: g->granule = one_of(g->label, "granule", value, granules); break;
	case IPA: g->ipa = guest_ipa(g->label, value); break;
	case FEATURES: g->features = guest_features(g->label, value); break;
	case POPULATE: g->populate = one_of(g->label, "populate", value, ways); break;
	case PMU: g->pmu = one_of(g->label, "pmu", value, pmus); break;
	case NAME:
		if (!is_name(value))
			fail("%s: name=%s: must be a letter and up to %d letters, digits, - or _",
			     g->label, value, MACHINE_NAME - 2);
		g->name = value;
		break;
	case KEYS: break;
	}
}

static enum key find_key(const char *label, const char *word)
{
	for (enum key k = 0; k < KEYS; k++) {
		if (strcmp(keys[k], word) == 0)
			return k;
	}
	fail("%s: unknown key '%s' (kernel, name, mem, cpus, weight, pin, leaf, granule, ipa,"
	     " features, populate, ramdisk, disk, disk-access, pmu, args)",
	     label, word);
}

/* Takes "key=value" off the front of rest; returns what follows its comma, or NULL. */
static const char *take_pair(struct guest *g, const char *rest, bool given[KEYS],
			     const char *folder)
{
	size_t length = strcspn(rest, ",");
	char *pair = text("%.*s", (int)length, rest);
	char *value = strchr(pair, '=');
	enum key key;

	if (!value)
		fail("%s: '%s' is not key=value", g->label, pair);
	*value++ = '\0';
	key = find_key(g->label, pair);
	if (given[key])
		fail("%s: %s= is given twice", g->label, pair);
	if (!*value)
		fail("%s: %s= has no value", g->label, pair);
	given[key] = true;
	guest_set(g, key, value, folder);
	return rest[length] ? rest + length + 1 : NULL;
}

struct guest guest_parse(const char *label, const char *value, const char *folder)
{
	struct guest g = {
		.label = label,
		.mem = 128 * MIB,
		.cpus = 1,
		.leaf = "2m",
		.populate = "demand",
		.args = "",
	};
	bool given[KEYS] = { false };
	const char *rest = value;

	while (rest && strncmp(rest, "args=", 5) != 0)
		rest = take_pair(&g, rest, given, folder);
	if (rest)
		g.args = rest + 5;
	if (!g.kernel.path)
		fail("%s: kernel= is missing", label);
	if (g.access && !g.disk.path && !g.disk_size)
		fail("%s: disk-access= says nothing without disk=", label);
	if (!g.name)
		g.name = default_name(g.kernel.path);
	return g;
}

/* What was said of the shape of stage 2, beside the leaf. */
static const char *stage2_args(const struct guest *g)
{
	return text("%s%s%s%s%s", g->granule ? " tf.granule=" : "", g->granule ? g->granule : "",
		    g->ipa ? text(" tf.ipa=%lu", g->ipa) : "", g->features ? " tf.features=" : "",
		    g->features ? g->features : "");
}

char *guest_bootargs(const struct guest *g)
{
	const char *ramdisk = g->ramdisk.path ? text(" tf.ramdisk=0x%lx", g->ramdisk.address) : "";
	const char *disk = "", *share = "";

	if (g->disk.path)
		disk = text(" tf.disk=0x%lx", g->disk.address);
	else if (g->disk_size)
		disk = text(" tf.disk=%s", size_text(g->disk_size));
	if (g->access)
		disk = text("%s tf.disk-access=%s", disk, g->access);
	if (g->weight)
		share = text(" tf.weight=%lu", g->weight);
	if (g->pins)
		share = text("%s tf.pin=%s", share, g->pins);
	return text("tf.name=%s tf.mem=%s tf.cpus=%lu%s tf.leaf=%s%s tf.populate=%s%s%s%s --%s%s",
		    g->name, size_text(g->mem), g->cpus, share, g->leaf, stage2_args(g),
		    g->populate, g->pmu ? text(" tf.pmu=%s", g->pmu) : "", ramdisk, disk,
		    *g->args ? " " : "", g->args);
}
