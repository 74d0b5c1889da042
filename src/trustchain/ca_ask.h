/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ASK_H
#define TRUSTCHAIN_CA_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

/* What an operator types, secrets among it. */

/**
 * ca_ask_line(fd, out, cap):
 * Read one line octet by octet, so that no secret stays in a buffer of the
 * library's.  Return its length without the newline, at most ${cap}; -1 at the
 * end.
 */
ssize_t ca_ask_line(int fd, char *out, size_t cap);

/**
 * ca_ask_hide(fd, old), ca_ask_show(fd, old):
 * Turn a terminal's echo off; return whether it has to be turned on again, as
 * it was, by ca_ask_show.
 */
bool ca_ask_hide(int fd, struct termios *old);
void ca_ask_show(int fd, const struct termios *old);

#endif
