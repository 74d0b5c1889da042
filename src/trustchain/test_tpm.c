/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM used from within the sandbox of the key process for devices. */
#include <fcntl.h>

#include "crypto/ecdsa.h"
#include "keys/bundle.h"
#include "keys/tpm_file.h"
#include "keys/tpm_rig_test.h"
#include "trustchain/trustchain_confine_keys.h"

enum { GOOD, CONFINE, OPENED, MAKE, SIGN };

static void
add(struct buf *bundle, uint8_t type, const char *text)
{
	const struct keys_bundle_item item = { type, 0, 0,
		(const uint8_t *)text, strlen(text) };

	assert_int_equal(keys_bundle_add(bundle, &item), 0);
}

static int
use_tpm(struct fault *f)
{
	uint8_t sig[CRYPTO_ECDSA_P256_DER_MAX];
	struct keys_tpm_signing s = { "m", 1, sig, 0 };
	struct crypto_bytes none = { NULL, 0 }, pem;
	struct keys_tpm_key *k = NULL;
	struct keys_tpm *t = NULL;
	struct buf out;
	int rc;

	base_buf_init(&out, KEYS_TPM_FILE_MAX);
	rc = keys_tpm_open(rig.tcti[0], &t, f);
	if (rc == 0)
		rc = keys_tpm_make(t, none, &out, f);
	keys_tpm_close(t);
	if (rc != 0)
		return MAKE;
	pem = (struct crypto_bytes){ out.data, out.len };
	rc = keys_tpm_key_new(pem, none, &k, f);
	if (rc == 0)
		rc = keys_tpm_open(rig.tcti[0], &t, f);
	if (rc == 0)
		rc = keys_tpm_key_sign(t, k, &s, f);
	return rc == 0 ? GOOD : SIGN;
}

static int
confined(const struct buf *bundle)
{
	struct fault f = { 0, "" };
	int code;

	if (trustchain_confine_keys(NULL, bundle, &f) != 0) {
		code = CONFINE;
	} else if (open("/etc/passwd", O_RDONLY) >= 0) {
		code = OPENED;
	} else {
		code = use_tpm(&f);
	}
	if (f.msg[0] != '\0')
		(void)fprintf(stderr, "%s\n", f.msg);
	return code;
}

static void
test_sandbox(void **state)
{
	struct buf bundle;
	int status = -1;
	char path[96];
	pid_t pid;

	(void)state;
	base_buf_init(&bundle, 65536);
	assert_int_equal(keys_bundle_begin(&bundle), 0);
	assert_int_equal(keys_bundle_slot(&bundle, 0, 1, 0, "issuing"), 0);
	add(&bundle, KEYS_BUNDLE_DEVICE, rig.tcti[0]);
	(void)snprintf(path, sizeof(path), "%s/sock0", rig.dir);
	add(&bundle, KEYS_BUNDLE_PATH, path);
	assert_int_equal(keys_bundle_end(&bundle), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(confined(&bundle));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), GOOD);
	base_buf_free(&bundle);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sandbox),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
