/* SPDX-License-Identifier: Apache-2.0 */
/* Every command to the TPM fails in turn, on the line and in the TPM. */
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tcti.h>
#include <tss2/tss2_tctildr.h>

#include "base/alloc_test.h"
#include "crypto/ecdsa.h"
#include "keys/tpm_file.h"
#include "keys/tpm_internal.h"
#include "keys/tpm_rig_test.h"

/* A TCTI in front of the real one. */
struct shim {
	TSS2_TCTI_CONTEXT_COMMON_V2 base;
	TSS2_TCTI_CONTEXT *real;
	long left;     /* commands until one fails; below 0: none */
	bool in_tpm;   /* it is the TPM that says no */
	bool answer;   /* ... to the command sent last */
	uint32_t code; /* the command that failed */
};

static struct shim shim;

static uint32_t
command(const uint8_t *p)
{
	return (uint32_t)p[6] << 24 | (uint32_t)p[7] << 16 |
	       (uint32_t)p[8] << 8 | p[9];
}

static TSS2_RC
transmit(TSS2_TCTI_CONTEXT *ctx, size_t size, const uint8_t *p)
{
	(void)ctx;
	if (shim.left == 0)
		shim.code = command(p);
	if (shim.left >= 0 && shim.left-- == 0) {
		if (!shim.in_tpm)
			return TSS2_TCTI_RC_IO_ERROR;
		shim.answer = true;
		return TSS2_RC_SUCCESS;
	}
	return Tss2_Tcti_Transmit(shim.real, size, p);
}

static TSS2_RC
receive(TSS2_TCTI_CONTEXT *ctx, size_t *size, uint8_t *p, int32_t timeout)
{
	/* TPM_ST_NO_SESSIONS, ten bytes, TPM_RC_FAILURE */
	static const uint8_t failure[] = { 0x80, 1, 0, 0, 0, 10, 0, 0, 1, 1 };

	(void)ctx;
	if (!shim.answer)
		return Tss2_Tcti_Receive(shim.real, size, p, timeout);
	*size = sizeof(failure);
	if (p != NULL) {
		memcpy(p, failure, sizeof(failure));
		shim.answer = false;
	}
	return TSS2_RC_SUCCESS;
}

static void
finalize(TSS2_TCTI_CONTEXT *ctx)
{
	(void)ctx;
}

static TSS2_RC
cancel(TSS2_TCTI_CONTEXT *ctx)
{
	(void)ctx;
	return TSS2_RC_SUCCESS;
}

static struct keys_tpm *
connect_shim(void)
{
	struct keys_tpm *t = NULL;
	struct fault f = { 0, "" };

	memset(&shim, 0, sizeof(shim));
	shim.left = -1;
	shim.base.v1.magic = 0x74726f7468;
	shim.base.v1.version = 2;
	shim.base.v1.transmit = transmit;
	shim.base.v1.receive = receive;
	shim.base.v1.finalize = finalize;
	shim.base.v1.cancel = cancel;
	assert_int_equal(Tss2_TctiLdr_Initialize(rig.tcti[0], &shim.real), 0);
	assert_int_equal(
	    keys_tpm_attach((TSS2_TCTI_CONTEXT *)&shim, &t, &f), 0);
	return t;
}

static void
disconnect(struct keys_tpm *t)
{
	keys_tpm_close(t);
	Tss2_TctiLdr_Finalize(&shim.real);
}

/* Objects and sessions that are loaded; flushed, too. */
static unsigned
left_behind(struct keys_tpm *t)
{
	static const uint32_t first[] = { TPM2_TRANSIENT_FIRST,
		TPM2_LOADED_SESSION_FIRST };
	unsigned n = 0;

	for (int i = 0; i < 2; i++) {
		TPMS_CAPABILITY_DATA *data = NULL;
		ESYS_TR handle;

		assert_int_equal(
		    Esys_GetCapability(t->esys, ESYS_TR_NONE, ESYS_TR_NONE,
			ESYS_TR_NONE, TPM2_CAP_HANDLES, first[i], 16, NULL,
			&data),
		    0);
		for (UINT32 j = 0; j < data->data.handles.count; j++) {
			n++;
			assert_int_equal(
			    Esys_TR_FromTPMPublic(t->esys,
				data->data.handles.handle[j], ESYS_TR_NONE,
				ESYS_TR_NONE, ESYS_TR_NONE, &handle),
			    0);
			assert_int_equal(Esys_FlushContext(t->esys, handle), 0);
		}
		Esys_Free(data);
	}
	return n;
}

static const struct crypto_bytes none = { NULL, 0 };
static const struct crypto_bytes auth = { (const uint8_t *)"sesame", 6 };
static const struct crypto_bytes secret = { (const uint8_t *)"secret", 6 };
static struct buf key_pem, sealed_pem;

static int
do_make(struct keys_tpm *t, struct fault *f)
{
	struct buf pem;
	int rc;

	base_buf_init(&pem, KEYS_TPM_FILE_MAX);
	rc = keys_tpm_make(t, auth, &pem, f);
	assert_true(rc == 0 || pem.len == 0);
	base_buf_free(&pem);
	return rc;
}

static int
do_seal(struct keys_tpm *t, struct fault *f)
{
	struct buf pem;
	int rc;

	base_buf_init(&pem, KEYS_TPM_FILE_MAX);
	rc = keys_tpm_seal(t, none, secret, &pem, f);
	base_buf_free(&pem);
	return rc;
}

static int
do_unseal(struct keys_tpm *t, struct fault *f)
{
	struct buf out;
	int rc;

	base_buf_init(&out, 256);
	rc = keys_tpm_unseal(t, none,
	    (struct crypto_bytes){ sealed_pem.data, sealed_pem.len }, &out, f);
	assert_true(rc == 0 ? out.len == 6 : out.len == 0);
	base_buf_free(&out);
	return rc;
}

/* From the file, and from the context. */
static int
do_sign(struct keys_tpm *t, struct fault *f)
{
	uint8_t sig[CRYPTO_ECDSA_P256_DER_MAX];
	struct keys_tpm_signing s = { "m", 1, sig, 0 };
	struct keys_tpm_key *k = NULL;
	int rc;

	rc = keys_tpm_key_new(
	    (struct crypto_bytes){ key_pem.data, key_pem.len }, auth, &k, f);
	if (rc == 0)
		rc = keys_tpm_key_sign(t, k, &s, f);
	if (rc == 0)
		rc = keys_tpm_key_sign(t, k, &s, f);
	keys_tpm_key_free(k);
	return rc;
}

static const struct {
	int (*run)(struct keys_tpm *t, struct fault *f);
	long commands_min;
} runs[] = { { do_make, 5 }, { do_seal, 5 }, { do_unseal, 7 },
	{ do_sign, 11 } };

/* Commands whose failure is made good, or cannot be. */
static bool
forgiven(uint32_t code)
{
	return code == TPM2_CC_FlushContext || code == TPM2_CC_ContextLoad;
}

/* Let command ${n} fail; return whether there was one. */
static bool
fail_one(size_t which, bool in_tpm, long n)
{
	struct fault f = { 0, "" };
	struct keys_tpm *t = connect_shim();
	unsigned behind, flush;
	bool failed;
	int rc;

	shim.in_tpm = in_tpm;
	shim.left = n;
	rc = runs[which].run(t, &f);
	failed = shim.left < 0;
	flush = failed && shim.code == TPM2_CC_FlushContext;
	if (rc == 0) {
		assert_true(!failed || forgiven(shim.code));
	} else {
		assert_true(failed);
		assert_int_equal(rc, ERR_SYS_TOKEN);
		assert_int_equal(f.rc, rc);
		assert_non_null(strstr(f.msg, "TPM2_"));
	}
	/* ESYS refuses to go on after the line has failed. */
	disconnect(t);
	t = connect_shim();
	behind = left_behind(t);
	if (in_tpm || !failed)
		assert_int_equal(behind, flush);
	disconnect(t);
	return failed;
}

static void
fail_each(size_t which, bool in_tpm)
{
	long n = 0;

	while (fail_one(which, in_tpm, n))
		n++;
	if (n < runs[which].commands_min)
		fail_msg("run %zu has %ld commands", which, n);
}

static void
test_line_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		fail_each(i, false);
}

static void
test_tpm_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		fail_each(i, true);
}

/*
 * An allocation fails, each of the first and then ever fewer, for OpenSSL makes
 * tens of thousands: an error, no crash.  (What the cause is called is not
 * looked at: tpm2-tss and OpenSSL drop it in places.)
 */
static void
test_alloc_fails(void **state)
{
	(void)state;
	if (!alloc_test_fail(-1))
		skip();
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		bool failed = true;
		long n;
		int rc = -1;

		for (n = 0; failed; n += 1 + n / 16) {
			struct keys_tpm *t = connect_shim();
			struct fault f = { 0, "" };

			(void)alloc_test_fail(n);
			rc = runs[i].run(t, &f);
			failed = alloc_test_failed();
			disconnect(t);
			t = connect_shim();
			(void)left_behind(t);
			disconnect(t);
		}
		assert_int_equal(rc, 0);
		assert_true(n > 20);
	}
}

static int
setup(void **state)
{
	struct fault f;
	struct keys_tpm *t;
	int rc;

	if (rig_setup(state) != 0)
		return -1;
	base_buf_init(&key_pem, KEYS_TPM_FILE_MAX);
	base_buf_init(&sealed_pem, KEYS_TPM_FILE_MAX);
	t = connect_shim();
	rc = keys_tpm_make(t, auth, &key_pem, &f);
	if (rc == 0)
		rc = keys_tpm_seal(t, none, secret, &sealed_pem, &f);
	disconnect(t);
	return rc;
}

static int
teardown(void **state)
{
	base_buf_free(&key_pem);
	base_buf_free(&sealed_pem);
	return rig_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_fails),
		cmocka_unit_test(test_tpm_fails),
		cmocka_unit_test(test_alloc_fails),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
