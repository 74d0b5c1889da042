/* SPDX-License-Identifier: Apache-2.0 */
/* The TPM against swtpm; our files against tpm2-tools and OpenSSL's provider
 * tpm2-openssl, and theirs against us. */
#include "keys/tpm.h"

#include "crypto/ed25519.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/key_internal.h"
#include "keys/op.h"
#include "keys/process_internal.h"
#include "keys/slot_key.h"
#include "keys/tpm_backend_internal.h"
#include "keys/tpm_file.h"
#include "keys/tpm_open_internal.h"
#include "keys/tpm_rig_test.h"
#include "store/file.h"

static const struct crypto_bytes none = { NULL, 0 };
static const struct crypto_bytes seed = {
	(const uint8_t *)"an Ed25519 seed is 32 bytes long", 32
};
static const struct crypto_bytes auth = { (const uint8_t *)"open sesame", 11 };
static const struct crypto_bytes wrong = { (const uint8_t *)"open barley", 11 };

static struct keys_tpm *
connect_to(int n)
{
	struct keys_tpm *t = NULL;
	struct fault f = { 0, "" };

	if (keys_tpm_open(rig.tcti[n], &t, &f) != 0)
		fail_msg("%s", f.msg);
	return t;
}

static void
save(const char *name, const void *data, size_t len)
{
	char path[96];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static uint8_t *
load(const char *name, size_t *len)
{
	uint8_t *data = NULL;
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	assert_int_equal(store_file_load(path, 65536, &data, len), 0);
	return data;
}

static struct crypto_bytes
bytes(const struct buf *b)
{
	return (struct crypto_bytes){ b->data, b->len };
}

/* A key file made in TPM 0. */
static void
make(struct crypto_bytes a, struct buf *pem)
{
	struct keys_tpm *t = connect_to(0);
	struct fault f = { 0, "" };

	base_buf_init(pem, KEYS_TPM_FILE_MAX);
	if (keys_tpm_make(t, a, pem, &f) != 0)
		fail_msg("%s", f.msg);
	keys_tpm_close(t);
}

/* Sign in TPM ${n}, and if that works let OpenSSL verify it. */
static int
sign_with(int n, struct keys_tpm_key *k, struct fault *f)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct keys_tpm_signing s = { "message", 7, sig, 0 };
	struct keys_tpm *t = connect_to(n);
	struct crypto_pkey *public = NULL;
	struct crypto_signed v = { .alg = CRYPTO_SIG_ECDSA_SHA256,
		.msg = (const uint8_t *)"message",
		.msg_len = 7,
		.sig = sig };
	int rc = keys_tpm_key_sign(t, k, &s, f);

	keys_tpm_close(t);
	if (rc != 0)
		return rc;
	v.sig_len = s.sig_len;
	assert_int_equal(keys_tpm_key_public(k, &public), 0);
	assert_int_equal(crypto_pkey_verify(public, &v), 0);
	v.msg_len--;
	assert_int_not_equal(crypto_pkey_verify(public, &v), 0);
	crypto_pkey_free(public);
	return 0;
}

static struct keys_tpm_key *
key_of(struct crypto_bytes pem, struct crypto_bytes a)
{
	struct keys_tpm_key *k = NULL;
	struct fault f = { 0, "" };

	if (keys_tpm_key_new(pem, a, &k, &f) != 0)
		fail_msg("%s", f.msg);
	return k;
}

static void
test_sign(void **state)
{
	struct keys_tpm_key *k;
	struct fault f = { 0, "" };
	struct buf pem;

	(void)state;
	make(none, &pem);
	k = key_of(bytes(&pem), none);
	/* From the file; from the context, more often than there are slots. */
	for (int i = 0; i < 5; i++)
		if (sign_with(0, k, &f) != 0)
			fail_msg("%s", f.msg);
	keys_tpm_key_free(k);
	base_buf_free(&pem);
}

static void
test_sign_with_auth(void **state)
{
	struct keys_tpm_key *k = NULL;
	struct fault f = { 0, "" };
	struct buf pem;
	const struct crypto_bytes much = { seed.data, 33 };

	(void)state;
	make(auth, &pem);
	k = key_of(bytes(&pem), auth);
	for (int i = 0; i < 5; i++)
		if (sign_with(0, k, &f) != 0)
			fail_msg("%s", f.msg);
	keys_tpm_key_free(k);
	assert_int_equal(
	    keys_tpm_key_new(bytes(&pem), none, &k, &f), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "pass_file"));
	assert_int_equal(
	    keys_tpm_key_new(bytes(&pem), much, &k, &f), ERR_STATE_CONFIG);
	k = key_of(bytes(&pem), wrong);
	assert_int_equal(sign_with(0, k, &f), ERR_SYS_PIN);
	assert_non_null(strstr(f.msg, "wrong authorization value"));
	keys_tpm_key_free(k);
	base_buf_free(&pem);
}

static int
unseal(int n, struct crypto_bytes a, struct crypto_bytes pem, struct fault *f)
{
	struct keys_tpm *t = connect_to(n);
	struct buf secret;
	int rc;

	base_buf_init(&secret, 256);
	rc = keys_tpm_unseal(t, a, pem, &secret, f);
	if (rc == 0) {
		assert_int_equal(secret.len, seed.len);
		assert_memory_equal(secret.data, seed.data, seed.len);
	} else {
		assert_int_equal(secret.len, 0);
		assert_int_equal(f->rc, rc);
	}
	base_buf_free(&secret);
	keys_tpm_close(t);
	return rc;
}

static void
seal(struct crypto_bytes a, struct buf *pem)
{
	struct keys_tpm *t = connect_to(0);
	struct fault f = { 0, "" };

	base_buf_init(pem, KEYS_TPM_FILE_MAX);
	if (keys_tpm_seal(t, a, seed, pem, &f) != 0)
		fail_msg("%s", f.msg);
	keys_tpm_close(t);
}

static void
test_seal(void **state)
{
	static const uint8_t big[KEYS_TPM_SECRET_MAX + 1];
	struct fault f = { 0, "" };
	struct keys_tpm *t;
	struct keys_tpm_key *k;
	struct buf pem, key;

	(void)state;
	seal(none, &pem);
	for (int i = 0; i < 5; i++)
		if (unseal(0, none, bytes(&pem), &f) != 0)
			fail_msg("%s", f.msg);
	/* A secret is no key, a key no secret. */
	assert_int_equal(
	    keys_tpm_key_new(bytes(&pem), none, &k, &f), ERR_PEER_UNSUPPORTED);
	make(none, &key);
	assert_int_equal(
	    unseal(0, none, bytes(&key), &f), ERR_PEER_UNSUPPORTED);
	base_buf_free(&pem);
	base_buf_free(&key);
	seal(auth, &pem);
	assert_int_equal(unseal(0, auth, bytes(&pem), &f), 0);
	assert_int_equal(unseal(0, wrong, bytes(&pem), &f), ERR_SYS_PIN);
	base_buf_free(&pem);
	t = connect_to(0);
	base_buf_init(&pem, KEYS_TPM_FILE_MAX);
	assert_int_equal(
	    keys_tpm_seal(
		t, none, (struct crypto_bytes){ big, sizeof(big) }, &pem, &f),
	    ERR_PEER_TOO_LARGE);
	assert_int_equal(
	    keys_tpm_seal(t, none, (struct crypto_bytes){ big, 128 }, &pem, &f),
	    0);
	base_buf_free(&pem);
	keys_tpm_close(t);
}

/* OpenSSL's provider takes our file, and makes one for us. */
static void
test_provider(void **state)
{
	struct crypto_bytes pem;
	struct keys_tpm_key *k;
	struct fault f = { 0, "" };
	struct buf ours;
	uint8_t *theirs;

	(void)state;
	make(none, &ours);
	save("ours.pem", ours.data, ours.len);
	base_buf_free(&ours);
	assert_int_equal(setenv("TPM2OPENSSL_TCTI", rig.tcti[0], 1), 0);
	rig_tool("/usr/bin/openssl pkey -provider tpm2 -provider base "
		 "-provider default -in ours.pem -pubout -out ours.pub");
	rig_tool("echo hello >m; /usr/bin/openssl pkeyutl -provider tpm2 "
		 "-provider base -provider default "
		 "-propquery '?provider=tpm2' -sign -rawin -digest sha256 "
		 "-inkey ours.pem -in m -out m.sig");
	rig_tool("/usr/bin/openssl dgst -sha256 -verify ours.pub -signature "
		 "m.sig m");
	rig_tool("/usr/bin/openssl genpkey -provider tpm2 -provider base "
		 "-provider default -propquery '?provider=tpm2' "
		 "-algorithm EC -pkeyopt group:P-256 -out theirs.pem");
	theirs = load("theirs.pem", &pem.len);
	pem.data = theirs;
	k = key_of(pem, none);
	if (sign_with(0, k, &f) != 0)
		fail_msg("%s", f.msg);
	keys_tpm_key_free(k);
	free(theirs);
}

/* tpm2-tools, which know nothing of our code, open what we sealed. */
static void
test_tools(void **state)
{
	static struct keys_tpm_file file;
	struct buf pem;
	uint8_t *out;
	size_t len;

	(void)state;
	seal(none, &pem);
	assert_int_equal(keys_tpm_file_parse(pem.data, pem.len, &file), 0);
	assert_true(file.empty_auth);
	save("pub", file.public, file.public_len);
	save("priv", file.private, file.private_len);
	base_buf_free(&pem);
	assert_int_equal(setenv("TPM2TOOLS_TCTI", rig.tcti[0], 1), 0);
	rig_tool("tpm2_createprimary -Q -C o -G ecc -c parent.ctx -a "
		 "'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|"
		 "noda|restricted|decrypt' && tpm2_flushcontext -t");
	rig_tool("tpm2_load -Q -C parent.ctx -u pub -r priv -c o.ctx && "
		 "tpm2_flushcontext -t");
	rig_tool("tpm2_unseal -Q -c o.ctx -o secret; r=$?; "
		 "tpm2_flushcontext -t; exit $r");
	out = load("secret", &len);
	assert_int_equal(len, seed.len);
	assert_memory_equal(out, seed.data, len);
	free(out);
}

static void
test_other_tpm(void **state)
{
	struct keys_tpm_key *k;
	struct fault f = { 0, "" };
	struct buf key, secret;

	(void)state;
	assert_int_equal(rig_start(1), 0);
	make(none, &key);
	seal(none, &secret);
	k = key_of(bytes(&key), none);
	assert_int_equal(sign_with(1, k, &f), ERR_PEER_MISMATCH);
	assert_non_null(strstr(f.msg, "made for another TPM"));
	assert_int_equal(sign_with(0, k, &f), 0);
	/* A context of another TPM is one more way to be another's. */
	assert_int_equal(sign_with(1, k, &f), ERR_PEER_MISMATCH);
	assert_int_equal(
	    unseal(1, none, bytes(&secret), &f), ERR_PEER_MISMATCH);
	assert_int_equal(unseal(0, none, bytes(&secret), &f), 0);
	keys_tpm_key_free(k);
	base_buf_free(&key);
	base_buf_free(&secret);
	rig_kill(1);
}

static void
test_tcti(void **state)
{
	struct fault f = { 0, "" };
	struct keys_tpm *t = NULL;

	(void)state;
	assert_int_equal(keys_tpm_open("libc.so.6", &t, &f), ERR_STATE_CONFIG);
	assert_int_equal(keys_tpm_open("cmd:true", &t, &f), ERR_STATE_CONFIG);
	assert_int_equal(keys_tpm_open("", &t, &f), ERR_STATE_CONFIG);
	assert_int_equal(
	    keys_tpm_open("device:/nonexistent", &t, &f), ERR_SYS_TOKEN);
	assert_non_null(strstr(f.msg, "/nonexistent"));
	assert_int_equal(
	    keys_tpm_open("swtpm:path=/nonexistent", &t, &f), ERR_SYS_TOKEN);
	assert_null(t);
}

/* Each byte of the DER changed: refused, or what the TPM has to judge. */
static void
test_damaged_file(void **state)
{
	static struct keys_tpm_file file;
	struct keys_tpm_key *k;
	struct fault f = { 0, "" };
	struct buf pem, bad;

	(void)state;
	make(none, &pem);
	assert_int_equal(keys_tpm_file_parse(pem.data, pem.len, &file), 0);
	for (size_t i = 0; i < file.private_len; i += 7) {
		file.private[i] ^= 1;
		base_buf_init(&bad, KEYS_TPM_FILE_MAX);
		assert_int_equal(keys_tpm_file_encode(&file, &bad), 0);
		k = key_of(bytes(&bad), none);
		assert_int_equal(sign_with(0, k, &f), ERR_PEER_MISMATCH);
		keys_tpm_key_free(k);
		base_buf_free(&bad);
		file.private[i] ^= 1;
	}
	base_buf_free(&pem);
}

/* Files that are not for us are refused before any TPM is asked. */
static void
test_refused_files(void **state)
{
	static const struct {
		const char *name;
		int rc;
	} all[] = {
		{ "key", 0 },
		{ "true01", 0 },
		{ "key_auth", ERR_STATE_CONFIG },
		{ "sealed", ERR_PEER_UNSUPPORTED },
		{ "importable", ERR_PEER_UNSUPPORTED },
		{ "policy", ERR_PEER_UNSUPPORTED },
		{ "persistent", ERR_PEER_UNSUPPORTED },
		{ "trailing", ERR_PEER_TRAILING },
		{ "empty_blobs", ERR_PEER_MALFORMED },
		{ "badpub", ERR_PEER_MALFORMED },
		{ "truncated", ERR_PEER_MALFORMED },
		{ "no_block", ERR_STATE_NOT_FOUND },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct keys_tpm_key *k = NULL;
		struct crypto_bytes pem;
		struct fault f = { 0, "" };
		uint8_t *data = NULL;
		char path[96];

		(void)snprintf(path, sizeof(path),
		    "tests/corpus/keys_tpm_file/%s", all[i].name);
		assert_int_equal(
		    store_file_load(path, 65536, &data, &pem.len), 0);
		pem.data = data;
		if (keys_tpm_key_new(pem, none, &k, &f) != all[i].rc)
			fail_msg("%s: %s", path, f.msg);
		keys_tpm_key_free(k);
		free(data);
	}
}

/* The slot's backend, over a TPM that goes away and comes back. */
static void
test_backend(void **state)
{
	static struct keys_process process;
	struct keys_slot slot = { .name = "issuing" };
	struct keys_found found = { .device = (uint8_t *)rig.tcti[0],
		.device_len = strlen(rig.tcti[0]) };
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct fault f = { 0, "" };
	struct buf pem;
	size_t len = 0;
	int64_t next;

	(void)state;
	process.control_fd = -1;
	assert_int_equal(
	    keys_tpm_backend_open(&process, &slot, &found, &slot.backend, &f),
	    ERR_STATE_CONFIG);
	make(none, &pem);
	found.key = pem.data;
	found.key_len = pem.len;
	rig_kill(0);
	/* The TPM is away at start: the key is known, and cannot sign. */
	if (keys_tpm_backend_open(&process, &slot, &found, &slot.backend, &f) !=
	    0)
		fail_msg("%s", f.msg);
	assert_non_null(slot.key);
	assert_int_equal(keys_slot_key_check(&slot, &f), ERR_SYS_KEY);
	next = slot.backend->ops->tick(slot.backend, 1000);
	assert_int_equal(next, 1000 + KEYS_TPM_RETRY_MS);
	assert_int_equal(
	    keys_slot_key_sign(&slot, "m", 1, sig, &len), ERR_SYS_KEY);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_start(0), 0);
		assert_int_equal(
		    slot.backend->ops->tick(slot.backend, next - 1), next);
		assert_int_equal(
		    slot.backend->ops->tick(slot.backend, next), INT64_MAX);
		assert_int_equal(keys_slot_key_check(&slot, &f), 0);
		assert_int_equal(
		    keys_slot_key_sign(&slot, "m", 1, sig, &len), 0);
		assert_in_range(len, 64, 72);
		rig_kill(0);
		assert_int_equal(
		    keys_slot_key_sign(&slot, "m", 1, sig, &len), ERR_SYS_KEY);
		assert_int_equal(keys_slot_key_check(&slot, &f), ERR_SYS_KEY);
		assert_non_null(strstr(f.msg, "TPM is not there"));
		next = ((struct keys_tpm_backend *)slot.backend)->retry_ms;
	}
	assert_int_equal(rig_start(0), 0);
	slot.backend->ops->free(slot.backend);
	crypto_pkey_free(slot.key);
	base_buf_free(&pem);
}

/* A slot whose Ed25519 seed is sealed: RFC 8032 says what its key is. */
static void
test_seed(void **state)
{
	static struct keys_process process;
	struct keys_slot slot = { .name = "node" };
	struct keys_found found = { .device = (uint8_t *)rig.tcti[0],
		.device_len = strlen(rig.tcti[0]) };
	uint8_t sig[CRYPTO_PKEY_SIG_MAX], want[64];
	struct fault f = { 0, "" };
	struct keys_tpm *t;
	struct buf pem;
	size_t len = 0;

	(void)state;
	seal(none, &pem);
	found.key = pem.data;
	found.key_len = pem.len;
	if (keys_tpm_backend_open(&process, &slot, &found, &slot.backend, &f) !=
	    0)
		fail_msg("%s", f.msg);
	assert_null(slot.backend);
	assert_int_equal(keys_slot_key_check(&slot, &f), 0);
	assert_int_equal(keys_slot_key_sign(&slot, "m", 1, sig, &len), 0);
	assert_int_equal(crypto_ed25519_sign(seed.data, "m", 1, want), 0);
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(sig, want, len);
	crypto_pkey_free(slot.key);
	slot.key = NULL;
	base_buf_free(&pem);
	/* Another secret, and no TPM. */
	t = connect_to(0);
	base_buf_init(&pem, KEYS_TPM_FILE_MAX);
	assert_int_equal(keys_tpm_seal(t, none, auth, &pem, &f), 0);
	keys_tpm_close(t);
	found.key = pem.data;
	found.key_len = pem.len;
	assert_int_equal(
	    keys_tpm_backend_open(&process, &slot, &found, &slot.backend, &f),
	    ERR_PEER_KEY);
	rig_kill(0);
	assert_int_equal(
	    keys_tpm_backend_open(&process, &slot, &found, &slot.backend, &f),
	    ERR_SYS_TOKEN);
	assert_null(slot.key);
	assert_int_equal(rig_start(0), 0);
	base_buf_free(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcti),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_sign_with_auth),
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_provider),
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_other_tpm),
		cmocka_unit_test(test_damaged_file),
		cmocka_unit_test(test_refused_files),
		cmocka_unit_test(test_backend),
		cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
