/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What follows when a table descriptor has been broken.  Internal to s2/.
 */
#ifndef S2_UNLINK_H
#define S2_UNLINK_H

#include "s2/op.h"

/*
 * d, which pointed to the table at `level` whose first address is ipa, has been broken: every
 * table below is put on the list of the dead, every leaf below is gathered for the TLBs.
 */
void s2_unlink(struct s2_op *op, u64 d, int level, u64 ipa);

#endif
