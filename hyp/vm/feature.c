/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of features, both ways, out of one table.
 */
#include "hyp/vm/feature.h"

#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "s2/geometry.h"

static const struct {
	const char *name;
	u32 bit;
} names[] = {
	{ "haf", S2_HW_AF }, { "hd", S2_HW_DIRTY },      { "xnx", S2_XNX },  { "fwb", S2_FWB },
	{ "ttl", S2_TTL },   { "range", S2_TLBI_RANGE }, { "bbm", S2_BBM2 },
};

/* The feature whose name is the n bytes at text; 0 where there is none. */
static u32 find(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == n && strncmp(names[i].name, text, n) == 0)
			return names[i].bit;
	return 0;
}

static size_t name_length(const char *text)
{
	size_t n = 0;

	while (text[n] >= 'a' && text[n] <= 'z')
		n++;
	return n;
}

enum err features_parse(const char *text, u32 *without, u32 *with)
{
	u32 off = 0, on = 0;

	do {
		char sign = *text++;
		size_t n = name_length(text);
		u32 bit = find(text, n);

		if ((sign != '-' && sign != '+') || !bit)
			return ERR_FORMAT;
		if ((off | on) & bit)
			return ERR_EXISTS;
		if (sign == '-')
			off |= bit;
		else
			on |= bit;
		text += n;
		if (*text == ',' && text[1])
			text++;
	} while (*text);
	*without = off;
	*with = on;
	return OK;
}

void features_text(char text[FEATURE_TEXT], u32 set)
{
	size_t used = 0;

	fmt(text, FEATURE_TEXT, "none");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (set & names[i].bit)
			used += fmt(text + used, FEATURE_TEXT - used, "%s%s", used ? " " : "",
				    names[i].name);
}
