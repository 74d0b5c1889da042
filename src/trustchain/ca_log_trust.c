/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/wipe.h"
#include "http/client.h"
#include "store/file.h"
#include "trustchain/ca_log_internal.h"
#include "wire/hex.h"

bool
ca_log_trust_token(const struct ca_log_server *s)
{
	return s->conf->token_file != NULL && s->conf->token_file[0] != '\0';
}

static int
load_token(struct ca_log_server *s)
{
	uint8_t *data;
	size_t len;
	int rc;

	s->token[0] = '\0';
	if (!ca_log_trust_token(s))
		return 0;
	rc = store_file_load(
	    s->conf->token_file, sizeof(s->token) - 1, &data, &len);
	if (rc != 0)
		return rc;
	while (len > 0 && data[len - 1] <= ' ')
		len--;
	memcpy(s->token, data, len);
	s->token[len] = '\0';
	base_wipe_free(data, len);
	/* It goes into a header. */
	for (size_t i = 0; i < len; i++)
		if (s->token[i] <= ' ' || s->token[i] > '~')
			len = 0;
	return len == 0 ? ERR_STATE_CONFIG : 0;
}

int
ca_log_trust_load(struct ca_log_server *s)
{
	const struct ops_config_list *pins = &s->conf->tls_spki;
	const char *text;
	size_t n;

	for (s->pins = 0; s->pins < pins->n; s->pins++) {
		text = ops_config_string(pins, s->pins);
		if (wire_hex_decode(
			text, strlen(text), s->pin[s->pins], 32, &n) != 0 ||
		    n != 32)
			return ERR_STATE_CONFIG;
	}
	return load_token(s);
}

void
ca_log_trust_set(const struct ca_log_server *s, struct http_client_request *req)
{
	if (s->unix_path[0] != '\0')
		return;
	if (s->pins > 0) {
		req->spki_pins = s->pin;
		req->spki_pins_count = s->pins;
	} else if (ca_log_trust_token(s)) {
		req->roots_file = s->owner->o.config->server.roots;
	} else {
		req->any_certificate = true;
	}
}
