/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_ask.h"

#include <errno.h>
#include <unistd.h>

ssize_t
ca_ask_line(int fd, char *out, size_t cap)
{
	size_t n = 0;
	ssize_t got;
	char c;

	for (;;) {
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return n > 0 ? (ssize_t)n : -1;
		if (c == '\n')
			return (ssize_t)n;
		if (n < cap)
			out[n++] = c;
	}
}

bool
ca_ask_hide(int fd, struct termios *old)
{
	struct termios t;

	if (!isatty(fd) || tcgetattr(fd, old) != 0)
		return false;
	t = *old;
	t.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(fd, TCSAFLUSH, &t) == 0;
}

void
ca_ask_show(int fd, const struct termios *old)
{
	(void)tcsetattr(fd, TCSAFLUSH, old);
}
