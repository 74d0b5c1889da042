/* SPDX-License-Identifier: Apache-2.0 */
/*
 * troth-audit-verify: verify an audit log or a bundle of one offline, with
 * nothing but its files and the verifier key, and make bundles.
 */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/check.h"
#include "audit/export.h"
#include "audit/source.h"
#include "base/fault.h"
#include "base/str.h"
#include "merkle/vkey.h"

enum { EXIT_USAGE = 2, EXIT_INTEGRITY = 5 };

struct options {
	const char *vkey, *event_id, *export, *path;
	uint64_t from, to;
	bool ranged;
};

static int
usage(void)
{
	fprintf(stderr,
	    "usage: troth-audit-verify --vkey KEY|FILE [--event-id ID]\n"
	    "           [--export BUNDLE [--from N] [--to N]] DIR|BUNDLE\n");
	return EXIT_USAGE;
}

static int
fail(int rc, const struct fault *f)
{
	fprintf(stderr, "[ERROR] %s\n",
	    f->msg[0] != '\0' ? f->msg : base_err_text(rc));
	if (rc == ERR_STATE_USAGE)
		return EXIT_USAGE;
	return rc == ERR_STATE_INTEGRITY || base_err_class(rc) == ERR_CLASS_PEER
		   ? EXIT_INTEGRITY
		   : EXIT_FAILURE;
}

/* A verifier key, or the file that has one in its first line. */
static int
read_key(const char *text, struct merkle_vkey *ret)
{
	char line[MERKLE_VKEY_TEXT_MAX + 1];
	FILE *f;
	int rc = ERR_STATE_USAGE;

	if (merkle_vkey_parse(text, strlen(text), ret) == 0)
		return 0;
	if ((f = fopen(text, "re")) == NULL)
		return ERR_STATE_USAGE;
	if (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (merkle_vkey_parse(line, strlen(line), ret) == 0)
			rc = 0;
	}
	fclose(f);
	return rc;
}

/* Open a log's directory, or a bundle. */
static int
open_source(const char *path, int *ret_fd, struct audit_source **ret)
{
	struct stat st;
	char *log;
	int rc;

	if ((*ret_fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 ||
	    fstat(*ret_fd, &st) != 0)
		return ERR_STATE_NOT_FOUND;
	if (!S_ISDIR(st.st_mode))
		return audit_source_tar(*ret_fd, ret);
	if (asprintf(&log, "%s/audit.log", path) < 0)
		return ERR_SYS_NOMEM;
	rc = audit_source_dir(log, path, ret);
	free(log);
	return rc;
}

static int
check(const struct options *o, const struct merkle_vkey *key, const char *path,
    struct fault *f, struct audit_check_result *ret)
{
	struct audit_check_opts c = { NULL, key, o->event_id };
	struct audit_source *source = NULL;
	int fd, rc;

	if ((rc = open_source(path, &fd, &source)) == 0) {
		c.source = source;
		rc = audit_check(&c, f, ret);
	} else {
		base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	}
	audit_source_free(source);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Write the bundle under another name, verify it, then name it. */
static int export(
    const struct options *o, const struct merkle_vkey *key, struct fault *f)
{
	struct audit_export_opts e = { NULL, key, o->from, o->to, -1 };
	struct options plain = { .event_id = NULL };
	struct audit_source *source = NULL;
	struct audit_check_result r;
	char part[4096];
	uint64_t n = 0;
	int fd, rc;

	rc = base_str_format(part, sizeof(part), "%s.part", o->export);
	if (rc == 0)
		rc = open_source(o->path, &fd, &source);
	if (rc != 0)
		return rc;
	e.source = source;
	e.fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	rc = e.fd < 0 ? ERR_SYS_IO : audit_export(&e, f, &n);
	if (rc == 0 && (fsync(e.fd) != 0 || close(e.fd) != 0))
		rc = ERR_SYS_IO;
	if (rc == 0)
		rc = check(&plain, key, part, f, &r);
	if (rc == 0 && rename(part, o->export) != 0)
		rc = ERR_SYS_IO;
	if (rc != 0)
		(void)unlink(part);
	else
		printf("[SUCCESS] exported %" PRIu64
		       " events tree_size=%" PRIu64 " records %" PRIu64
		       " to %" PRIu64 "\n",
		    n, r.head.size, r.first, r.end - 1);
	audit_source_free(source);
	close(fd);
	return rc;
}

static int
take_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "vkey", required_argument, NULL, 'k' },
		{ "event-id", required_argument, NULL, 'e' },
		{ "export", required_argument, NULL, 'x' },
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'k')
			o->vkey = optarg;
		else if (c == 'e')
			o->event_id = optarg;
		else if (c == 'x')
			o->export = optarg;
		else if (c == 'V')
			return printf(
				   "troth-audit-verify " TROTH_VERSION "\n") > 0
				   ? -1
				   : 1;
		else if ((c != 'f' && c != 't') ||
			 base_str_u64(optarg, strlen(optarg),
			     c == 'f' ? &o->from : &o->to) != 0)
			return usage();
		o->ranged |= c == 'f' || c == 't';
	}
	if (o->vkey == NULL || optind + 1 != argc ||
	    (o->ranged && o->export == NULL))
		return usage();
	o->path = argv[optind];
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = { .vkey = NULL };
	struct fault f = { 0, "" };
	struct audit_check_result r;
	struct merkle_vkey key;
	int rc;

	if ((rc = take_options(argc, argv, &o)) != 0)
		return rc < 0 ? 0 : rc;
	if (read_key(o.vkey, &key) != 0) {
		fprintf(stderr, "[ERROR] --vkey: no verifier key\n");
		return EXIT_USAGE;
	}
	if ((rc = check(&o, &key, o.path, &f, &r)) != 0)
		return fail(rc, &f);
	printf("[SUCCESS] Signature valid, Merkle proof verified"
	       " size=%" PRIu64 " lines=%" PRIu64,
	    r.head.size, r.end);
	if (r.first > 0 || r.partial)
		printf(" records %" PRIu64 " to %" PRIu64, r.first, r.end - 1);
	if (o.event_id != NULL)
		printf(" index=%" PRIu64, r.index);
	printf("\n");
	if (o.export != NULL && (rc = export(&o, &key, &f)) != 0)
		return fail(rc, &f);
	return 0;
}
