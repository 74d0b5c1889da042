/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "crypto/shamir.h"
#include "trustchain/ca_ask.h"
#include "trustchain/ca_ceremony_internal.h"
#include "trustchain/ca_share.h"

#define OPERATORS_MAX 16

json_t *
ca_ceremony_ask_operators(const struct ca_ceremony_opts *o)
{
	char line[CA_SHARE_LINE_MAX];
	json_t *a = json_array();
	ssize_t n;
	size_t i;

	for (i = 0; i < o->operators.n; i++)
		(void)json_array_append_new(a, json_string(o->operators.v[i]));
	if (o->operators.n > 0 || a == NULL)
		return a;
	if (!isatty(STDIN_FILENO)) {
		ops_cli_warn("no --operator: the transcript names nobody");
		return a;
	}
	for (i = 0; i < OPERATORS_MAX; i++) {
		(void)fprintf(stderr,
		    "Name of operator %zu (empty line: no more): ", i + 1);
		n = ca_ask_line(STDIN_FILENO, line, sizeof(line));
		if (n <= 0)
			break;
		(void)json_array_append_new(a, json_stringn(line, (size_t)n));
	}
	return a;
}

static bool
is_new(const struct crypto_shamir_share *have, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (have[i].x == have[n].x)
			return false;
	return true;
}

/* Read share ${i}; on a terminal until it is one. */
static int
read_share(int fd, bool terminal, unsigned i, unsigned n,
    struct crypto_shamir_share *ret, struct fault *f)
{
	char line[CA_SHARE_LINE_MAX];
	ssize_t len;
	int rc;

	for (;;) {
		if (terminal)
			(void)fprintf(stderr, "Share %u of %u: ", i + 1, n);
		len = ca_ask_line(fd, line, sizeof(line));
		if (terminal)
			(void)fputc('\n', stderr);
		if (len < 0)
			return base_fault_set(f, ERR_STATE_USAGE,
			    "%u shares are needed, %u were given; give one "
			    "a line, on standard input or with --shares-from",
			    n, i);
		if (len == 0 && !terminal)
			continue;
		rc = ca_share_parse(line, (size_t)len, &ret[i]);
		base_wipe(line, sizeof(line));
		if (rc == 0 && !is_new(ret, i))
			rc = ERR_PEER_DUPLICATE;
		if (rc == 0)
			return 0;
		(void)base_fault_set(f, rc, "share %u: %s", i + 1,
		    rc == ERR_PEER_MISMATCH
			? "its check is wrong: a character is not as written"
		    : rc == ERR_PEER_DUPLICATE ? "was given already"
					       : base_err_text(rc));
		if (!terminal)
			return rc;
		ops_cli_error("%s", f->msg);
	}
}

int
ca_ceremony_ask_shares(const char *from, unsigned n,
    struct crypto_shamir_share *ret, struct fault *f)
{
	int fd = STDIN_FILENO, rc = 0;
	struct termios old;
	bool hidden;
	unsigned i;

	if (from != NULL && (fd = open(from, O_RDONLY | O_CLOEXEC)) < 0)
		return base_fault_set(f, ERR_STATE_USAGE, "%.150s: %s", from,
		    base_err_text(base_err_from_errno(errno)));
	hidden = ca_ask_hide(fd, &old);
	for (i = 0; i < n && rc == 0; i++)
		rc = read_share(fd, isatty(fd) == 1, i, n, ret, f);
	if (hidden)
		ca_ask_show(fd, &old);
	if (from != NULL)
		(void)close(fd);
	return rc;
}
