/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_FILES_H
#define TRUSTCHAIN_CA_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The configuration with the certificate files that it names, as the
 * supervisor hands them to main on SIGHUP: main may not open them itself.  One
 * memory file: for each, the length of its path (2), the path, the length of
 * its content (4), the content; ca.toml is the first.
 */
#define CA_FILES_MAX 64
#define CA_FILES_BYTES_MAX (16U << 20)
#define CA_FILES_ONE_MAX (1U << 20)

struct ca_files;

/**
 * ca_files_pack(config, root):
 * For the supervisor: return a descriptor of all that ${config} and its issuers
 * and roots name, or -1 with errno.  What cannot be read is left out, and main
 * will say what it misses.
 */
int ca_files_pack(const char *config, const char *root);

/**
 * ca_files_open(fd, ret):
 * Read it.  ERR_PEER_*, ERR_SYS_*.
 */
MUST_CHECK int ca_files_open(int fd, struct ca_files **ret);

/**
 * ca_files_free(f):
 * NULL is legal.
 */
void ca_files_free(struct ca_files *f);

/**
 * ca_files_config(f):
 * Return a new descriptor of ca.toml, at its beginning, or -1.
 */
int ca_files_config(const struct ca_files *f);

/**
 * ca_files_load(f, path, ret, ret_len):
 * As store_file_load, from ${f} or, when that is NULL, from the disk.
 */
MUST_CHECK int ca_files_load(
    const struct ca_files *f, const char *path, uint8_t **ret, size_t *ret_len);

#endif
