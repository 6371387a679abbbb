/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot arguments, key by key.  It keeps true:
 * 1. a key stands at most once, and its whole value is understood, or the word is refused by name
 *    with the rule it breaks;
 * 2. of the guest's own words, behind `--`, none is looked at; without a word of ours all are its.
 */
#include "hyp/vm/config.h"

#include "hyp/vm/feature.h"
#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

enum { VALUE_MAX = 64, PAGE = 4096 };

#define MEM_MIN 0x400000UL
#define MEM_MAX (1UL << 46)
#define DISK_MAX (1UL << 39)

typedef enum err parse_fn(const char *value, struct config *c);

static enum err parse_name(const char *value, struct config *c)
{
	size_t n = strlen(value);
	bool letter = false;

	if (n == 0 || n >= CONFIG_NAME)
		return ERR_RANGE;
	for (size_t i = 0; i < n; i++) {
		bool alpha = (value[i] >= 'a' && value[i] <= 'z') ||
			     (value[i] >= 'A' && value[i] <= 'Z');

		letter = letter || alpha;
		if (!alpha && !(value[i] >= '0' && value[i] <= '9') && value[i] != '-' &&
		    value[i] != '_')
			return ERR_FORMAT;
	}
	if (!letter)
		return ERR_FORMAT;
	memcpy(c->name, value, n + 1);
	return OK;
}

static enum err parse_mem(const char *value, struct config *c)
{
	enum err e = parse_size(value, &c->mem);

	if (e != OK)
		return e;
	if (c->mem < MEM_MIN || c->mem > MEM_MAX)
		return ERR_RANGE;
	return is_aligned(c->mem, PAGE) ? OK : ERR_ALIGN;
}

static enum err parse_cpus(const char *value, struct config *c)
{
	enum err e = parse_u64(value, &c->cpus);

	if (e != OK)
		return e;
	return c->cpus >= 1 && c->cpus <= CONFIG_CPUS_MAX ? OK : ERR_RANGE;
}

static enum err parse_weight(const char *value, struct config *c)
{
	enum err e = parse_u64(value, &c->weight);

	if (e != OK)
		return e;
	return c->weight >= 1 && c->weight <= CONFIG_WEIGHT_MAX ? OK : ERR_RANGE;
}

/* A number of a list, of one digit or two; *at moves behind it. */
static must_check enum err list_number(const char **at, u32 *out)
{
	const char *s = *at;
	u32 n = 0;

	while (s - *at < 2 && *s >= '0' && *s <= '9')
		n = 10 * n + (u32)(*s++ - '0');
	if (s == *at)
		return ERR_FORMAT;
	*at = s;
	*out = n;
	return n < CONFIG_PIN_MAX ? OK : ERR_RANGE;
}

/* `0,2-3`: numbers and ranges, rising or not. */
static must_check enum err parse_list(const char *at, u64 *out)
{
	u64 set = 0;

	for (;;) {
		u32 first = 0, last = 0;
		enum err e = list_number(&at, &first);

		last = first;
		if (e == OK && *at == '-') {
			at++;
			e = list_number(&at, &last);
		}
		if (e != OK)
			return e;
		if (last < first)
			return ERR_RANGE;
		set |= BITS(last, first);
		if (*at == '\0')
			break;
		if (*at++ != ',')
			return ERR_FORMAT;
	}
	*out = set;
	return OK;
}

/* A number in hexadecimal is a mask, all else a list. */
static enum err parse_pin(const char *value, struct config *c)
{
	enum err e;

	if (strncmp(value, "0x", 2) != 0)
		return parse_list(value, &c->pins);
	e = parse_u64(value, &c->pins);
	return e == OK && c->pins == 0 ? ERR_RANGE : e;
}

/* The sizes that some granule has leaves of, and the run of 2 MiB. */
static enum err parse_leaf(const char *value, struct config *c)
{
	const u64 sizes = BIT(12) | BIT(14) | BIT(16) | BIT(21) | BIT(25) | BIT(29) | BIT(30);
	enum err e = parse_size(value, &c->leaf);

	if (e != OK)
		return e;
	return is_power_of_two(c->leaf) && (c->leaf & sizes) ? OK : ERR_RANGE;
}

static enum err parse_granule(const char *value, struct config *c)
{
	u64 granule;
	enum err e = parse_size(value, &granule);

	if (e != OK)
		return e;
	if (granule != BIT(12) && granule != BIT(14) && granule != BIT(16))
		return ERR_RANGE;
	c->granule_shift = (u8)log2_down(granule);
	return OK;
}

static enum err parse_ipa(const char *value, struct config *c)
{
	u64 bits;
	enum err e = parse_u64(value, &bits);

	if (e != OK)
		return e;
	if (bits < 32 || bits > 52)
		return ERR_RANGE;
	c->ipa_bits = (u8)bits;
	return OK;
}

static enum err parse_features(const char *value, struct config *c)
{
	return features_parse(value, &c->without, &c->required);
}

static enum err parse_populate(const char *value, struct config *c)
{
	c->eager = strcmp(value, "eager") == 0;
	return c->eager || strcmp(value, "demand") == 0 ? OK : ERR_FORMAT;
}

static enum err parse_pmu(const char *value, struct config *c)
{
	c->has_pmu = strcmp(value, "direct") == 0;
	return c->has_pmu || strcmp(value, "hidden") == 0 ? OK : ERR_FORMAT;
}

static enum err parse_ramdisk(const char *value, struct config *c)
{
	c->has_ramdisk = true;
	return parse_u64(value, &c->ramdisk);
}

/* A number alone is an address; a size has a unit. */
static enum err parse_disk(const char *value, struct config *c)
{
	enum err e = parse_u64(value, &c->disk);

	c->has_disk = true;
	if (e != ERR_FORMAT)
		return e;
	e = parse_size(value, &c->disk_size);
	if (e != OK)
		return e;
	if (c->disk_size == 0 || c->disk_size > DISK_MAX)
		return ERR_RANGE;
	return is_aligned(c->disk_size, PAGE) ? OK : ERR_ALIGN;
}

static enum err parse_disk_access(const char *value, struct config *c)
{
	c->disk_read_only = strcmp(value, "ro") == 0;
	return c->disk_read_only || strcmp(value, "rw") == 0 ? OK : ERR_FORMAT;
}

static const struct key {
	const char *name;
	parse_fn *parse;
	const char *rule;
} keys[] = {
	{ "tf.name=", parse_name, "1 to 15 letters, digits, - and _, a letter among them" },
	{ "tf.mem=", parse_mem, "4M to 64T, a multiple of 4K" },
	{ "tf.cpus=", parse_cpus, "1 to 8" },
	{ "tf.weight=", parse_weight, "1 to 1000; 100 is usual" },
	{ "tf.pin=", parse_pin, "CPUs as a list, 0,2-3, or a mask, 0xd" },
	{ "tf.leaf=", parse_leaf, "4k, 16k, 64k, 2m, 32m, 512m or 1g" },
	{ "tf.granule=", parse_granule, "4k, 16k or 64k" },
	{ "tf.ipa=", parse_ipa, "32 to 52 bits" },
	{ "tf.features=", parse_features,
	  "- or + before each of haf, hd, xnx, fwb, ttl, range, bbm" },
	{ "tf.populate=", parse_populate, "demand or eager" },
	{ "tf.pmu=", parse_pmu, "hidden or direct" },
	{ "tf.ramdisk=", parse_ramdisk, "the address of a module" },
	{ "tf.disk=", parse_disk, "the address of a module, or a size, 4K to 512G" },
	{ "tf.disk-access=", parse_disk_access, "rw or ro" },
};

static const struct key *find_key(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strncmp(word, keys[i].name, strlen(keys[i].name)) == 0)
			return &keys[i];
	return NULL;
}

static must_check enum err one_word(const char *word, u32 *seen, struct config *c,
				    char why[CONFIG_WHY])
{
	const struct key *key = find_key(word);
	const char *value;
	enum err e;

	if (!key) {
		fmt(why, CONFIG_WHY,
		    "%s: unknown; tf.name, tf.mem, tf.cpus, tf.weight, tf.pin, tf.leaf, "
		    "tf.granule, tf.ipa, tf.features, tf.populate, tf.pmu, tf.ramdisk, "
		    "tf.disk, tf.disk-access stand before --",
		    word);
		return ERR_FORMAT;
	}
	if (*seen & 1u << (key - keys)) {
		fmt(why, CONFIG_WHY, "%s: given twice", word);
		return ERR_EXISTS;
	}
	*seen |= 1u << (key - keys);
	value = word + strlen(key->name);
	e = key->parse(value, c);
	if (e != OK)
		fmt(why, CONFIG_WHY, "%s: %s (%s)", word, err_text(e), key->rule);
	return e;
}

static const char *skip_spaces(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* Copies the word at *s and moves on; false where it is too long to be one of ours. */
static bool take_word(const char **s, char word[VALUE_MAX])
{
	size_t n = 0;

	while ((*s)[n] && (*s)[n] != ' ')
		n++;
	if (n >= VALUE_MAX) {
		memcpy(word, *s, VALUE_MAX - 1);
		word[VALUE_MAX - 1] = '\0';
		return false;
	}
	memcpy(word, *s, n);
	word[n] = '\0';
	*s = skip_spaces(*s + n);
	return true;
}

/* Whether a word before the first `--` begins with "tf.", or there is nothing before it. */
static bool has_ours(const char *text)
{
	bool first = true;

	for (; *text; first = false) {
		size_t n = 0;

		while (text[n] && text[n] != ' ')
			n++;
		if (n == 2 && strncmp(text, "--", 2) == 0)
			return first;
		if (strncmp(text, "tf.", 3) == 0)
			return true;
		text = skip_spaces(text + n);
	}
	return false;
}

enum err config_parse(const char *text, struct config *c, char why[CONFIG_WHY])
{
	char word[VALUE_MAX];
	u32 seen = 0;

	*c = (struct config){ .mem = 128UL << 20,
			      .cpus = 1,
			      .weight = 100,
			      .leaf = BIT(21),
			      .granule_shift = 12,
			      .args = text };
	text = skip_spaces(text);
	if (!has_ours(text))
		return OK;
	while (*text) {
		enum err e;

		if (!take_word(&text, word)) {
			fmt(why, CONFIG_WHY, "%s...: too long", word);
			return ERR_RANGE;
		}
		if (strcmp(word, "--") == 0)
			break;
		e = one_word(word, &seen, c, why);
		if (e != OK)
			return e;
	}
	c->args = text;
	return OK;
}
