/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-in for libFuzzer's main(): run a fuzz target over every file of a
 * corpus directory.  An empty or missing corpus fails, because a corpus that
 * was lost would otherwise pass in silence.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
replay_file(const char *dir, const char *name)
{
	char path[4096];
	uint8_t *data;
	long size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "rb")) == NULL || fseek(f, 0, SEEK_END) != 0 ||
	    (size = ftell(f)) < 0) {
		fprintf(stderr, "%s: cannot read\n", path);
		exit(1);
	}
	rewind(f);
	/* An exact-size heap block lets a sanitizer see any overread. */
	data = malloc(size > 0 ? (size_t)size : 1);
	if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
		fprintf(stderr, "%s: cannot read\n", path);
		exit(1);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return 1;
}

int
main(int argc, char **argv)
{
	struct dirent *e;
	int n = 0;
	DIR *d;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-DIR\n", argv[0]);
		return 2;
	}
	if ((d = opendir(argv[1])) == NULL) {
		perror(argv[1]);
		return 1;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			n += replay_file(argv[1], e->d_name);
	closedir(d);
	printf("%d corpus files\n", n);
	return n > 0 ? 0 : 1;
}
