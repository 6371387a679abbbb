/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that QEMU will load: where they are, and what their first bytes say they are.
 */
#ifndef TOOLS_TWOFOLD_FILE_H
#define TOOLS_TWOFOLD_FILE_H

#include "include/types.h"

enum file_kind {
	FILE_RAW,
	FILE_IMAGE, /* arm64 Image, by its header */
	FILE_ELF,
	FILE_GZIP,
	FILE_ZBOOT, /* EFI application that holds a compressed Image */
};

struct file_info {
	u64 size;
	enum file_kind kind;
	u64 text_offset, image_size; /* FILE_IMAGE: how much memory it asks for, from where */
	u64 load, load_size;         /* FILE_ELF, 64-bit: what its segments cover; size 0: none */
};

/* The name that `path` stands for, by the rules of machine.h. */
const char *file_path(const char *path, const char *folder);

/* The folder of the running binary. */
const char *file_build_folder(void);

/*
 * Looks into a file.  Fails by name, after label and what it is for, where it cannot be read,
 * is not a regular file, or is empty.
 */
struct file_info file_look(const char *label, const char *what, const char *path);

#endif
