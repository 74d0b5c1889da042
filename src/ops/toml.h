/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_TOML_H
#define OPS_TOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A parsed TOML document as a plain tree.  Parsing is done by toml++ in
 * toml_shim.cc, the only C++ file; everything else sees these structs.
 */
enum ops_toml_kind {
	OPS_TOML_TABLE,
	OPS_TOML_ARRAY,
	OPS_TOML_STRING,
	OPS_TOML_INTEGER,
	OPS_TOML_FLOAT,
	OPS_TOML_BOOLEAN,
	OPS_TOML_TIME /* text in ${string}, RFC 3339 */
};

struct ops_toml {
	enum ops_toml_kind kind;
	uint32_t line;		/* 1-based line of the value in the file */
	char *key;		/* in a table; else NULL */
	char *string;		/* STRING and TIME */
	int64_t integer;	/* INTEGER; 0 or 1 for BOOLEAN */
	double number;		/* FLOAT and INTEGER */
	struct ops_toml *child; /* TABLE and ARRAY: first element */
	struct ops_toml *next;	/* next element of the same table or array */
};

/**
 * ops_toml_parse(text, len, ret_root, err, errlen, ret_line):
 * Parse ${len} bytes of TOML 1.0 and store the root table, which the caller
 * frees with ops_toml_free, in ${ret_root}.  Return 0; or -1 with a message
 * in ${err} and the line in ${ret_line}, ${ret_root} untouched.
 */
int ops_toml_parse(const char *text, size_t len, struct ops_toml **ret_root,
    char *err, size_t errlen, uint32_t *ret_line);

/**
 * ops_toml_free(t):
 * Free a tree made by ops_toml_parse; NULL is legal.
 */
void ops_toml_free(struct ops_toml *t);

/**
 * ops_toml_get(table, key):
 * Return the element ${key} of ${table}, or NULL.
 */
struct ops_toml *ops_toml_get(const struct ops_toml *table, const char *key);

#ifdef __cplusplus
}
#endif

#endif
