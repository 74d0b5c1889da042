/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "keys/load_internal.h"
#include "keys/msg_internal.h"
#include "keys/process_internal.h"
#include "keys/sock_internal.h"

int
keys_process_tell(struct keys_process *p, uint8_t msg, uint8_t slot,
    const void *data, size_t len)
{
	uint8_t head[2] = { msg, slot };
	struct iovec iov[2] = { { head, 2 }, { (void *)(uintptr_t)data, len } };

	return keys_sock_send(p->control_fd, iov, 2, -1, 1);
}

int
keys_process_store(struct keys_process *p, uint8_t slot, const struct buf *pem)
{
	return keys_process_tell(p, KEYS_MSG_KEY, slot, pem->data, pem->len);
}
