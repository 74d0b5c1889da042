/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/spawn_internal.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/role.h"
#include "keys/sock_internal.h"

#define ARGS_MAX 1024
#define EXIT_EXEC 127
#define FIRST_FREE_FD 10

bool
keys_spawn_user_known(const char *user)
{
	return user != NULL && geteuid() == 0 && getpwnam(user) != NULL;
}

static int
become(const char *user)
{
	const struct passwd *pw;

	if (!keys_spawn_user_known(user))
		return 0;
	pw = getpwnam(user);
	if (pw == NULL || setgroups(0, NULL) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return ERR_SYS_PERMISSION;
	return 0;
}

/* Move ${fd} out of the way of the numbers that the child expects. */
static int
raise_fd(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD, FIRST_FREE_FD);
}

/* The descriptors that a child is born with. */
struct birth {
	int control[2], bundle[2], peer[2]; /* [0] ours, [1] the child's */
	int token; /* main's line to the token process */
};

/* In the child: arrange descriptors, become the user, execute. */
static void
run_child(const struct keys_spawn *s, char **args, const struct birth *b)
{
	int control = raise_fd(b->control[1]), bundle = raise_fd(b->bundle[1]);
	int peer = raise_fd(b->peer[1]), token = raise_fd(b->token);
	sigset_t none;

	if (control < 0 || peer < 0 || (s->keys && bundle < 0) ||
	    dup2(control, KEYS_ROLE_CONTROL_FD) < 0 ||
	    dup2(peer, KEYS_ROLE_PEER_FD) < 0 ||
	    (bundle >= 0 && dup2(bundle, KEYS_ROLE_BUNDLE_FD) < 0) ||
	    (token >= 0 && dup2(token, KEYS_ROLE_TOKEN_FD) < 0))
		_exit(EXIT_EXEC);
	/* Main looks whether it was given one. */
	if (!s->keys && token < 0)
		(void)close(KEYS_ROLE_TOKEN_FD);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* Ctrl-C on a terminal is the supervisor's to pass on. */
	(void)setpgid(0, 0);
	if (become(s->user) != 0)
		_exit(EXIT_EXEC);
	execv("/proc/self/exe", args);
	_exit(EXIT_EXEC);
}

/* Return argv with the role put in second place; free() it. */
static char **
role_args(const struct keys_spawn *s)
{
	static char keys[] = "--role=keys", main_role[] = "--role=main";
	size_t n = 0;
	char **args;

	while (s->argv[n] != NULL && n < ARGS_MAX)
		n++;
	if (n == 0 || n == ARGS_MAX)
		return NULL;
	args = calloc(n + 2, sizeof(*args));
	if (args == NULL)
		return NULL;
	args[0] = s->argv[0];
	args[1] = s->keys ? keys : main_role;
	for (size_t i = 1; i < n; i++)
		args[i + 1] = s->argv[i];
	return args;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
keys_spawn_forget(struct keys_child *c)
{
	close_fd(c->control);
	close_fd(c->bundle);
	close_fd(c->peer);
	c->control = c->bundle = c->peer = -1;
	c->pid = 0;
}

static int
make_descriptors(const struct keys_spawn *s, struct birth *b)
{
	int pipe_fds[2], rc;

	rc = keys_sock_pair(b->control);
	if (rc != 0 || !s->keys)
		return rc;
	rc = keys_sock_pair(b->peer);
	if (rc != 0)
		return rc;
	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return ERR_SYS_OS;
	b->bundle[0] = pipe_fds[1];
	b->bundle[1] = pipe_fds[0];
	return 0;
}

int
keys_spawn_child(const struct keys_spawn *s, struct keys_child *ret)
{
	struct birth b = { { -1, -1 }, { -1, -1 }, { -1, -1 }, -1 };
	char **args = role_args(s);
	pid_t pid = -1;

	if (args == NULL)
		return ERR_SYS_NOMEM;
	if (!s->keys) {
		b.peer[1] = s->peer_fd[KEYS_FILES];
		b.token = s->peer_fd[KEYS_TOKENS];
	}
	if (make_descriptors(s, &b) == 0)
		pid = fork();
	if (pid == 0)
		run_child(s, args, &b);
	free(args);
	close_fd(b.control[1]);
	close_fd(b.bundle[1]);
	if (s->keys)
		close_fd(b.peer[1]);
	ret->pid = pid;
	ret->control = b.control[0];
	ret->bundle = b.bundle[0];
	ret->peer = b.peer[0];
	if (pid < 0) {
		keys_spawn_forget(ret);
		return ERR_SYS_OS;
	}
	return 0;
}
