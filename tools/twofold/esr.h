/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `twofold esr HEX`: an exception syndrome in words, by the tables that EL2 uses.
 */
#ifndef TOOLS_TWOFOLD_ESR_H
#define TOOLS_TWOFOLD_ESR_H

/* Prints the syndrome that the text gives; fails by name where it is no number. */
void esr_print(const char *hex);

#endif
