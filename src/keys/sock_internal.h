/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SOCK_INTERNAL_H
#define KEYS_SOCK_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"

/** keys_sock_pair(fds): connected close-on-exec sockets.  ERR_SYS_OS. */
MUST_CHECK int keys_sock_pair(int fds[2]);

/**
 * keys_sock_send(fd, iov, n, pass, wait):
 * Send one packet with the descriptor ${pass} (-1: none).  With ${wait} block
 * until there is room, else ERR_STATE_PENDING.  ERR_PEER_CLOSED, ERR_SYS_OS.
 */
MUST_CHECK int keys_sock_send(
    int fd, const struct iovec *iov, size_t n, int pass, int wait);

/**
 * keys_sock_recv(fd, buf, cap, ret_len, ret_pass):
 * Take one packet if there is one.  ${ret_pass} gets a passed descriptor
 * (close-on-exec) or -1.  ERR_STATE_PENDING when there is none,
 * ERR_PEER_CLOSED, ERR_PEER_TOO_LARGE, ERR_SYS_OS.
 */
MUST_CHECK int keys_sock_recv(
    int fd, uint8_t *buf, size_t cap, size_t *ret_len, int *ret_pass);

/**
 * keys_sock_memfd(data, len, ret):
 * Make a fully sealed memfd with this content.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int keys_sock_memfd(const void *data, size_t len, int *ret);

/**
 * keys_sock_map(fd, max, ret, ret_len):
 * Map a fully sealed memfd of 1 to ${max} bytes; munmap it.
 * ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE, ERR_SYS_OS.
 */
MUST_CHECK int keys_sock_map(
    int fd, size_t max, const uint8_t **ret, size_t *ret_len);

#endif
