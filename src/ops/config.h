/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_CONFIG_H
#define OPS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * Configuration by tables: a program describes its keys once, and loading,
 * ranges, defaults, environment overrides and messages follow from that.
 * An unknown key, section or value out of range is an error that names
 * file and line; nothing is ignored.
 */
enum ops_config_type {
	OPS_CONFIG_STRING, /* char *; ${max} bytes at most */
	OPS_CONFIG_INT,	   /* int64_t in [min, max] */
	OPS_CONFIG_DOUBLE, /* double in [min, max] */
	OPS_CONFIG_BOOL,   /* bool */
	OPS_CONFIG_ENUM,   /* int: index into ${choices}, "a|b|c" */
	OPS_CONFIG_PATH,   /* char *; relative to the file's folder; --root */
	OPS_CONFIG_SYSTEM, /* char *; a file of the system: no --root */
	OPS_CONFIG_URI,	   /* char *; file:PATH is treated as a path */
	OPS_CONFIG_ADDR,   /* char *; host:port, unix:PATH or "" */
	OPS_CONFIG_LIST,   /* struct ops_config_list of char *, <= ${max} */
	OPS_CONFIG_PATHS   /* the same, each one a path */
};

/* clang-format off */
/*
 * One row of a key table whose key is named as the struct's member; the rest
 * are def, min, max, choices and check, from the left, unset ones zero.
 */
#define OPS_CONFIG_KEY(type, st, member, ...)                               \
	{                                                                   \
		#member, OPS_CONFIG_##type, offsetof(struct st, member),    \
		    __VA_ARGS__                                             \
	}
/* clang-format on */

/* ${v} is an array of ${n} elements; strings for LIST, structs for arrays. */
struct ops_config_list {
	void *v;
	size_t n;
};

struct ops_config_key {
	const char *name;
	enum ops_config_type type;
	size_t offset;	 /* of the target in the section's struct */
	const char *def; /* as in the environment; NULL: the key is required */
	int64_t min, max;
	const char *choices;
	/* Optional rule for a string or each element; NULL when fine, else
	 * what is wrong, as in "must be lower case". */
	const char *(*check)(const char *value);
};

enum ops_config_shape {
	OPS_CONFIG_TABLE, /* [name]: one struct inside the target */
	OPS_CONFIG_ARRAY, /* [[name]]: struct ops_config_list of structs */
	OPS_CONFIG_NAMED  /* [name.X]: the same; X goes to name_offset */
};

struct ops_config_section {
	const char *name; /* dots reach into tables: "log.tokens" */
	enum ops_config_shape shape;
	size_t offset;	    /* of the struct or list in the target */
	size_t size;	    /* of one struct */
	size_t max;	    /* elements of ARRAY and NAMED */
	size_t name_offset; /* NAMED: of a char * in the struct */
	const struct ops_config_key *keys; /* up to a NULL name */
};

struct ops_config_schema {
	size_t size;	 /* of the target struct */
	const char *env; /* prefix of the environment, "TRUSTCHAIN" */
	const struct ops_config_section *sections; /* up to a NULL name */
	/* Optional rules over several keys and computed defaults; sets
	 * ${fault} and returns its code. */
	int (*finish)(void *target, const char *root, struct fault *);
};

#define OPS_CONFIG_FILE_MAX 1048576

/**
 * ops_config_load(schema, path, root, ret_target, f):
 * Read the file ${path} into a new zeroed target of ${schema}->size, apply
 * the environment ENV_SECTION_KEY for keys of TABLE sections, fill defaults,
 * run the finish rule.  Absolute paths in values get ${root} in front (NULL
 * or "" for none); ${path} itself is used as given.  ${ret_target} is freed
 * by ops_config_free.  ERR_STATE_CONFIG with "file:line: message" in ${f},
 * ERR_STATE_NOT_FOUND without the file, or ERR_SYS_*.
 */
MUST_CHECK int ops_config_load(const struct ops_config_schema *schema,
    const char *path, const char *root, void **ret_target, struct fault *f);

/* Names of keys, "section.key", and of lists of sections; spaces between. */
struct ops_config_names {
	size_t count;
	char text[512]; /* as many as fit */
};

struct ops_config_changes {
	struct ops_config_names adopted; /* in effect from now on */
	struct ops_config_names restart; /* only after a restart */
};

/* An open file; its path is for messages and relative paths. */
struct ops_config_source {
	int fd;
	const char *path, *root;
};

struct ops_config_rules {
	/* Keys of TABLE sections that may change while the program runs:
	 * numbers, switches and choices, as "section.key" up to a NULL. */
	const char *const *changeable;
	/* Sections that the caller adopts itself; NULL for none. */
	const char *const *adopted;
	/* What else must hold; as finish of the schema.  May be NULL. */
	int (*check)(const void *target, struct fault *);
};

/**
 * ops_config_load_fd(schema, from, ret_target, f):
 * As ops_config_load, from an open file at its beginning; opens none.
 */
MUST_CHECK int ops_config_load_fd(const struct ops_config_schema *schema,
    const struct ops_config_source *from, void **ret_target, struct fault *f);

/**
 * ops_config_reload(schema, rules, from, live, ret, f):
 * Load the configuration anew and compare it with the target ${live}, a result
 * of ops_config_load: copy those changed values that may change, and say what
 * was copied and what was not.  Opens no file.  Errors of ops_config_load;
 * ${live} is unchanged then.
 */
MUST_CHECK int ops_config_reload(const struct ops_config_schema *schema,
    const struct ops_config_rules *rules, const struct ops_config_source *from,
    void *live, struct ops_config_changes *ret, struct fault *f);

/**
 * ops_config_free(schema, target):
 * Free a target of ops_config_load; NULL is legal.
 */
void ops_config_free(const struct ops_config_schema *schema, void *target);

/**
 * ops_config_string(list, i):
 * Return the ${i}-th string of a LIST; ${i} < list->n.
 */
const char *ops_config_string(const struct ops_config_list *list, size_t i);

/**
 * ops_config_rooted(root, path):
 * Return a new string: ${root} in front of an absolute ${path}, else a copy;
 * NULL when out of memory.
 */
char *ops_config_rooted(const char *root, const char *path);

#endif
