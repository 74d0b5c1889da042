/* SPDX-License-Identifier: Apache-2.0 */
/* A key process whose slot is in a TPM: it says when the TPM is lost, and when
 * it is back. */
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "crypto/rng.h"
#include "keys/bundle.h"
#include "keys/msg_internal.h"
#include "keys/op.h"
#include "keys/process.h"
#include "keys/slot_key.h"
#include "keys/sync.h"
#include "keys/tpm_file.h"
#include "keys/tpm_rig_test.h"

enum { SIGN = 1, KIND = 1 };

static struct {
	pid_t pid;
	int main_fd, control_fd;
	struct buf pem, bundle;
	struct crypto_pkey *public;
} p;

static int
do_sign(struct keys_call *call)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;
	int rc;

	rc =
	    keys_slot_key_sign(call->slot, call->payload, call->len, sig, &len);
	return rc != 0 ? rc : base_buf_append(call->out, sig, len);
}

static int64_t
no_time(void *ctx)
{
	(void)ctx;
	return 0;
}

static void
be_keys(int bundle_fd, int main_fd, int control_fd)
{
	static const struct keys_op ops[] = { { SIGN, KIND, do_sign } };
	const struct keys_product product = { .ops = ops, .ops_len = 1 };
	const struct clock clock = { no_time, NULL };
	const struct keys_process_opts o = { .bundle_fd = bundle_fd,
		.main_fd = main_fd,
		.control_fd = control_fd,
		.product = &product,
		.clock = &clock,
		.rng = crypto_rng_system() };

	_exit(keys_process_run(&o));
}

static void
add(uint8_t type, const void *data, size_t len)
{
	const struct keys_bundle_item item = { type, 0, 0, data, len };

	assert_int_equal(keys_bundle_add(&p.bundle, &item), 0);
}

static void
make_key(void)
{
	struct keys_tpm_key *k = NULL;
	struct keys_tpm *t = NULL;
	struct crypto_bytes none = { NULL, 0 }, pem;
	struct fault f = { 0, "" };

	base_buf_init(&p.pem, KEYS_TPM_FILE_MAX);
	assert_int_equal(keys_tpm_open(rig.tcti[0], &t, &f), 0);
	assert_int_equal(keys_tpm_make(t, none, &p.pem, &f), 0);
	keys_tpm_close(t);
	pem = (struct crypto_bytes){ p.pem.data, p.pem.len };
	assert_int_equal(keys_tpm_key_new(pem, none, &k, &f), 0);
	assert_int_equal(keys_tpm_key_public(k, &p.public), 0);
	keys_tpm_key_free(k);
}

static void
start(void)
{
	int main_fds[2], control[2], bundle[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, main_fds), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
	assert_int_equal(pipe(bundle), 0);
	p.pid = fork();
	assert_true(p.pid >= 0);
	if (p.pid == 0) {
		close(main_fds[1]);
		close(control[1]);
		close(bundle[1]);
		be_keys(bundle[0], main_fds[0], control[0]);
	}
	close(main_fds[0]);
	close(control[0]);
	close(bundle[0]);
	p.main_fd = main_fds[1];
	p.control_fd = control[1];
	assert_int_equal(write(bundle[1], p.bundle.data, p.bundle.len),
	    (ssize_t)p.bundle.len);
	close(bundle[1]);
}

/* The next packet to the supervisor: its letter and what it says. */
static void
expect(char letter, char detail, const char *text)
{
	struct pollfd fd = { p.control_fd, POLLIN, 0 };
	char packet[1024] = "";
	ssize_t n;

	assert_int_equal(poll(&fd, 1, 30000), 1);
	n = recv(p.control_fd, packet, sizeof(packet) - 1, 0);
	assert_true(n >= 1);
	assert_int_equal(packet[0], letter);
	if (letter != KEYS_MSG_DEVICE)
		return;
	assert_int_equal(packet[2], detail);
	assert_string_equal(packet + 3, "issuing");
	assert_non_null(strstr(packet + 3 + strlen("issuing") + 1, text));
}

static int
ask(void)
{
	const struct keys_request req = { SIGN, 0, (const uint8_t *)"m", 1 };
	uint8_t answer[KEYS_SYNC_ANSWER_MAX];
	struct crypto_signed v = { .alg = CRYPTO_SIG_ECDSA_SHA256,
		.msg = (const uint8_t *)"m",
		.msg_len = 1,
		.sig = answer };
	int rc = keys_sync_call(p.main_fd, &req, 30000, answer, &v.sig_len);

	if (rc == 0)
		assert_int_equal(crypto_pkey_verify(p.public, &v), 0);
	return rc;
}

static void
test_process(void **state)
{
	int status;

	(void)state;
	make_key();
	base_buf_init(&p.bundle, KEYS_BUNDLE_MAX);
	assert_int_equal(keys_bundle_begin(&p.bundle), 0);
	assert_int_equal(keys_bundle_slot(&p.bundle, 0, KIND, 0, "issuing"), 0);
	add(KEYS_BUNDLE_URI, "tpm:issuing.tss2", 16);
	add(KEYS_BUNDLE_KEY, p.pem.data, p.pem.len);
	add(KEYS_BUNDLE_DEVICE, rig.tcti[0], strlen(rig.tcti[0]));
	assert_int_equal(keys_bundle_end(&p.bundle), 0);
	start();
	expect(KEYS_MSG_READY, 0, "");
	assert_int_equal(send(p.control_fd, "G", 1, 0), 1);
	expect(KEYS_MSG_DEVICE, '+', "");
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask(), 0);
	rig_kill(0);
	assert_int_equal(ask(), ERR_SYS_KEY);
	expect(KEYS_MSG_DEVICE, '-', "the TPM is not there");
	assert_int_equal(ask(), ERR_SYS_KEY);
	assert_int_equal(rig_start(0), 0);
	expect(KEYS_MSG_DEVICE, '+', "");
	assert_int_equal(ask(), 0);
	close(p.main_fd);
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
	assert_int_equal(status, 0);
	close(p.control_fd);
	crypto_pkey_free(p.public);
	base_buf_free(&p.bundle);
	base_buf_free(&p.pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
