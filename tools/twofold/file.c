/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks into files.  It keeps true:
 * 1. whatever a file holds, nothing but a message or a file_info comes of it.
 */
#include "tools/twofold/file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "include/bits.h"
#include "tools/twofold/say.h"

/* The head of an arm64 Image (Documentation/arm64/booting.rst), little-endian. */
struct image_head {
	u32 code[2];
	u64 text_offset, image_size, flags, reserved[3];
	char magic[4];
	u32 pe;
};

const char *file_build_folder(void)
{
	static char folder[4096];
	ssize_t n;

	if (folder[0])
		return folder;
	n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	if (n <= 0)
		fail("/proc/self/exe: %s", strerror(errno));
	folder[n] = '\0';
	*strrchr(folder, '/') = '\0';
	return folder;
}

const char *file_path(const char *path, const char *folder)
{
	if (strncmp(path, "@/", 2) == 0)
		return text("%s/%s", file_build_folder(), path + 2);
	if (path[0] == '/' || !*folder)
		return path;
	return text("%s/%s", folder, path);
}

static void look_at_elf(int fd, const char *path, struct file_info *info)
{
	Elf64_Ehdr head;
	u64 first = ~0UL, last = 0;

	info->kind = FILE_ELF;
	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_phentsize != sizeof(Elf64_Phdr))
		return;
	for (u64 i = 0; i < head.e_phnum; i++) {
		Elf64_Phdr p;
		off_t at = (off_t)(head.e_phoff + i * sizeof(p));

		if (pread(fd, &p, sizeof(p), at) != sizeof(p))
			fail("%s: the ELF file is cut short", path);
		if (p.p_type != PT_LOAD || !range_within(p.p_paddr, p.p_memsz, ~0UL))
			continue;
		first = min_u64(first, p.p_paddr);
		last = max_u64(last, p.p_paddr + (p.p_memsz - 1));
	}
	if (first <= last) {
		info->load = first;
		info->load_size = last - first + 1;
	}
}

static void look_at_head(int fd, const char *path, struct file_info *info)
{
	struct image_head head = { 0 };
	const char *bytes = (const char *)&head;

	if (pread(fd, &head, sizeof(head), 0) < 0)
		fail("%s: %s", path, strerror(errno));
	if (memcmp(bytes, ELFMAG, SELFMAG) == 0) {
		look_at_elf(fd, path, info);
	} else if (memcmp(bytes, "\x1f\x8b", 2) == 0) {
		info->kind = FILE_GZIP;
	} else if (memcmp(bytes, "MZ\0\0zimg", 8) == 0) {
		info->kind = FILE_ZBOOT;
	} else if (memcmp(head.magic, "ARM\x64", 4) == 0) {
		info->kind = FILE_IMAGE;
		info->text_offset = head.text_offset;
		info->image_size = head.image_size;
	}
}

struct file_info file_look(const char *label, const char *what, const char *path)
{
	struct file_info info = { .kind = FILE_RAW };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		fail("%s: %s %s: %s", label, what, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		fail("%s: %s %s is not a regular file", label, what, path);
	if (st.st_size == 0)
		fail("%s: %s %s is empty", label, what, path);
	info.size = (u64)st.st_size;
	look_at_head(fd, path, &info);
	close(fd);
	return info;
}
