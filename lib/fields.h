/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints a register or a descriptor in words, by a table of include/field.h.
 */
#ifndef LIB_FIELDS_H
#define LIB_FIELDS_H

#include "include/field.h"

/*
 * "NAME value, NAME value, …" for each row of the table, into buf as fmt() does; returns the
 * length the whole text has.  A one-bit field without values prints its name when set.
 * A number is decimal below 10, else hexadecimal; a value without a word of its own is
 * marked "(reserved)".
 */
size_t fields_print(char *buf, size_t size, const struct field *table, u64 word);

#endif
