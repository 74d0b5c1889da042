/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pki/cert.h"
#include "store/file.h"
#include "trustchain/ca_ceremony_internal.h"
#include "trustchain/ca_transcript.h"
#include "wire/json.h"

/* The transcript and its folder. */
struct judge {
	struct ca_ceremony c;
	char dir[CA_CEREMONY_PATH_MAX];
};

/* The digest that line ${from} or a later one says of ${name} last. */
static const char *
last_digest(const struct ca_transcript *t, const char *name, size_t *ret_line)
{
	const char *digest = NULL;
	const json_t *out, *o;
	size_t i, k;

	for (i = 0; i < ca_transcript_count(t); i++) {
		out = json_object_get(ca_transcript_line(t, i), "outputs");
		for (k = 0; k < json_array_size(out); k++) {
			o = json_array_get(out, k);
			if (strcmp(json_string_value(
				       json_object_get(o, "name")) != NULL
				       ? json_string_value(
					     json_object_get(o, "name"))
				       : "",
				name) != 0)
				continue;
			digest =
			    json_string_value(json_object_get(o, "digest"));
			*ret_line = i + 1;
		}
	}
	return digest;
}

/* A file of the folder is what the transcript says, or not there. */
static int
check_file(const struct ca_ceremony *c, const char *name, struct fault *f)
{
	char path[CA_CEREMONY_PATH_MAX], digest[CA_CEREMONY_DIGEST_MAX];
	const char *want;
	uint8_t *data;
	size_t len, line = 0;
	int rc;

	/* Our names only: a transcript of somebody else names no path. */
	if (strchr(name, '/') != NULL)
		return 0;
	want = last_digest(c->t, name, &line);
	if ((rc = ca_ceremony_path(c, name, path, f)) != 0)
		return rc;
	rc = store_file_load(path, CA_CEREMONY_FILE_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%.200s: %s", path, base_err_text(rc));
	ca_ceremony_digest_text((struct pki_bytes){ data, len }, digest);
	free(data);
	if (want != NULL && strcmp(digest, want) == 0)
		return 0;
	/* `key passwd' changes the file of a key and not the key. */
	if (strcmp(name, CA_CEREMONY_KEY) == 0) {
		ops_cli_warn("line %zu: %s has changed since", line, name);
		return 0;
	}
	return base_fault_set(f, ERR_STATE_INTEGRITY,
	    "line %zu: %.150s is not the file of the ceremony", line, path);
}

static int
check_files(const struct ca_ceremony *c, struct fault *f)
{
	const json_t *out;
	const char *name;
	size_t i, k;
	int rc;

	for (i = 0; i < ca_transcript_count(c->t); i++) {
		out = json_object_get(ca_transcript_line(c->t, i), "outputs");
		for (k = 0; k < json_array_size(out); k++) {
			name = json_string_value(
			    json_object_get(json_array_get(out, k), "name"));
			if (name != NULL && (rc = check_file(c, name, f)) != 0)
				return rc;
		}
	}
	return 0;
}

/* The folder of ${path}; its last part is the transcript's name. */
static int
folder(const char *path, struct judge *j, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	int n = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);

	if (base_str_format(j->dir, sizeof(j->dir), "%.*s", n,
		slash == NULL ? "." : path) != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "the path is too long");
	return 0;
}

static int
print(const struct ops_cli *cli, const struct ca_ceremony *c)
{
	char digest[CA_CEREMONY_DIGEST_MAX], *text;
	json_t *o;

	ca_ceremony_digest_text(pki_cert_der(c->cert), digest);
	if (!cli->json) {
		ops_cli_info("root %s", digest);
		ops_cli_success(
		    "transcript ok entries=%zu", ca_transcript_count(c->t));
		return OPS_EXIT_OK;
	}
	o = json_pack("{s:s, s:I}", "root", digest, "entries",
	    (json_int_t)ca_transcript_count(c->t));
	text = wire_json_dump(o, NULL);
	json_decref(o);
	(void)printf("%s\n", text != NULL ? text : "");
	free(text);
	return OPS_EXIT_OK;
}

int
ca_ceremony_verify(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct judge j = { .c = { .dir = NULL } };
	struct fault f = { 0 };
	int rc, code;

	(void)opts;
	(void)n;
	/* Without the folder's lock: nothing is written, and it may be a copy
	 * that cannot be. */
	j.c.dir = j.dir;
	if ((rc = folder(args[0], &j, &f)) == 0 &&
	    (rc = ca_ceremony_open(&j.c, args[0], &f)) == 0)
		rc = check_files(&j.c, &f);
	code = rc == 0 ? print(cli, &j.c) : ca_ceremony_fail(&f, rc);
	ca_ceremony_end(&j.c);
	return code;
}
