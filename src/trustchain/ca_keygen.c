/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_keygen.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/pkey.h"
#include "trustchain/trustchain_leaf.h"

#define MEMBER ",\"private_key\":\""

static const struct {
	const char *name;
	enum crypto_key_type type;
	unsigned bits;
} kinds[] = {
	{ "ecdsa", CRYPTO_KEY_P256, 256 },
	{ "ecdsa", CRYPTO_KEY_P384, 384 },
	{ "ed25519", CRYPTO_KEY_ED25519, 256 },
	{ "rsa", CRYPTO_KEY_RSA, 2048 },
	{ "rsa", CRYPTO_KEY_RSA, 3072 },
	{ "rsa", CRYPTO_KEY_RSA, 4096 },
};

int
ca_keygen_init(struct ca_keygen *g, const char *type, int64_t bits)
{
	size_t i;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, type) == 0 &&
		    (bits == 0 || bits == kinds[i].bits)) {
			g->type = kinds[i].type;
			g->bits = kinds[i].bits;
			return 0;
		}
	return ERR_PEER_UNSUPPORTED;
}

void
ca_keygen_work(void *ctx)
{
	struct ca_keygen *g = ctx;
	struct crypto_pkey *key = NULL;

	g->rc = g->type == CRYPTO_KEY_RSA
		    ? crypto_pkey_generate_rsa(g->bits, &key)
		    : crypto_pkey_generate((enum crypto_key_type)g->type, &key);
	if (g->rc == 0)
		g->rc = trustchain_leaf_csr(key, &g->csr, &g->csr_len);
	if (g->rc == 0 && (g->pem = trustchain_leaf_key_pem(key)) == NULL)
		g->rc = ERR_SYS_NOMEM;
	crypto_pkey_free(key);
}

void
ca_keygen_fini(struct ca_keygen *g)
{
	OPENSSL_free(g->csr);
	if (g->pem != NULL)
		base_wipe(g->pem, strlen(g->pem));
	free(g->pem);
	g->csr = NULL;
	g->pem = NULL;
}

char *
ca_keygen_answer(const struct ca_keygen *g, const char *record, size_t *ret_len)
{
	size_t len = strlen(record);
	const char *p;
	char *out, *at;

	/* Each line feed takes two characters; nothing else needs care. */
	out = malloc(len + sizeof(MEMBER) + 2 * strlen(g->pem) + 3);
	if (out == NULL || len == 0)
		return out;
	memcpy(out, record, len - 1);
	at = out + len - 1;
	memcpy(at, MEMBER, sizeof(MEMBER) - 1);
	at += sizeof(MEMBER) - 1;
	for (p = g->pem; *p != '\0'; p++) {
		if (*p == '\n')
			*at++ = '\\';
		*at++ = *p == '\n' ? 'n' : *p;
	}
	memcpy(at, "\"}", 3);
	*ret_len = (size_t)(at + 2 - out);
	return out;
}
