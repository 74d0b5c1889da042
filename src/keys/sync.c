/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/sync.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/sock_internal.h"
#include "keys/status.h"

/* The answer is the only one expected, so any id would do. */
#define ID 0x53594e43

static int
send_request(int fd, const struct keys_request *req)
{
	size_t inl = req->len <= KEYS_REQUEST_INLINE_MAX ? req->len : 0;
	uint8_t head[KEYS_REQUEST_HEAD];
	struct iovec iov[2] = { { head, sizeof(head) },
		{ (void *)(uintptr_t)req->payload, inl } };
	int pass = -1, rc;

	keys_frame_request_head(req, ID, inl, head);
	if (inl != req->len) {
		rc = keys_sock_memfd(req->payload, req->len, &pass);
		if (rc != 0)
			return rc;
	}
	rc = keys_sock_send(fd, iov, 2, pass, 1);
	if (pass >= 0)
		close(pass);
	return rc;
}

static int
wait_readable(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return ERR_SYS_OS;
	return n == 0 ? ERR_SYS_TIMEOUT : 0;
}

static int
take_answer(int fd, uint8_t *packet, uint8_t *out, size_t *ret_len)
{
	struct keys_reply reply;
	size_t len;
	int pass, rc;

	rc = keys_sock_recv(fd, packet, KEYS_FRAME_MAX, &len, &pass);
	if (rc != 0)
		return rc;
	if (pass >= 0)
		close(pass);
	rc = keys_frame_reply_parse(packet, len, &reply);
	if (rc == 0 && reply.id != ID)
		rc = ERR_PEER_MISMATCH;
	if (rc == 0)
		rc = keys_status_rc(reply.status);
	if (rc == 0 && reply.len > KEYS_SYNC_ANSWER_MAX)
		rc = ERR_PEER_TOO_LARGE;
	if (rc == 0) {
		memcpy(out, reply.sig, reply.len);
		*ret_len = reply.len;
	}
	return rc;
}

int
keys_sync_call(int fd, const struct keys_request *req, int timeout_ms,
    uint8_t *out, size_t *ret_len)
{
	uint8_t *packet;
	int rc;

	if (req->len > KEYS_PAYLOAD_MAX)
		return ERR_PEER_TOO_LARGE;
	packet = malloc(KEYS_FRAME_MAX);
	if (packet == NULL)
		return ERR_SYS_NOMEM;
	rc = send_request(fd, req);
	if (rc == 0)
		rc = wait_readable(fd, timeout_ms);
	if (rc == 0)
		rc = take_answer(fd, packet, out, ret_len);
	free(packet);
	return rc;
}
