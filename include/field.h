/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a register or a descriptor reads in words: a table of fields.
 *
 * arch/ states the tables, lib/fields.h prints a word by one.  A table ends with a row whose
 * mask is 0.  Where values is NULL the field prints as a number; else values[n] is the word
 * for value n (count of them; a NULL inside prints as the number, marked "reserved").
 */
#ifndef INCLUDE_FIELD_H
#define INCLUDE_FIELD_H

#include "include/types.h"

struct field {
	u64 mask;
	const char *name;
	const char *const *values;
	u32 count;
};

#endif
