/* SPDX-License-Identifier: Apache-2.0 */
/* The wrapper against SoftHSM 2, which we did not write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/keywrap.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/p11_internal.h"
#include "keys/p11_make.h"
#include "keys/p11_prove_internal.h"
#include "keys/p11_rig_test.h"
#include "keys/p11_sign_internal.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"
#include "keys/p11_wrap.h"

static struct keys_p11_uri
uri(const char *text)
{
	struct keys_p11_uri u;

	assert_int_equal(keys_p11_uri_parse(text, strlen(text), &u), 0);
	return u;
}

static struct keys_p11_new
new_key(const char *text, int type)
{
	return (struct keys_p11_new){ rig.shim, text,
		(const uint8_t *)RIG_PIN, 4, type, true };
}

/* Make one of each type, find it again, sign, verify with OpenSSL. */
static void
test_types(void **state)
{
	static const struct {
		const char *uri;
		int type;
	} all[] = {
		{ "pkcs11:token=Troth;object=p256", CRYPTO_KEY_P256 },
		{ "pkcs11:token=Troth;object=p384;id=%02", CRYPTO_KEY_P384 },
		{ "pkcs11:token=Troth;object=ed25519", CRYPTO_KEY_ED25519 },
	};
	struct crypto_pkey *made, *found;
	struct keys_p11_token t;
	struct keys_p11 *m;
	struct fault f = { 0, "" };
	bool is_new;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct keys_p11_new n = new_key(all[i].uri, all[i].type);
		struct keys_p11_uri u = uri(all[i].uri);
		struct keys_p11_key k = { .t = &t };

		n.make = false;
		assert_int_equal(keys_p11_make_ensure(&n, &made, &is_new, &f),
		    ERR_STATE_NOT_FOUND);
		n.make = true;
		assert_int_equal(
		    keys_p11_make_ensure(&n, &made, &is_new, &f), 0);
		assert_true(is_new);
		assert_int_equal(crypto_pkey_type(made), all[i].type);
		assert_int_equal(
		    keys_p11_make_ensure(&n, &found, &is_new, &f), 0);
		assert_false(is_new);
		assert_true(crypto_pkey_equal(made, found));
		assert_int_equal(keys_p11_load(rig.shim, &m, &f), 0);
		assert_int_equal(
		    keys_p11_token_open(m, &u, false, &t, &f), 0);
		assert_int_equal(keys_p11_token_login(
				     &t, (const uint8_t *)RIG_PIN, 4, &f),
		    0);
		/* Signs a text and verifies it under the public half. */
		assert_int_equal(keys_p11_prove(&k, &u, made, &f), 0);
		keys_p11_token_close(&t);
		keys_p11_unload(m);
		crypto_pkey_free(made);
		crypto_pkey_free(found);
	}
}

/* Another key than the one that is meant, a wrong type, two of a name. */
static void
test_wrong_key(void **state)
{
	struct keys_p11_new n =
	    new_key("pkcs11:token=Troth;object=p256", CRYPTO_KEY_ED25519);
	struct keys_p11_uri u = uri("pkcs11:token=Troth;object=p256");
	struct crypto_pkey *other, *same;
	struct keys_p11_token t;
	struct keys_p11_key k = { .t = &t };
	struct fault f = { 0, "" };
	struct keys_p11 *m;

	(void)state;
	assert_int_equal(
	    keys_p11_make_ensure(&n, &other, NULL, &f), ERR_STATE_CONFIG);
	n = new_key("pkcs11:token=Troth;object=twice;id=%01", CRYPTO_KEY_P256);
	assert_int_equal(keys_p11_make_ensure(&n, &other, NULL, &f), 0);
	n.uri = "pkcs11:token=Troth;object=twice;id=%02";
	assert_int_equal(keys_p11_make_ensure(&n, &same, NULL, &f), 0);
	assert_false(crypto_pkey_equal(other, same));
	crypto_pkey_free(same);
	n.uri = "pkcs11:token=Troth;object=twice";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &same, NULL, &f), ERR_STATE_CONFLICT);
	assert_non_null(strstr(f.msg, "add ;id="));
	assert_int_equal(keys_p11_load(rig.shim, &m, &f), 0);
	assert_int_equal(keys_p11_token_open(m, &u, false, &t, &f), 0);
	assert_int_equal(
	    keys_p11_token_login(&t, (const uint8_t *)RIG_PIN, 4, &f), 0);
	assert_int_equal(keys_p11_prove(&k, &u, other, &f), ERR_STATE_CONFIG);
	u = uri("pkcs11:token=Troth");
	assert_int_equal(keys_p11_prove(&k, &u, other, &f), ERR_STATE_CONFIG);
	keys_p11_token_close(&t);
	keys_p11_unload(m);
	crypto_pkey_free(other);
}

/* Three different troubles have three different messages. */
static void
test_troubles(void **state)
{
	struct keys_p11_new n =
	    new_key("pkcs11:token=Troth;object=p256", CRYPTO_KEY_P256);
	struct crypto_pkey *key;
	struct fault f = { 0, "" };
	long logins;

	(void)state;
	n.uri = "pkcs11:token=Absent;object=p256";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_SYS_TOKEN);
	assert_non_null(strstr(f.msg, "token Absent is not there"));
	n.uri = "pkcs11:token=Troth;object=p256;serial=0";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_SYS_TOKEN);
	n.uri = "pkcs11:token=Troth;object=p256";
	n.pin = (const uint8_t *)"4321";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_SYS_PIN);
	assert_non_null(strstr(f.msg, "wrong PIN"));
	/* These are not even tried. */
	logins = rig.control->logins;
	rig.control->flags = CKF_USER_PIN_LOCKED;
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_SYS_PIN_LOCKED);
	assert_non_null(strstr(f.msg, "locked"));
	rig.control->flags = CKF_USER_PIN_FINAL_TRY;
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_SYS_PIN);
	assert_non_null(strstr(f.msg, "one more wrong PIN"));
	assert_int_equal(rig.control->logins, logins);
	rig.control->flags = 0;
	n.module = "/nonexistent.so";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_STATE_CONFIG);
	n.module = "libc.so.6";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "not a PKCS #11 module"));
	n.module = rig.shim;
	n.uri = "pkcs11:object=p256";
	assert_int_equal(
	    keys_p11_make_ensure(&n, &key, NULL, &f), ERR_STATE_CONFIG);
}

/* Every call in turn fails, and nothing is left behind or made twice. */
static void
test_each_call(void **state)
{
	struct keys_p11_new n =
	    new_key("pkcs11:token=Troth;object=torture", CRYPTO_KEY_P256);
	struct crypto_pkey *key = NULL;
	struct fault f = { 0, "" };
	long i;
	int rc = -1;

	(void)state;
	for (i = 0; rc != 0; i++) {
		rig_fail(i, CKR_DEVICE_ERROR);
		rc = keys_p11_make_ensure(&n, &key, NULL, &f);
		assert_true(i < 40);
		if (rc != 0) {
			assert_int_equal(rc, ERR_SYS_TOKEN);
			assert_non_null(strstr(f.msg, "CKR_DEVICE_ERROR"));
		}
	}
	/* Initialise, slots, info, session, login, search (3), mechanism,
	 * generate, read: ten and more. */
	assert_true(i > 10);
	rig_fail(-1, CKR_OK);
	crypto_pkey_free(key);
	assert_int_equal(keys_p11_make_ensure(&n, &key, NULL, &f), 0);
	crypto_pkey_free(key);
}

/* Under a key whose value we know, which softhsm2-util has imported: the token
 * wraps as OpenSSL does, and both unwrap what the other wrapped. */
static void
test_wrap_known(void **state)
{
	static char util[] = "/usr/bin/softhsm2-util", token[] = "--token",
		    name[] = "Troth", pin[] = "--pin", user[] = RIG_PIN,
		    import[] = "--import", is_aes[] = "--aes", id[] = "--id",
		    id_text[] = "0a", label[] = "--label", known[] = "known";
	char path[96];
	char *const argv[] = { util, token, name, pin, user, import, path,
		is_aes, id, id_text, label, known, NULL };
	struct keys_p11_new n =
	    new_key("pkcs11:token=Troth;object=known", CRYPTO_KEY_P256);
	uint8_t key[32], secret[40], ours[64], theirs[64], back[64];
	struct crypto_keywrap_key k = { CRYPTO_KEYWRAP_KWP, key, 32 };
	size_t ours_len, theirs_len, len;
	struct fault f = { 0, "" };
	FILE *out;

	(void)state;
	for (uint8_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(7 * i + 1);
	memset(secret, 0x5a, sizeof(secret));
	(void)snprintf(path, sizeof(path), "%s/aes", rig.dir);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(key, 1, sizeof(key), out), sizeof(key));
	assert_int_equal(fclose(out), 0);
	assert_int_equal(rig_run(argv), 0);
	for (size_t n_in = 16; n_in <= sizeof(secret); n_in += 8) {
		struct keys_p11_secret in = { secret, n_in };

		assert_int_equal(
		    keys_p11_wrap_seal(&n, in, theirs, &theirs_len, &f), 0);
		assert_int_equal(
		    crypto_keywrap_wrap(&k, secret, n_in, ours, &ours_len), 0);
		assert_int_equal(ours_len, theirs_len);
		assert_memory_equal(ours, theirs, ours_len);
		in = (struct keys_p11_secret){ ours, ours_len };
		assert_int_equal(keys_p11_wrap_open(&n, in, back, &len, &f), 0);
		assert_int_equal(len, n_in);
		assert_memory_equal(back, secret, len);
		ours[3] ^= 1;
		/* CKR_GENERAL_ERROR is all that SoftHSM says to that. */
		assert_int_equal(keys_p11_wrap_open(&n, in, back, &len, &f),
		    ERR_SYS_TOKEN);
	}
	for (size_t n_in = 0; n_in <= 20; n_in += 4)
		if (n_in != 16)
			assert_int_equal(keys_p11_wrap_seal(&n,
					     (struct keys_p11_secret){
						 secret, n_in },
					     theirs, &theirs_len, &f),
			    ERR_PEER_MALFORMED);
}

/* Under a key that was made on the token and never leaves it. */
static void
test_wrap_made(void **state)
{
	struct keys_p11_new n =
	    new_key("pkcs11:token=Troth;object=wrap", CRYPTO_KEY_P256);
	uint8_t seed[32] = "an ML-DSA seed", wrapped[64], back[64];
	struct keys_p11_secret in = { seed, sizeof(seed) };
	struct fault f = { 0, "" };
	size_t wrapped_len, len;
	long i;
	int rc = -1;

	(void)state;
	assert_int_equal(
	    keys_p11_wrap_seal(&n, in, wrapped, &wrapped_len, &f),
	    ERR_STATE_NOT_FOUND);
	assert_int_equal(keys_p11_wrap_ensure(&n, &f), 0);
	assert_int_equal(keys_p11_wrap_ensure(&n, &f), 0);
	for (i = 0; rc != 0 && i < 40; i++) {
		rig_fail(i, CKR_DEVICE_ERROR);
		rc = keys_p11_wrap_seal(&n, in, wrapped, &wrapped_len, &f);
		assert_true(rc == 0 || rc == ERR_SYS_TOKEN);
	}
	assert_in_range(i, 10, 39);
	in = (struct keys_p11_secret){ wrapped, wrapped_len };
	for (i = 0, rc = -1; rc != 0 && i < 40; i++) {
		rig_fail(i, CKR_DEVICE_ERROR);
		rc = keys_p11_wrap_open(&n, in, back, &len, &f);
		assert_true(rc == 0 || rc == ERR_SYS_TOKEN);
	}
	assert_in_range(i, 10, 39);
	rig_fail(-1, CKR_OK);
	assert_int_equal(len, sizeof(seed));
	assert_memory_equal(back, seed, len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_each_call),
		cmocka_unit_test(test_wrap_known),
		cmocka_unit_test(test_wrap_made),
	};
	int failed = rig_start();

	if (failed == 0)
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	else
		(void)fprintf(stderr, "no SoftHSM (package softhsm2)\n");
	rig_end();
	return failed;
}
