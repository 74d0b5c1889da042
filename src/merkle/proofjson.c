/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/proofjson.h"

#include "wire/base64.h"

int
merkle_proofjson_take(const json_t *j, struct merkle_proof *proof)
{
	const json_t *list = json_object_get(j, "proof"), *v;
	size_t i, n;

	if (!json_is_array(list) || json_array_size(list) > MERKLE_PROOF_MAX)
		return ERR_PEER_MALFORMED;
	proof->count = json_array_size(list);
	for (i = 0; i < proof->count; i++) {
		v = json_array_get(list, i);
		if (!json_is_string(v) ||
		    wire_base64_decode(WIRE_BASE64_STD, json_string_value(v),
			json_string_length(v), proof->hash[i].b,
			MERKLE_HASH_LEN, &n) != 0 ||
		    n != MERKLE_HASH_LEN)
			return ERR_PEER_MALFORMED;
	}
	return 0;
}

json_t *
merkle_proofjson_make(const struct merkle_proof *proof)
{
	char b64[WIRE_BASE64_ENCODED_MAX(MERKLE_HASH_LEN)];
	json_t *list = json_array();
	size_t i;

	for (i = 0; list != NULL && i < proof->count; i++) {
		wire_base64_encode(
		    WIRE_BASE64_STD, proof->hash[i].b, MERKLE_HASH_LEN, b64);
		if (json_array_append_new(list, json_string(b64)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
