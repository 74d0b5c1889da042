/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_thumbprint.h"

#include <stdio.h>

#include "pki/pubkey.h"
#include "pki/tag.h"
#include "pki/tlv.h"
#include "wire/base64.h"

enum { PART_MAX = 1024, JSON_MAX = 2 * PART_MAX };

/* The key bits of a SubjectPublicKeyInfo. */
static int
key_bits(struct pki_bytes spki, struct pki_bytes *ret)
{
	struct pki_tlv seq, alg, bits;
	int rc;

	if ((rc = pki_tlv_expect(&spki, PKI_TAG_SEQUENCE, &seq)) != 0 ||
	    (rc = pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &alg)) != 0 ||
	    (rc = pki_tlv_expect(&seq.val, PKI_TAG_BIT_STRING, &bits)) != 0)
		return rc;
	if (bits.val.len < 2)
		return ERR_PEER_MALFORMED;
	ret->data = bits.val.data + 1;
	ret->len = bits.val.len - 1;
	return 0;
}

static int
b64(struct pki_bytes in, char out[PART_MAX])
{
	if (in.len > PART_MAX / 4 * 3 - 3)
		return ERR_PEER_MALFORMED;
	wire_base64_encode(WIRE_BASE64_URL, in.data, in.len, out);
	return 0;
}

/* RFC 7638 section 3.2: the members of each kind, in order. */
static int
write_ec(const char *curve, struct pki_bytes bits, char out[JSON_MAX])
{
	size_t half = (bits.len - 1) / 2;
	char x[PART_MAX], y[PART_MAX];
	int rc;

	if (bits.data[0] != 4 || bits.len % 2 != 1)
		return ERR_PEER_MALFORMED;
	if ((rc = b64((struct pki_bytes){ bits.data + 1, half }, x)) != 0 ||
	    (rc = b64((struct pki_bytes){ bits.data + 1 + half, half }, y)) !=
		0)
		return rc;
	snprintf(out, JSON_MAX,
	    "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%.128s\","
	    "\"y\":\"%.128s\"}",
	    curve, x, y);
	return 0;
}

static int
write_ed25519(struct pki_bytes bits, char out[JSON_MAX])
{
	char x[PART_MAX];
	int rc;

	if ((rc = b64(bits, x)) != 0)
		return rc;
	snprintf(out, JSON_MAX,
	    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%.128s\"}", x);
	return 0;
}

/* Base64urlUInt (RFC 7518 section 2): no sign octet. */
static struct pki_bytes
magnitude(struct pki_bytes v)
{
	while (v.len > 1 && v.data[0] == 0) {
		v.data++;
		v.len--;
	}
	return v;
}

static int
write_rsa(struct pki_bytes bits, char out[JSON_MAX])
{
	struct pki_tlv seq, n, e;
	char nt[PART_MAX], et[PART_MAX];
	int rc;

	if ((rc = pki_tlv_expect(&bits, PKI_TAG_SEQUENCE, &seq)) != 0 ||
	    (rc = pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &n)) != 0 ||
	    (rc = pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &e)) != 0 ||
	    (rc = b64(magnitude(n.val), nt)) != 0 ||
	    (rc = b64(magnitude(e.val), et)) != 0)
		return rc;
	snprintf(out, JSON_MAX,
	    "{\"e\":\"%.32s\",\"kty\":\"RSA\",\"n\":\"%s\"}", et, nt);
	return 0;
}

int
ca_thumbprint_of(struct pki_bytes spki, char out[CA_THUMBPRINT_LEN + 1])
{
	enum pki_key_type type;
	struct pki_bytes bits, text;
	char json[JSON_MAX];
	uint8_t hash[32];
	int rc;

	if ((rc = pki_pubkey_type(spki, &type)) != 0 ||
	    (rc = key_bits(spki, &bits)) != 0)
		return rc;
	if (type == PKI_KEY_RSA)
		rc = write_rsa(bits, json);
	else if (type == PKI_KEY_ED25519)
		rc = write_ed25519(bits, json);
	else if ((type & PKI_KEY_MLDSA) != 0)
		rc = ERR_PEER_UNSUPPORTED; /* no account has such a key */
	else
		rc = write_ec(
		    type == PKI_KEY_P256 ? "P-256" : "P-384", bits, json);
	if (rc != 0)
		return rc;
	text.data = (const uint8_t *)json;
	for (text.len = 0; json[text.len] != '\0'; text.len++)
		;
	if ((rc = pki_pubkey_sha256(text, hash)) != 0)
		return rc;
	wire_base64_encode(WIRE_BASE64_URL, hash, sizeof(hash), out);
	return 0;
}
