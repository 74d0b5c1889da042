/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_params.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "store/disk.h"
#include "wire/base64.h"
#include "wire/json.h"

int
ct_params_init(struct ct_params *ret, const char *base,
    const struct ct_period *period, const struct ct_params_keys *keys)
{
	struct ct_params p;

	memset(&p, 0, sizeof(p));
	p.period = *period;
	if (keys->spki_len > sizeof(p.spki) ||
	    base_str_format(
		p.origin, sizeof(p.origin), "%s/%s", base, period->name) != 0)
		return ERR_STATE_CONFIG;
	memcpy(p.spki, keys->spki, keys->spki_len);
	p.spki_len = keys->spki_len;
	crypto_sha2_256(p.spki, p.spki_len, p.log_id);
	if (merkle_vkey_init(
		&p.note, p.origin, MERKLE_SIG_ED25519, keys->note_public) != 0)
		return ERR_STATE_CONFIG;
	*ret = p;
	return 0;
}

void
ct_params_time(int64_t unix_ms, char ret[32])
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm tm;

	ret[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int
ct_params_encode(const struct ct_params *p, struct buf *out)
{
	char key[WIRE_BASE64_ENCODED_MAX(CT_PARAMS_SPKI_MAX)];
	char id[WIRE_BASE64_ENCODED_MAX(32)], vkey[MERKLE_VKEY_TEXT_MAX];
	char start[32], end[32];
	int rc;

	if ((rc = merkle_vkey_encode(&p->note, vkey)) != 0)
		return rc;
	wire_base64_encode(WIRE_BASE64_STD, p->spki, p->spki_len, key);
	wire_base64_encode(WIRE_BASE64_STD, p->log_id, 32, id);
	ct_params_time(p->period.start_ms, start);
	ct_params_time(p->period.end_ms, end);
	return base_buf_printf(out,
	    "{\"name\":\"%s\",\n\"origin\":\"%s\",\n\"log_id\":\"%s\",\n"
	    "\"key\":\"%s\",\n\"note_vkey\":\"%s\",\n\"start\":\"%s\",\n"
	    "\"end\":\"%s\",\n\"mmd\":%d}\n",
	    p->period.name, p->origin, id, key, vkey, start, end,
	    CT_PARAMS_MMD_S);
}

int
ct_params_create(
    struct store_disk *disk, const char *dir, const struct ct_params *p)
{
	static const char *const folders[] = { "wal", "issuer", "tile",
		"index" };
	char path[4096];
	struct buf json;
	size_t i;
	int rc = 0;

	for (i = 0; i < 4 && rc == 0; i++) {
		rc = base_str_format(
		    path, sizeof(path), "%s/%s", dir, folders[i]);
		if (rc == 0)
			rc = store_disk_mkdirs(
			    disk, path, 0755, "ct.shard.mkdir");
	}
	if (rc == 0)
		rc = base_str_format(path, sizeof(path), "%s/log.json", dir);
	if (rc != 0)
		return rc;
	if (access(path, F_OK) == 0)
		return ERR_STATE_EXISTS;
	base_buf_init(&json, CT_PARAMS_FILE_MAX);
	rc = ct_params_encode(p, &json);
	if (rc == 0)
		rc = store_disk_replace(
		    disk, path, json.data, json.len, 0644, "ct.shard.json");
	base_buf_free(&json);
	return rc;
}

static int
fill(const json_t *j, struct ct_params *p)
{
	const char *s, *slash;
	uint8_t id[32];
	size_t n, len;
	int rc;

	if ((rc = wire_json_string(
		 j, "name", CT_PERIOD_NAME_MAX - 1, &s, &n)) != 0 ||
	    (rc = ct_period_parse(s, &p->period)) != 0)
		return rc;
	rc = wire_json_string(j, "origin", sizeof(p->origin) - 1, &s, &n);
	if (rc != 0)
		return rc;
	slash = strrchr(s, '/');
	if (slash == NULL || strcmp(slash + 1, p->period.name) != 0)
		return ERR_PEER_MISMATCH;
	if ((rc = base_str_copy(p->origin, sizeof(p->origin), s)) != 0)
		return rc;
	if ((rc = wire_json_string(j, "key", 1024, &s, &n)) != 0 ||
	    (rc = wire_base64_decode(WIRE_BASE64_STD, s, n, p->spki,
		 sizeof(p->spki), &p->spki_len)) != 0)
		return rc;
	crypto_sha2_256(p->spki, p->spki_len, p->log_id);
	if ((rc = wire_json_string(j, "log_id", 64, &s, &n)) != 0 ||
	    (rc = wire_base64_decode(
		 WIRE_BASE64_STD, s, n, id, sizeof(id), &len)) != 0)
		return rc;
	if (len != 32 || memcmp(id, p->log_id, 32) != 0)
		return ERR_PEER_MISMATCH;
	if ((rc = wire_json_string(j, "note_vkey", 1024, &s, &n)) != 0 ||
	    (rc = merkle_vkey_parse(s, n, &p->note)) != 0)
		return rc;
	return strcmp(p->note.name, p->origin) == 0 ? 0 : ERR_PEER_MISMATCH;
}

int
ct_params_parse(const char *data, size_t len, struct ct_params *ret)
{
	struct ct_params p;
	json_t *j;
	int rc;

	memset(&p, 0, sizeof(p));
	if ((rc = wire_json_parse(data, len, &j, NULL)) != 0)
		return rc;
	rc = fill(j, &p);
	json_decref(j);
	if (rc != 0)
		return rc == ERR_PEER_MISMATCH ? rc : ERR_PEER_MALFORMED;
	crypto_sha2_256(data, len, p.digest);
	*ret = p;
	return 0;
}
