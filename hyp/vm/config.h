/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's boot arguments: ours in front, `--`, the guest's own.
 *
 *	tf.name=small tf.mem=128M tf.leaf=2m tf.populate=demand -- console=ttyAMA0
 *
 * Where no word before a `--` begins with "tf.", and no `--` stands first, the whole text is the
 * guest's.  Each key stands at most once; an unknown key, a bad value or a stray word is an
 * error that names it.
 *
 * Plain data, no hardware: the same code runs in the host's tests.
 */
#ifndef HYP_VM_CONFIG_H
#define HYP_VM_CONFIG_H

#include "include/err.h"
#include "include/types.h"

enum {
	CONFIG_CPUS_MAX = 8,
	CONFIG_WEIGHT_MAX = 1000,
	CONFIG_PIN_MAX = 64,
	CONFIG_NAME = 16,
	CONFIG_WHY = 200
};

struct config {
	char name[CONFIG_NAME]; /* "" where none is given */
	u64 mem;                /* bytes; 128 MiB where none is given */
	u64 cpus;
	u64 weight;            /* of the CPU time; 100 is usual */
	u64 pins;              /* CPUs it may run on, a bit each; 0: all */
	u64 leaf;              /* largest leaf in bytes */
	u8 granule_shift;      /* of stage 2: 12, 14 or 16 */
	u8 ipa_bits;           /* 32 to 52; 0 where nothing is said */
	u32 without, required; /* sets of enum s2_feature: not to be used; must be there */
	bool eager;
	bool has_pmu;
	bool has_ramdisk, has_disk;
	u64 ramdisk, disk; /* module addresses */
	u64 disk_size;     /* bytes; 0 where the disk is the module at `disk` */
	bool disk_read_only;
	const char *args; /* points into the text that was parsed */
};

must_check enum err config_parse(const char *text, struct config *c, char why[CONFIG_WHY]);

#endif
