/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_EMERGENCY_FIXTURE_H
#define TRUSTCHAIN_CA_EMERGENCY_FIXTURE_H

/*
 * Operators for tests: alice, bob, bob's key again as bobby, and carol, who
 * is an operator too.  Signatures are made by OpenSSL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "merkle/notekey.h"
#include "merkle/vkey.h"
#include "ops/config.h"

#define NOTE_CAP 8192

static EVP_PKEY *operator_key[3]; /* alice, bob, carol */
static char operator_vkey[4][MERKLE_VKEY_TEXT_MAX];
static char *operator_names[4] = { operator_vkey[0], operator_vkey[1],
	operator_vkey[2], operator_vkey[3] };
static const struct ops_config_list operators = { operator_names, 4 };
static struct merkle_vkey operator_parsed[4];

/** make_vkey: Describe key ${k} as operator ${i}. */
static void
make_vkey(int i, EVP_PKEY *k, const char *name)
{
	uint8_t public[32];
	size_t len = sizeof(public);

	assert_int_equal(EVP_PKEY_get_raw_public_key(k, public, &len), 1);
	assert_int_equal(merkle_vkey_init(&operator_parsed[i], name,
			     MERKLE_SIG_ED25519, public),
	    0);
	assert_int_equal(
	    merkle_vkey_encode(&operator_parsed[i], operator_vkey[i]), 0);
}

/** operators_new: Make their keys. */
static void
operators_new(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		operator_key[i] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		assert_non_null(operator_key[i]);
	}
	make_vkey(0, operator_key[0], "alice");
	make_vkey(1, operator_key[1], "bob");
	make_vkey(2, operator_key[1], "bobby");
	make_vkey(3, operator_key[2], "carol");
}

/** operators_free: Free them. */
static void
operators_free(void)
{
	int i;

	for (i = 0; i < 3; i++)
		EVP_PKEY_free(operator_key[i]);
}

/** sign_note: Add a line in the name of operator ${i}, by ${k}. */
static void
sign_note(char note[NOTE_CAP], const char *text, int i, EVP_PKEY *k)
{
	char line[MERKLE_NOTEKEY_LINE_MAX];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t sig[64];
	size_t len = sizeof(sig);

	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, k), 1);
	assert_int_equal(
	    EVP_DigestSign(c, sig, &len, (const uint8_t *)text, strlen(text)),
	    1);
	EVP_MD_CTX_free(c);
	assert_int_equal(merkle_notekey_line(operator_parsed[i].name,
			     operator_parsed[i].id, sig, len, line),
	    0);
	len = strlen(note);
	assert_true(len + strlen(line) < NOTE_CAP);
	memcpy(note + len, line, strlen(line) + 1);
}

#endif
