/* SPDX-License-Identifier: Apache-2.0 */
/* Pseudonyms that nobody can link later, and the copy to a syslog server. */
#include "audit/log_fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "audit/pseudonym.h"
#include "audit/syslog.h"
#include "base/rng.h"
#include "crypto/rng.h"

#define DAY ((int64_t)86400000)

static struct audit_pseudonym *ps;
static char key_path[160];

static int
open_ps(int64_t now_ms, bool kept)
{
	struct audit_pseudonym_opts o = { disk, kept ? key_path : NULL,
		crypto_rng_system(), DAY };

	return audit_pseudonym_open(&o, now_ms, &ps);
}

static const char *
of(const char *kind, const char *value)
{
	static char ring[4][AUDIT_PSEUDONYM_TEXT_MAX];
	static int i;

	i = (i + 1) % 4;
	audit_pseudonym_of(ps, kind, value, strlen(value), ring[i]);
	assert_int_equal(strspn(ring[i] + 2, "0123456789abcdef"), 16);
	return ring[i];
}

static void
test_pseudonyms(void **state)
{
	char first[AUDIT_PSEUDONYM_TEXT_MAX];
	uint8_t *data;
	size_t len;

	(void)state;
	make_dir();
	assert_int_equal(open_log(), 0); /* makes the directory */
	snprintf(key_path, sizeof(key_path), "%s/key", dir);
	assert_int_equal(open_ps(10 * DAY, true), 0);
	snprintf(first, sizeof(first), "%s", of("address", "192.0.2.1"));
	assert_string_equal(of("address", "192.0.2.1"), first);
	assert_string_not_equal(of("address", "192.0.2.2"), first);
	assert_string_not_equal(of("name", "192.0.2.1"), first);
	assert_string_not_equal(of("addres", "s192.0.2.1"), first);
	/* The same over a restart and while the day lasts. */
	audit_pseudonym_close(ps);
	assert_int_equal(open_ps(11 * DAY - 1, true), 0);
	assert_string_equal(of("address", "192.0.2.1"), first);
	assert_int_equal(audit_pseudonym_rotate(ps, 11 * DAY - 1), 0);
	assert_string_equal(of("address", "192.0.2.1"), first);
	/* The next day: another, and the old key is nowhere. */
	assert_int_equal(store_file_load(key_path, 100, &data, &len), 0);
	assert_int_equal(audit_pseudonym_rotate(ps, 11 * DAY), 0);
	assert_string_not_equal(of("address", "192.0.2.1"), first);
	snprintf(first, sizeof(first), "%s", of("address", "192.0.2.1"));
	audit_pseudonym_close(ps);
	write_file("key", data, len); /* put back: it is a day old */
	assert_int_equal(open_ps(11 * DAY + 5, true), 0);
	assert_string_not_equal(of("address", "192.0.2.1"), first);
	/* A clock that goes back does not bring it back. */
	snprintf(first, sizeof(first), "%s", of("address", "192.0.2.1"));
	assert_int_equal(audit_pseudonym_rotate(ps, 2 * DAY), 0);
	assert_string_equal(of("address", "192.0.2.1"), first);
	assert_int_equal(audit_pseudonym_forget(ps, 2 * DAY), 0);
	assert_string_not_equal(of("address", "192.0.2.1"), first);
	audit_pseudonym_close(ps);
	/* Not kept: each process has its own. */
	assert_int_equal(open_ps(11 * DAY, false), 0);
	snprintf(first, sizeof(first), "%s", of("session", "7"));
	audit_pseudonym_close(ps);
	assert_int_equal(open_ps(11 * DAY, false), 0);
	assert_string_not_equal(of("session", "7"), first);
	audit_pseudonym_close(ps);
	/* A file that is none of ours, and one that was cut. */
	data[0] ^= 1;
	write_file("key", data, len);
	assert_int_equal(open_ps(11 * DAY, true), ERR_SYS_CORRUPT);
	data[0] ^= 1;
	write_file("key", data, len - 1);
	assert_int_equal(open_ps(11 * DAY, true), ERR_SYS_CORRUPT);
	audit_pseudonym_close(NULL);
	free(data);
	remove_dir();
}

static int
no_random(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	(void)buf;
	(void)len;
	return ERR_SYS_RNG;
}

/* Every disk operation of a rotation fails in turn: the key in use is new, the
 * file old or new, and the next call repairs it. */
static void
test_pseudonym_failures(void **state)
{
	static const struct rng broken = { no_random, NULL };
	struct audit_pseudonym_opts o = { NULL, key_path, &broken, DAY };
	char first[AUDIT_PSEUDONYM_TEXT_MAX];
	uint64_t n;
	int rc;

	(void)state;
	make_dir();
	assert_int_equal(open_log(), 0);
	snprintf(key_path, sizeof(key_path), "%s/key", dir);
	for (n = 1, rc = 1; rc != 0; n++) {
		(void)unlink(key_path);
		assert_int_equal(open_ps(10 * DAY, true), 0);
		snprintf(first, sizeof(first), "%s", of("a", "1"));
		store_disk_fault_fail(
		    disk, store_disk_fault_ops(disk) + n, EIO);
		rc = audit_pseudonym_rotate(ps, 11 * DAY);
		store_disk_fault_fail(disk, 0, 0);
		assert_string_not_equal(of("a", "1"), first);
		snprintf(first, sizeof(first), "%s", of("a", "1"));
		/* A directory whose sync failed refuses until opened anew. */
		store_disk_free(disk);
		assert_int_equal(store_disk_new(&disk), 0);
		audit_pseudonym_close(ps);
		assert_int_equal(open_ps(11 * DAY, true), 0);
		if (rc == 0)
			assert_string_equal(of("a", "1"), first);
		audit_pseudonym_close(ps);
	}
	assert_in_range(n, 4, 20);
	(void)unlink(key_path);
	o.disk = disk;
	assert_int_equal(audit_pseudonym_open(&o, 10 * DAY, &ps), ERR_SYS_RNG);
	remove_dir();
}

static const char line[] =
    "{\"event_id\":\"0a\",\"timestamp_ns\":1700000000123000000,"
    "\"operator_id\":\"system:x\",\"action\":\"cert.issued\","
    "\"target\":\"serial=00\"}";
#define HEAD "<110>1 2023-11-14T22:13:20.123Z h.test troth - cert.issued - "

static void
test_syslog_format(void **state)
{
	struct audit_syslog_opts o = { "", "h.test", "troth", 1 };
	char text[AUDIT_SYSLOG_MESSAGE_MAX], big[AUDIT_SYSLOG_MESSAGE_MAX];
	size_t len;

	(void)state;
	assert_int_equal(
	    audit_syslog_format(&o, line, strlen(line), text, &len), 0);
	assert_int_equal(len, strlen(HEAD) + strlen(line));
	assert_memory_equal(text, HEAD, strlen(HEAD));
	assert_memory_equal(text + strlen(HEAD), line, strlen(line));
	assert_int_equal(audit_syslog_format(&o, "{}", 2, text, &len), 0);
	assert_memory_equal(text, "<110>1 - h.test troth - - - {}", len);
	memset(big, 'x', sizeof(big));
	assert_int_equal(audit_syslog_format(&o, big, sizeof(big), text, &len),
	    ERR_SYS_LIMIT);
}

static struct audit_syslog *sy;

/* Wait for at most 5 s until all were sent or lost. */
static struct audit_syslog_stats
settled(uint64_t total)
{
	struct audit_syslog_stats st;
	int i;

	for (i = 0; i < 500; i++) {
		audit_syslog_get_stats(sy, &st);
		if (st.sent + st.lost >= total)
			break;
		usleep(10000);
	}
	return st;
}

static void
test_syslog_udp(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct pollfd p = { socket(AF_INET, SOCK_DGRAM, 0), POLLIN, 0 };
	socklen_t n = sizeof(a);
	char target[64], got[AUDIT_SYSLOG_MESSAGE_MAX];
	struct audit_syslog_opts o = { target, "h.test", "troth", 8 };
	int i;

	(void)state;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(p.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(p.fd, (struct sockaddr *)&a, &n), 0);
	snprintf(
	    target, sizeof(target), "udp://127.0.0.1:%d", ntohs(a.sin_port));
	assert_int_equal(audit_syslog_new(&o, &sy), 0);
	for (i = 0; i < 5; i++)
		audit_syslog_put(sy, line, strlen(line));
	for (i = 0; i < 5; i++) {
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_int_equal(recv(p.fd, got, sizeof(got), 0),
		    (ssize_t)(strlen(HEAD) + strlen(line)));
		assert_memory_equal(got, HEAD, strlen(HEAD));
	}
	assert_int_equal(settled(5).sent, 5);
	audit_syslog_free(sy);
	close(p.fd);
}

/* A server on a socket that takes nothing, comes back, and goes again: the
 * caller is never held up, what does not fit is counted. */
static void
test_syslog_unix(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char name[64] = "/tmp/troth-syslog-XXXXXX", target[128];
	struct audit_syslog_opts o = { target, "h.test", "troth", 100 };
	struct audit_syslog_stats st;
	char got[AUDIT_SYSLOG_MESSAGE_MAX];
	int fd, i, taken = 0;

	(void)state;
	assert_non_null(mkdtemp(name));
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/log", name);
	snprintf(target, sizeof(target), "unix:%s", a.sun_path);
	assert_int_equal(audit_syslog_new(&o, &sy), 0);
	/* Nobody is there: 100 wait, the others are lost. */
	for (i = 0; i < 1000; i++)
		audit_syslog_put(sy, line, strlen(line));
	audit_syslog_get_stats(sy, &st);
	assert_int_equal(st.waiting, 100);
	assert_int_equal(st.lost, 900);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	while (taken < 100 && recv(fd, got, sizeof(got), 0) > 0)
		taken++;
	st = settled(1000);
	assert_int_equal(st.sent, 100);
	assert_int_equal(st.waiting, 0);
	/* A server that does not read: the kernel takes some, the queue some,
	 * the rest is lost, and stopping does not take long. */
	for (i = 0; i < 2000; i++)
		audit_syslog_put(sy, line, strlen(line));
	audit_syslog_get_stats(sy, &st);
	assert_true(st.lost > 900 && st.waiting <= 100);
	assert_int_equal(st.sent + st.lost + st.waiting, 3000);
	audit_syslog_free(sy);
	close(fd);
	unlink(a.sun_path);
	rmdir(name);
}

static void
test_syslog_tcp(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer, i;
	char target[64], want[512], got[512];
	struct audit_syslog_opts o = { target, "h.test", "troth", 8 };
	socklen_t n = sizeof(a);

	(void)state;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(
	    target, sizeof(target), "tcp://localhost:%d", ntohs(a.sin_port));
	assert_int_equal(audit_syslog_new(&o, &sy), 0);
	audit_syslog_put(sy, line, strlen(line));
	assert_true((peer = accept(fd, NULL, NULL)) >= 0);
	snprintf(want, sizeof(want), "%zu " HEAD "%s",
	    strlen(HEAD) + strlen(line), line);
	for (i = 0; i < (int)strlen(want); i++)
		assert_int_equal(recv(peer, &got[i], 1, 0), 1);
	assert_memory_equal(got, want, strlen(want));
	close(peer);
	audit_syslog_free(sy);
	close(fd);
}

static void
test_syslog_options(void **state)
{
	static const char *const bad[] = { "", "udp://", "udp://h",
		"udp://h:", "udp://h:0", "udp://h:65536", "udp://h:x",
		"tls://h:1", "unix:relative", "udp://::1:5", "udp://[]:5",
		"udp://:5" };
	struct audit_syslog_opts o = { NULL, "h", "a", 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o.target = bad[i];
		assert_int_equal(audit_syslog_new(&o, &sy), ERR_STATE_CONFIG);
	}
	o.target = "udp://[::1]:514";
	o.hostname = "two words";
	assert_int_equal(audit_syslog_new(&o, &sy), ERR_STATE_CONFIG);
	o.hostname = "h";
	o.queue_max = 0;
	assert_int_equal(audit_syslog_new(&o, &sy), ERR_STATE_CONFIG);
	o.queue_max = 1;
	assert_int_equal(audit_syslog_new(&o, &sy), 0);
	audit_syslog_free(sy);
	audit_syslog_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pseudonyms),
		cmocka_unit_test(test_pseudonym_failures),
		cmocka_unit_test(test_syslog_format),
		cmocka_unit_test(test_syslog_udp),
		cmocka_unit_test(test_syslog_unix),
		cmocka_unit_test(test_syslog_tcp),
		cmocka_unit_test(test_syslog_options),
	};

	return cmocka_run_group_tests_name("audit/privacy", tests, NULL, NULL);
}
