/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /chosen: boot arguments, initial ramdisk, standard output and modules.  Internal to fdt/.
 */
#ifndef FDT_CHOSEN_H
#define FDT_CHOSEN_H

#include "fdt/tree.h"

/*
 * libfdt's offset of the node that stdout-path names, -1 where there is no stdout-path; one
 * that names nothing is an error.  An alias and options behind a colon are understood.  To be
 * called before the walk.
 */
must_check enum err chosen_stdout(struct tree *t, int *node);

/* The visited node is /chosen. */
must_check enum err chosen_read(struct tree *t, struct fdt_machine *m);

/* The visited node is a child of /chosen; what is no module is passed over. */
must_check enum err chosen_read_child(struct tree *t, struct fdt_machine *m);

#endif
