/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_auditor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/event.h"
#include "audit/log.h"
#include "audit/pseudonym.h"
#include "audit/syslog.h"
#include "audit/recent.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/rng.h"
#include "base/str.h"
#include "keys/client.h"
#include "loop/timer.h"
#include "merkle/vkey.h"
#include "store/disk.h"
#include "store/file.h"
#include "store/waker.h"
#include "trustchain/keyop.h"

enum {
	QUEUE_MAX = 65536, /* events */
	RETRY_MS = 5000,
	SEGMENT_BYTES = 256 << 20,
	/* Events live longer than retention_ms by no more than this part. */
	RETENTION_PARTS = 32,
	DAY_MS = 86400000,
	SYSLOG_QUEUE_MAX = 10000, /* messages */
};

/* What precedes the 32 octets in an Ed25519 key (RFC 8410 section 4). */
static const uint8_t spki_prefix[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b,
	0x65, 0x70, 0x03, 0x21, 0x00 };

struct trustchain_auditor {
	struct trustchain_auditor_opts o;
	struct merkle_vkey vkey;
	struct audit_pseudonym *pseudonyms; /* NULL until it is open */
	char key_path[PATH_MAX];
	struct store_waker *waker;
	struct loop_timer *timer; /* until the log is open */
	struct audit *audit;
	struct audit_syslog *syslog; /* NULL: no mirror */
	bool open;		     /* it may be used */
	/* Calls to the key process that will still be answered; the struct
	 * lives until then. */
	unsigned int calls;
	bool closed;
};

static void
auditor_release(struct trustchain_auditor *t)
{
	if (!t->closed || t->calls > 0)
		return;
	audit_pseudonym_close(t->pseudonyms);
	free(t);
}

static int
path_of(const struct trustchain_auditor *t, const char *name, char *path)
{
	return base_str_format(path, PATH_MAX, "%s/%s", t->o.dir, name);
}

/* Open the pseudonym key, which stays: who asks the log of last year whom an
 * event is about needs it. */
static int
open_pseudonyms(struct trustchain_auditor *t)
{
	const struct audit_pseudonym_opts o = { t->o.disk, t->key_path,
		t->o.rng, 0 };
	int rc = path_of(t, "pseudonym.key", t->key_path);

	if (rc != 0 || t->pseudonyms != NULL)
		return rc;
	return audit_pseudonym_open(
	    &o, base_clock_now_ms(t->o.clock), &t->pseudonyms);
}

/* Say beside the log whose signature its checkpoints carry. */
static int
write_vkey(struct trustchain_auditor *t)
{
	char text[MERKLE_VKEY_TEXT_MAX + 1], path[PATH_MAX];
	size_t len;
	int rc;

	if ((rc = path_of(t, "vkey", path)) != 0 ||
	    (rc = merkle_vkey_encode(&t->vkey, text)) != 0)
		return rc;
	len = strlen(text);
	text[len++] = '\n';
	return store_disk_replace(
	    t->o.disk, path, text, len, 0644, "audit.vkey");
}

static void
on_wake(void *ctx)
{
	struct trustchain_auditor *t = ctx;

	audit_dispatch(t->audit);
}

static void
wake(void *ctx)
{
	struct trustchain_auditor *t = ctx;

	store_waker_wake(t->waker);
}

static void
on_signature(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct trustchain_auditor *t = ctx;

	t->calls--;
	if (!t->closed)
		audit_signed(t->audit, rc, sig, len);
	auditor_release(t);
}

/* Have a checkpoint's text signed. */
static int
sign(void *ctx, const char *text, size_t len)
{
	struct trustchain_auditor *t = ctx;
	struct keys_request req = { KEYOP_NOTE, KEYOP_SLOT_AUDIT,
		(const uint8_t *)text, len };
	int rc;

	rc = keys_client_call(t->o.keys, &req, on_signature, t);
	if (rc == 0)
		t->calls++;
	return rc;
}

/* Tell the owner; try again unless it worked or never will. */
static void
opened(void *ctx, int rc, const struct fault *f)
{
	struct trustchain_auditor *t = ctx;

	t->open = rc == 0;
	if (rc != 0 && rc != ERR_STATE_INTEGRITY)
		loop_timer_start(t->timer, RETRY_MS, 0);
	if (t->o.opened != NULL)
		t->o.opened(t->o.ctx, rc, f);
}

/* Begin to copy events to a syslog server, if one is configured. */
static int
begin_syslog(struct trustchain_auditor *t)
{
	struct audit_syslog_opts o = { t->o.syslog, NULL, NULL,
		SYSLOG_QUEUE_MAX };
	char host[256];

	if (t->o.syslog == NULL || t->o.syslog[0] == '\0' || t->syslog != NULL)
		return 0;
	if (gethostname(host, sizeof(host)) != 0 || host[0] == '\0')
		(void)snprintf(host, sizeof(host), "-");
	host[sizeof(host) - 1] = '\0';
	o.hostname = host;
	/* "system:trustchain-ca" is the program's name in the log. */
	o.app = strchr(t->o.operator_id, ':');
	o.app = o.app == NULL ? t->o.operator_id : o.app + 1;
	return audit_syslog_new(&o, &t->syslog);
}

/* Write what lies beside the log and begin to open it. */
static int
begin_open(struct trustchain_auditor *t)
{
	struct audit_log_opts log = {
		.disk = t->o.disk, .dir = t->o.dir, .vkey = &t->vkey
	};
	struct audit_opts o = { .log = &log,
		.opened = opened,
		.opened_ctx = t,
		.wake = wake,
		.wake_ctx = t,
		.clock = t->o.clock,
		.rng = t->o.rng,
		.queue_max = QUEUE_MAX,
		.checkpoint_ms = t->o.checkpoint_ms,
		.sign = sign,
		.sign_ctx = t,
		.retention_ms = t->o.retention_ms,
		.operator_id = t->o.operator_id,
		.mirror = t->syslog != NULL ? audit_syslog_put : NULL,
		.mirror_ctx = t->syslog };
	int rc;

	if (log.segment_ms < DAY_MS)
		log.segment_ms = t->o.retention_ms > 0 ? DAY_MS : 0;

	rc = store_disk_mkdirs(t->o.disk, t->o.dir, 0750, "audit.mkdir");
	if (rc == 0)
		rc = open_pseudonyms(t);
	if (rc == 0)
		rc = write_vkey(t);
	return rc == 0 ? audit_new(&o, &t->audit) : rc;
}

static void
on_public(void *ctx, int rc, const uint8_t *spki, size_t len)
{
	struct trustchain_auditor *t = ctx;
	struct fault f = { 0, "" };

	t->calls--;
	if (t->closed) {
		auditor_release(t);
		return;
	}
	if (rc == 0 && (len != sizeof(spki_prefix) + 32 ||
			   memcmp(spki, spki_prefix, sizeof(spki_prefix)) != 0))
		rc = ERR_PEER_KEY;
	if (rc == 0)
		rc = merkle_vkey_init(&t->vkey, t->o.origin, MERKLE_SIG_ED25519,
		    spki + sizeof(spki_prefix));
	if (rc != 0)
		base_fault_set(&f, rc, "audit key: %s", base_err_text(rc));
	else if ((rc = begin_syslog(t)) != 0 || (rc = begin_open(t)) != 0)
		base_fault_set(&f, rc, "%s: %s", t->o.dir, base_err_text(rc));
	if (rc != 0)
		opened(t, rc, &f);
}

/* Ask for the public half of the audit key. */
static void
ask_public(void *ctx)
{
	struct trustchain_auditor *t = ctx;
	struct keys_request req = { KEYOP_PUBLIC, KEYOP_SLOT_AUDIT, NULL, 0 };

	/* Of the try before. */
	audit_free(t->audit);
	t->audit = NULL;
	if (keys_client_call(t->o.keys, &req, on_public, t) == 0)
		t->calls++;
	else
		loop_timer_start(t->timer, RETRY_MS, 0);
}

int
trustchain_auditor_new(
    const struct trustchain_auditor_opts *opts, struct trustchain_auditor **ret)
{
	struct trustchain_auditor *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return ERR_SYS_NOMEM;
	t->o = *opts;
	rc = store_waker_new(opts->loop, on_wake, t, &t->waker);
	if (rc == 0)
		rc = loop_timer_new(opts->loop, ask_public, t, &t->timer);
	if (rc != 0) {
		trustchain_auditor_free(t);
		return rc;
	}
	ask_public(t);
	*ret = t;
	return 0;
}

void
trustchain_auditor_free(struct trustchain_auditor *t)
{
	if (t == NULL)
		return;
	t->closed = true;
	loop_timer_free(t->timer);
	audit_free(t->audit);
	t->audit = NULL;
	audit_syslog_free(t->syslog);
	t->syslog = NULL;
	store_waker_free(t->waker);
	auditor_release(t);
}

struct audit *
trustchain_auditor_log(struct trustchain_auditor *t)
{
	return t->open ? t->audit : NULL;
}

int
trustchain_auditor_post(struct trustchain_auditor *t,
    const struct audit_event *ev, audit_done_fn *done, void *ctx)
{
	char words[AUDIT_LINE_MAX - 512];
	struct audit_event own = *ev;
	int rc;

	if (!t->open)
		return ERR_STATE_PENDING;
	if (own.operator_id == NULL)
		own.operator_id = t->o.operator_id;
	if (own.target != NULL) {
		rc = audit_event_words(
		    own.target, strlen(own.target), words, sizeof(words));
		own.target = rc == 0 ? words : "unreadable=1";
	}
	rc = audit_post(t->audit, &own, done, ctx);
	if (rc != ERR_SYS_LIMIT && rc != ERR_PEER_MALFORMED)
		return rc;
	own.target = "unreadable=1";
	return audit_post(t->audit, &own, done, ctx);
}

int
trustchain_auditor_prove(const struct trustchain_auditor *t, const char *id,
    uint64_t index, struct merkle_head *ret)
{
	if (!t->open)
		return ERR_STATE_CLOSED;
	return audit_recent_prove(t->o.dir, &t->vkey, id, index, ret);
}

int
trustchain_auditor_pseudonym(const struct trustchain_auditor *t,
    const char *kind, const char *value, char ret[AUDIT_PSEUDONYM_TEXT_MAX])
{
	if (t == NULL || t->pseudonyms == NULL)
		return ERR_STATE_PENDING;
	audit_pseudonym_of(t->pseudonyms, kind, value, strlen(value), ret);
	return 0;
}
