/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "ops/control.h"

static int64_t
monotonic_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
connect_to(const char *path, int *ret_fd, struct fault *f)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, e;

	if (strlen(path) >= sizeof(sa.sun_path))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "control socket path is too long: %.150s", path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return base_fault_set(
		    f, ERR_SYS_OS, "socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0) {
		*ret_fd = fd;
		return 0;
	}
	e = errno;
	(void)close(fd);
	if (e == EACCES || e == EPERM)
		return base_fault_set(f, ERR_SYS_PERMISSION,
		    "%s: permission denied; fix: run this as the daemon's "
		    "user or as root",
		    path);
	return base_fault_set(f, ERR_SYS_UNAVAILABLE,
	    "no daemon answers at %s (%s); fix: start `serve' first", path,
	    strerror(e));
}

static int
send_all(int fd, const char *text, size_t len, struct fault *f)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, text, len, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return base_fault_set(f, ERR_PEER_CLOSED,
			    "the daemon closed the control connection");
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
recv_line(int fd, int timeout_ms, struct buf *b, struct fault *f)
{
	int64_t end = monotonic_ms() + timeout_ms, left;
	struct pollfd p = { fd, POLLIN, 0 };
	char tmp[16384];
	ssize_t n;

	for (;;) {
		left = end - monotonic_ms();
		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return base_fault_set(f, ERR_SYS_TIMEOUT,
			    "the daemon did not answer within %d ms",
			    timeout_ms);
		n = recv(fd, tmp, sizeof(tmp), 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return base_fault_set(f, ERR_PEER_CLOSED,
			    "the daemon closed the control connection");
		if (base_buf_append(b, tmp, (size_t)n) != 0)
			return base_fault_set(f, ERR_PEER_TOO_LARGE,
			    "the daemon's reply is too large");
		if (b->data[b->len - 1] == '\n')
			return 0;
	}
}

/* The code whose name is ${name}; every ERR_ code is in the table. */
static int
code_of(const char *name)
{
	int rc;

	for (rc = -101; name != NULL && rc > -400; rc--)
		if (strcmp(base_err_name(rc), name) == 0)
			return rc;
	return ERR_PEER_MALFORMED;
}

static int
judge(json_t *reply, struct fault *f)
{
	const char *msg, *fix;

	if (json_is_true(json_object_get(reply, "ok")))
		return 0;
	msg = json_string_value(json_object_get(reply, "message"));
	fix = json_string_value(json_object_get(reply, "fix"));
	return base_fault_set(f,
	    code_of(json_string_value(json_object_get(reply, "error"))),
	    "%s%s%s", msg != NULL ? msg : "the daemon refused",
	    fix != NULL ? "; fix: " : "", fix != NULL ? fix : "");
}

static int
exchange(int fd, const char *text, size_t len, int timeout_ms, json_t **ret,
    struct fault *f)
{
	struct wire_json_error e;
	struct buf in;
	json_t *reply;
	int rc;

	base_buf_init(&in, OPS_CONTROL_REPLY_MAX + 1);
	if ((rc = send_all(fd, text, len, f)) != 0 ||
	    (rc = send_all(fd, "\n", 1, f)) != 0 ||
	    (rc = recv_line(fd, timeout_ms, &in, f)) != 0)
		goto out;
	rc = wire_json_parse((const char *)in.data, in.len - 1, &reply, &e);
	if (rc != 0) {
		rc = base_fault_set(f, ERR_PEER_MALFORMED,
		    "the daemon's reply is not JSON: %s", e.text);
		goto out;
	}
	if ((rc = judge(reply, f)) != 0)
		json_decref(reply);
	else
		*ret = reply;
out:
	base_buf_free(&in);
	return rc;
}

int
ops_control_request(const char *path, const json_t *request, int timeout_ms,
    json_t **ret, struct fault *f)
{
	char *text;
	size_t len;
	int fd = -1, rc;

	if ((rc = connect_to(path, &fd, f)) != 0)
		return rc;
	if ((text = wire_json_dump(request, &len)) == NULL)
		rc = base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	else
		rc = exchange(fd, text, len, timeout_ms, ret, f);
	free(text);
	(void)close(fd);
	return rc;
}
