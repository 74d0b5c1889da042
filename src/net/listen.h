/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "base/err.h"

struct fault;
struct net_addr;

/**
 * net_listen_open(addr, backlog, ret_fd, ret_bound, f):
 * Open a non-blocking, close-on-exec listening stream socket.  IPv6 sockets
 * are IPV6_V6ONLY.  Port 0 takes a free port; ${ret_bound} holds the address
 * in effect.  A unix path is created with mode 0660; a stale socket file that
 * nobody listens on is replaced.  ERR_STATE_EXISTS when the address is in use,
 * ERR_SYS_PERMISSION, ERR_SYS_OS.
 */
MUST_CHECK int net_listen_open(const struct net_addr *addr, int backlog,
    int *ret_fd, struct net_addr *ret_bound, struct fault *f);

/**
 * net_listen_accept(fd, ret_fd, ret_peer):
 * Accept one connection, non-blocking and close-on-exec, with TCP_NODELAY.
 * ERR_STATE_PENDING when none waits, ERR_SYS_LIMIT when the process is out of
 * descriptors, ERR_SYS_NETWORK for a connection that is gone already.
 */
MUST_CHECK int net_listen_accept(
    int fd, int *ret_fd, struct net_addr *ret_peer);

#endif
