/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest, as -g and a description's `guest` line give it:
 *
 *	kernel=FILE[,name=N][,mem=256M][,cpus=1][,weight=100][,pin=0-1|0x5]
 *	[,leaf=4k|16k|64k|2m|32m|512m|1g][,granule=4k|16k|64k][,ipa=BITS][,features=-fwb+hd]
 *	[,populate=demand|eager][,ramdisk=FILE][,disk=FILE][,pmu=hidden|direct]
 *	[,args=to the end, commas included]
 */
#ifndef TOOLS_TWOFOLD_GUEST_H
#define TOOLS_TWOFOLD_GUEST_H

#include "tools/twofold/machine.h"

/* Fails by name on anything the line above does not allow. */
struct guest guest_parse(const char *label, const char *value, const char *folder);

/* Its boot arguments, ours in front; its modules have their addresses. */
char *guest_bootargs(const struct guest *g);

#endif
