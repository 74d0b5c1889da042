/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/hmac.h"
#include "wire/json.h"

/* RFC 9562 section 5.4. */
static int
format_uuid(const uint8_t random[AUDIT_UUID_LEN], char *text, size_t cap)
{
	uint8_t u[AUDIT_UUID_LEN];

	memcpy(u, random, sizeof(u));
	u[6] = (uint8_t)((u[6] & 0x0f) | 0x40);
	u[8] = (uint8_t)((u[8] & 0x3f) | 0x80);
	return base_str_format(text, cap,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10],
	    u[11], u[12], u[13], u[14], u[15]);
}

static int
format_target(const struct audit_event *ev, char *text, size_t cap)
{
	const char *words = ev->target != NULL ? ev->target : "";

	if (ev->source == 0)
		return base_str_copy(text, cap, words);
	return base_str_format(text, cap, "outbox=%" PRId64 "%s%s", ev->source,
	    words[0] != '\0' ? " " : "", words);
}

int
audit_event_encode(const struct audit_event *ev,
    const uint8_t random[AUDIT_UUID_LEN], char line[AUDIT_LINE_MAX + 1],
    size_t *ret_len)
{
	char uuid[AUDIT_ID_MAX], target[AUDIT_LINE_MAX];
	json_t *obj;
	size_t len;
	char *text;
	int rc;

	if ((rc = format_uuid(random, uuid, sizeof(uuid))) != 0 ||
	    (rc = format_target(ev, target, sizeof(target))) != 0)
		return rc;
	obj = json_pack("{s:s, s:I, s:s, s:s, s:s}", "event_id", uuid,
	    "timestamp_ns", (json_int_t)ev->at_ms * 1000000, "operator_id",
	    ev->operator_id, "action", ev->action, "target", target);
	if (obj == NULL)
		return ERR_PEER_MALFORMED;
	text = json_dumps(obj, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(obj);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	len = strlen(text);
	rc = base_str_copy(line, AUDIT_LINE_MAX + 1, text);
	free(text);
	if (rc == 0)
		*ret_len = len;
	if (rc == 0 && ev->ret_id != NULL)
		memcpy(ev->ret_id, uuid, sizeof(uuid));
	return rc;
}

/* Words under construction; rc is the first error. */
struct words {
	char *text;
	size_t cap, len;
	int rc;
};

static void
put(struct words *w, char c)
{
	if (w->len + 1 >= w->cap) {
		w->rc = ERR_SYS_LIMIT;
		return;
	}
	w->text[w->len++] = c;
}

static void
put_escaped(struct words *w, const char *s)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char c;

	for (; (c = (unsigned char)*s) != '\0'; s++) {
		if (c > ' ' && c != '=' && c != '%' && c != ',') {
			put(w, (char)c);
			continue;
		}
		put(w, '%');
		put(w, digits[c >> 4]);
		put(w, digits[c & 15]);
	}
}

static void
put_scalar(struct words *w, const json_t *v)
{
	char text[24];

	if (json_is_string(v))
		put_escaped(w, json_string_value(v));
	else if (json_is_integer(v) &&
		 base_str_format(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
		     json_integer_value(v)) == 0)
		put_escaped(w, text);
	else
		w->rc = ERR_PEER_MALFORMED;
}

static void
put_value(struct words *w, const json_t *v)
{
	size_t i;

	if (!json_is_array(v)) {
		put_scalar(w, v);
		return;
	}
	for (i = 0; i < json_array_size(v); i++) {
		if (i > 0)
			put(w, ',');
		put_scalar(w, json_array_get(v, i));
	}
}

int
audit_event_words(const char *json, size_t len, char *words, size_t cap)
{
	struct words w = { words, cap, 0, 0 };
	json_t *obj, *value;
	const char *key;
	int rc;

	if ((rc = wire_json_parse(json, len, &obj, NULL)) != 0)
		return rc;
	if (!json_is_object(obj))
		w.rc = ERR_PEER_MALFORMED;
	json_object_foreach(obj, key, value)
	{
		if (w.len > 0)
			put(&w, ' ');
		put_escaped(&w, key);
		put(&w, '=');
		put_value(&w, value);
	}
	json_decref(obj);
	words[w.rc == 0 ? w.len : 0] = '\0';
	return w.rc;
}

void
audit_event_pseudonym(const uint8_t key[AUDIT_KEY_LEN], const void *value,
    size_t len, char ret[AUDIT_PSEUDONYM_MAX])
{
	struct crypto_hmac_key k = { CRYPTO_SHA256, key, AUDIT_KEY_LEN };
	static const char digits[] = "0123456789abcdef";
	uint8_t mac[CRYPTO_SHA256_LEN];
	size_t i;

	crypto_hmac_sign(&k, value, len, mac);
	ret[0] = 'p';
	ret[1] = '-';
	for (i = 0; i < 8; i++) {
		ret[2 + 2 * i] = digits[mac[i] >> 4];
		ret[3 + 2 * i] = digits[mac[i] & 15];
	}
	ret[18] = '\0';
}
