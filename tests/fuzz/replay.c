/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target without libFuzzer: each file of its corpus once, in the order of their names, from
 * memory that ends where the file does.  TAP: a line a file; the first without one is the wrong
 * one, for it ended the program.
 *
 *	build/replay/fuzz_mm		runs through tests/fuzz/corpus/mm, from the root of the tree
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/check.h"
#include "tests/fuzz/fuzz.h"

enum { PATH = 512, MOST = 1 << 20 };

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A copy of just the file's size: a sanitizer sees who reads behind it. */
static u8 *contents(const char *path, size_t *size)
{
	static u8 all[MOST];
	FILE *f = fopen(path, "rb");
	u8 *copy;

	CHECK(f != NULL);
	*size = fread(all, 1, MOST, f);
	CHECK(feof(f) && fclose(f) == 0);
	copy = malloc(*size);
	CHECK(copy != NULL || *size == 0);
	if (*size)
		memcpy(copy, all, *size);
	return copy;
}

static void replay(const char *corpus, const char *name)
{
	char path[PATH];
	size_t size;
	u8 *bytes;

	CHECK(snprintf(path, PATH, "%s/%s", corpus, name) < PATH);
	bytes = contents(path, &size);
	CHECK(LLVMFuzzerTestOneInput(bytes, size) == 0);
	free(bytes);
}

/* tests/fuzz/corpus/mm for …/fuzz_mm, and for …/fuzz_mm_plain */
static void name_corpus(const char *program, char corpus[PATH])
{
	const char *name = strstr(program, "fuzz_");
	size_t n;

	CHECK(name != NULL);
	name += strlen("fuzz_");
	n = strcspn(name, "_");
	CHECK(snprintf(corpus, PATH, "tests/fuzz/corpus/%.*s", (int)n, name) < PATH);
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	char corpus[PATH];
	int n;

	CHECK(argc > 0);
	name_corpus(argv[0], corpus);
	n = scandir(corpus, &entries, is_input, alphasort);
	CHECK(n > 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", n);
	for (int i = 0; i < n; i++) {
		replay(corpus, entries[i]->d_name);
		printf("ok %d - %s\n", i + 1, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}
