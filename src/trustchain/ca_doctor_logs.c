/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "http/client.h"
#include "loop/loop.h"
#include "merkle/note.h"
#include "merkle/notekey.h"
#include "merkle/vkey.h"
#include "ops/control.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/ca_doctor_internal.h"
#include "trustchain/ca_log_foreign.h"
#include "trustchain/ct_list.h"

#define TIMEOUT_MS 5000
#define UNIX_SCHEME "unix:"

struct asking {
	struct ca_doctor *d;
	const struct ca_config_log *log;
	struct loop *loop;
	struct ct_list *foreign; /* of a log that has no list */
};

/* The list's serial, if it is signed by the key of the configuration. */
static int
check_note(
    const struct asking *a, const struct http_response *r, uint64_t *ret_serial)
{
	const char *vkey = a->log->list_vkey;
	uint8_t hash[CRYPTO_SHA256_LEN];
	struct merkle_note note;
	struct merkle_vkey key;
	const char *body;
	size_t len;
	int rc;

	if (http_response_status(r) != 200)
		return ERR_STATE_NOT_FOUND;
	if ((rc = merkle_vkey_parse(vkey, strlen(vkey), &key)) != 0)
		return rc;
	body = (const char *)http_response_body(r, &len);
	rc = merkle_note_parse(body, len, &note);
	if (rc == 0)
		rc = merkle_notekey_verify(&note, &key);
	if (rc == 0)
		rc = ct_list_note_serial(
		    note.text, note.text_len, ret_serial, hash);
	return rc;
}

static void
on_note(void *ctx, const struct http_response *r)
{
	struct asking *a = ctx;
	uint64_t serial;
	int rc = http_response_rc(r);

	if (rc != 0)
		ca_doctor_say(a->d, CA_DOCTOR_ERROR, "log",
		    "start trustchain-ct there, or correct `url' of [[log]]; "
		    "meanwhile issuing answers 503 ct_unavailable",
		    "%s: %s %s", a->log->url, base_err_text(rc),
		    http_response_detail(r));
	else if ((rc = check_note(a, r, &serial)) != 0)
		ca_doctor_say(a->d, CA_DOCTOR_ERROR, "log",
		    "correct `url' and `list_vkey' of [[log]], by what "
		    "trustchain-ct init-log prints there",
		    "%s: its list is not signed by list_vkey: %s", a->log->url,
		    base_err_text(rc));
	else
		ca_doctor_say(a->d, CA_DOCTOR_OK, "log", "",
		    "%s answers, list %llu", a->log->url,
		    (unsigned long long)serial);
	loop_stop(a->loop);
}

static void
on_head(void *ctx, const struct http_response *r)
{
	struct asking *a = ctx;
	const uint8_t *body;
	size_t len;
	int rc = http_response_rc(r);

	if (rc == 0 && http_response_status(r) != 200)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0) {
		body = http_response_body(r, &len);
		rc = ca_log_foreign_head(&a->foreign->entry[0], body, len);
	}
	if (rc != 0)
		ca_doctor_say(a->d, CA_DOCTOR_ERROR, "log",
		    "correct `url' and `key' of [[log]] by what its operator "
		    "says; meanwhile min_scts other logs must answer",
		    "%s: get-sth: %s %s", a->log->url, base_err_text(rc),
		    http_response_rc(r) != 0 ? http_response_detail(r) : "");
	else
		ca_doctor_say(a->d, CA_DOCTOR_OK, "log", "",
		    "%s answers, foreign", a->log->url);
	loop_stop(a->loop);
}

static void
ask_log(struct asking *a, struct http_client *client)
{
	const char *url = a->log->url;
	bool local = base_str_starts(url, UNIX_SCHEME);
	char full[1024];
	struct http_client_request req = { .method = HTTP_METHOD_GET,
		.url = full,
		.unix_path = local ? url + strlen(UNIX_SCHEME) : NULL,
		.timeout_ms = TIMEOUT_MS,
		.response_max = CT_LIST_NOTE_MAX,
		.roots_file = local ? NULL : a->d->conf->server.roots };
	int rc;

	(void)snprintf(full, sizeof(full), "%s%s",
	    local ? "http://localhost" : url,
	    a->foreign != NULL ? "/ct/v1/get-sth" : "/api/v1/ct/logs.note");
	/* As the daemon does: what a log says is signed. */
	if (a->foreign != NULL && !local) {
		req.roots_file = NULL;
		req.any_certificate = true;
	}
	rc = http_client_send(client, &req,
	    a->foreign != NULL ? on_head : on_note, a, NULL);
	if (rc != 0)
		ca_doctor_say(a->d, CA_DOCTOR_ERROR, "log",
		    "correct `url' of [[log]] and [server] roots", "%s: %s",
		    url, base_err_text(rc));
	else
		(void)loop_run_for(a->loop, TIMEOUT_MS + 1000);
}

static void
ask_one(struct asking *a, struct http_client *client)
{
	struct fault f = { 0 };

	if (ca_config_log_foreign(a->log) &&
	    ca_log_foreign_list(a->log, &a->foreign, &f) != 0)
		ca_doctor_say(a->d, CA_DOCTOR_ERROR, "log",
		    "ask its operator for the log's public key, in PEM", "%s",
		    f.msg);
	else
		ask_log(a, client);
	free(a->foreign);
	a->foreign = NULL;
}

static void
check_daemon(struct ca_doctor *d)
{
	struct fault f = { 0 };
	json_t *req = json_pack("{s:s}", "op", "token.list"), *reply = NULL;

	if (req != NULL && ops_control_request(d->conf->server.control, req,
			       TIMEOUT_MS, &reply, &f) == 0)
		ca_doctor_say(d, CA_DOCTOR_OK, "daemon", "", "is running");
	else
		ca_doctor_say(d, CA_DOCTOR_WARN, "daemon",
		    "systemctl start trustchain-ca", "%s", f.msg);
	json_decref(req);
	json_decref(reply);
}

void
ca_doctor_logs(struct ca_doctor *d)
{
	const struct ca_config_log *log = d->conf->logs.v;
	struct http_client *client = NULL;
	struct asking a = { .d = d };
	size_t i;

	if (loop_new(&a.loop) != 0 ||
	    http_client_new(a.loop, NULL, &client) != 0)
		ca_doctor_say(d, CA_DOCTOR_ERROR, "log", "free memory",
		    "nothing can be asked");
	for (i = 0; client != NULL && i < d->conf->logs.n; i++) {
		a.log = &log[i];
		ask_one(&a, client);
	}
	http_client_free(client);
	loop_free(a.loop);
	check_daemon(d);
}
