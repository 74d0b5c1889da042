/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "http/client_internal.h"
#include "loop/fd.h"
#include "loop/timer.h"

#define CONNECTIONS_DEFAULT 64
#define CONNECTIONS_PER_HOST_DEFAULT 16
#define CALLS_DEFAULT 4096
#define USER_AGENT_DEFAULT "troth/" TROTH_VERSION

struct http_client {
	struct loop *loop;
	struct loop_timer *timer;
	CURLM *multi;
	struct list calls;   /* struct http_call, with libcurl */
	struct list waiting; /* the same, in the order they came */
	unsigned running, running_max;
	struct list sockets; /* struct watch */
	size_t calls_count, calls_max;
	char *user_agent;
};

struct http_call {
	struct list link;
	struct http_client *client;
	struct http_transfer *transfer;
	bool running;
	uint64_t queued_ms, timeout_ms;
	http_client_fn *fn;
	void *ctx;
};

/* A descriptor that libcurl wants to hear about. */
struct watch {
	struct list link;
	struct http_client *client;
	curl_socket_t fd;
	struct loop_fd *io;
};

/* Give a call to libcurl, with what its time in the queue has left it. */
static int
call_begin(struct http_call *call)
{
	struct http_client *c = call->client;
	CURL *easy = http_client_transfer_easy(call->transfer);
	uint64_t waited_ms = http_clock_now_us() / 1000 - call->queued_ms;

	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
	    waited_ms < call->timeout_ms ? (long)(call->timeout_ms - waited_ms)
					 : 1L);
	/* Nothing moves before the timer that this starts. */
	if (curl_multi_add_handle(c->multi, easy) != CURLM_OK)
		return ERR_SYS_NOMEM;
	base_list_remove(&call->link);
	base_list_push_back(&c->calls, &call->link);
	call->running = true;
	c->running++;
	return 0;
}

/* Begin what waited for a connection: libcurl's own queue takes time in
 * proportion to its length with every call. */
static void
begin_waiting(struct http_client *c)
{
	while (c->running < c->running_max && !base_list_empty(&c->waiting))
		if (call_begin(LIST_ENTRY(
			c->waiting.next, struct http_call, link)) != 0)
			break;
}

/* Take a call out of its client. */
static void
call_remove(struct http_call *call)
{
	struct http_client *c = call->client;

	if (call->running) {
		curl_multi_remove_handle(
		    c->multi, http_client_transfer_easy(call->transfer));
		c->running--;
	}
	base_list_remove(&call->link);
	c->calls_count--;
}

static void
call_free(struct http_call *call)
{
	http_client_transfer_free(call->transfer);
	free(call);
}

/* Hand results out.  A callback may start and cancel other calls. */
static void
collect(struct http_client *c)
{
	const struct http_response *r;
	struct http_call *call;
	CURLcode result;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		result = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
		r = http_client_transfer_finish(call->transfer, result);
		call_remove(call);
		call->fn(call->ctx, r);
		call_free(call);
	}
	begin_waiting(c);
}

static void
on_timer(void *ctx)
{
	struct http_client *c = ctx;
	int running;

	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(c);
}

static void
on_io(void *ctx, unsigned events)
{
	struct watch *w = ctx;
	struct http_client *c = w->client;
	int bits = 0, running;

	if (events & LOOP_FD_READ)
		bits |= CURL_CSELECT_IN;
	if (events & LOOP_FD_WRITE)
		bits |= CURL_CSELECT_OUT;
	/* This may free ${w}. */
	curl_multi_socket_action(c->multi, w->fd, bits, &running);
	collect(c);
}

static void
watch_free(struct watch *w)
{
	base_list_remove(&w->link);
	loop_fd_free(w->io);
	free(w);
}

static struct watch *
watch_new(struct http_client *c, curl_socket_t fd)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->client = c;
	w->fd = fd;
	base_list_init(&w->link);
	if (loop_fd_new(c->loop, fd, on_io, w, &w->io) != 0) {
		free(w);
		return NULL;
	}
	base_list_push_back(&c->sockets, &w->link);
	curl_multi_assign(c->multi, fd, w);
	return w;
}

/* libcurl says what to watch ${fd} for; -1 makes it fail its transfers. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
	struct http_client *c = ctx;
	struct watch *w = socket_ctx;
	unsigned events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			curl_multi_assign(c->multi, fd, NULL);
			watch_free(w);
		}
		return 0;
	}
	if (w == NULL && (w = watch_new(c, fd)) == NULL)
		return -1;
	if (what & CURL_POLL_IN)
		events |= LOOP_FD_READ;
	if (what & CURL_POLL_OUT)
		events |= LOOP_FD_WRITE;
	return loop_fd_watch(w->io, events) == 0 ? 0 : -1;
}

static int
on_timeout(CURLM *multi, long timeout_ms, void *ctx)
{
	struct http_client *c = ctx;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(c->timer);
	else
		loop_timer_start(c->timer, (uint64_t)timeout_ms, 0);
	return 0;
}

static long
or_default(unsigned v, long def)
{
	return v > 0 ? (long)v : def;
}

int
http_client_new(struct loop *l, const struct http_client_opts *opts,
    struct http_client **ret)
{
	static const struct http_client_opts none;
	struct http_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return ERR_SYS_NOMEM;
	if (opts == NULL)
		opts = &none;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(c);
		return ERR_SYS_CRYPTO;
	}
	c->loop = l;
	base_list_init(&c->calls);
	base_list_init(&c->waiting);
	c->running_max =
	    (unsigned)or_default(opts->connections_max, CONNECTIONS_DEFAULT);
	base_list_init(&c->sockets);
	c->calls_max = (size_t)or_default(opts->calls_max, CALLS_DEFAULT);
	c->user_agent = strdup(
	    opts->user_agent != NULL ? opts->user_agent : USER_AGENT_DEFAULT);
	c->multi = curl_multi_init();
	if (c->multi == NULL || c->user_agent == NULL ||
	    loop_timer_new(l, on_timer, c, &c->timer) != 0) {
		http_client_free(c);
		return ERR_SYS_NOMEM;
	}
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
	    or_default(opts->connections_max, CONNECTIONS_DEFAULT));
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS,
	    or_default(opts->connections_max, CONNECTIONS_DEFAULT));
	curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    or_default(
		opts->connections_per_host_max, CONNECTIONS_PER_HOST_DEFAULT));
	*ret = c;
	return 0;
}

void
http_client_free(struct http_client *c)
{
	if (c == NULL)
		return;
	c->running_max = 0;
	while (!base_list_empty(&c->waiting))
		http_client_cancel(
		    LIST_ENTRY(c->waiting.next, struct http_call, link));
	while (!base_list_empty(&c->calls))
		http_client_cancel(
		    LIST_ENTRY(c->calls.next, struct http_call, link));
	if (c->multi != NULL)
		curl_multi_cleanup(c->multi);
	/* What libcurl has not asked to remove. */
	while (!base_list_empty(&c->sockets))
		watch_free(LIST_ENTRY(c->sockets.next, struct watch, link));
	loop_timer_free(c->timer);
	free(c->user_agent);
	free(c);
	curl_global_cleanup();
}

int
http_client_send(struct http_client *c, const struct http_client_request *req,
    http_client_fn *fn, void *ctx, struct http_call **ret_call)
{
	struct http_call *call;
	CURL *easy;
	int rc;

	if (c->calls_count >= c->calls_max)
		return ERR_STATE_FULL;
	if ((call = calloc(1, sizeof(*call))) == NULL)
		return ERR_SYS_NOMEM;
	rc = http_client_transfer_new(req, c->user_agent, &call->transfer);
	if (rc != 0) {
		free(call);
		return rc;
	}
	call->client = c;
	call->fn = fn;
	call->ctx = ctx;
	base_list_init(&call->link);
	easy = http_client_transfer_easy(call->transfer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	call->queued_ms = http_clock_now_us() / 1000;
	call->timeout_ms =
	    req->timeout_ms > 0 ? req->timeout_ms : HTTP_CLIENT_TIMEOUT_MS;
	base_list_push_back(&c->waiting, &call->link);
	c->calls_count++;
	begin_waiting(c);
	if (ret_call != NULL)
		*ret_call = call;
	return 0;
}

void
http_client_cancel(struct http_call *call)
{
	struct http_client *c = call->client;

	call_remove(call);
	call_free(call);
	begin_waiting(c);
}
