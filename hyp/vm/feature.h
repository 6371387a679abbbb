/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The optional features of stage 2 by the names people use: tf.features=-fwb,-haf, `s2 stat`.
 *
 *	haf    hardware sets the access flag          xnx    execution apart for EL1 and EL0
 *	hd     hardware keeps dirty state             fwb    forced write-back
 *	ttl    level hints in TLBIs                   range  TLBIs by range
 *	bbm    level 2: block and table exchanged without a window
 *
 * Plain data, no hardware: the same code runs in the host's tests.
 */
#ifndef HYP_VM_FEATURE_H
#define HYP_VM_FEATURE_H

#include "include/err.h"
#include "include/types.h"

enum { FEATURE_TEXT = 48 };

/*
 * Reads names with a sign each, `-fwb,+hd` or `-fwb+hd`: sets of enum s2_feature that are not to be
 * used, and that must be there.  ERR_FORMAT for anything else, ERR_EXISTS for a name given twice.
 */
must_check enum err features_parse(const char *text, u32 *without, u32 *with);

/* The names of a set, apart by spaces; "none" of an empty one. */
void features_text(char text[FEATURE_TEXT], u32 set);

#endif
