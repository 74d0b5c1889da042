/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/job.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/mono.h"
#include "keys/supervisor_internal.h"
/* After the types it uses. */
#include "keys/job_internal.h"

#define FIRST_MS 10000	/* after the start */
#define LOOK_MS 60000	/* at least this often, as the answer may change */
#define AGAIN_MS 600000 /* after one that failed */
#define EXIT_EXEC 127

/* In the child: nothing of the supervisor's but its output. */
static void
run_job(char **args)
{
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* Every descriptor of the supervisor's is closed by executing. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)setpgid(0, 0);
	execv("/proc/self/exe", args);
	_exit(EXIT_EXEC);
}

static void
start(struct keys_supervisor *s)
{
	pid_t pid = fork();

	if (pid == 0)
		run_job(s->o->job->argv);
	if (pid < 0) {
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "cannot start the job");
		return;
	}
	s->job_pid = pid;
	keys_supervisor_say(s, KEYS_REPORT_INFO, "%s begins", s->o->job->name);
}

int64_t
keys_job_tick(struct keys_supervisor *s, int64_t now)
{
	int64_t wait_ms;

	if (s->o->job == NULL || s->draining || s->job_pid != 0 ||
	    s->main.pid == 0)
		return INT64_MAX;
	if (s->job_at_ms == 0)
		s->job_at_ms = now + FIRST_MS;
	if (now < s->job_at_ms)
		return s->job_at_ms;
	wait_ms = s->o->job->wait_ms(s->o->job->ctx);
	s->job_at_ms =
	    now + (wait_ms > 0 && wait_ms < LOOK_MS ? wait_ms : LOOK_MS);
	if (wait_ms <= 0)
		start(s);
	return s->job_at_ms;
}

int
keys_job_died(struct keys_supervisor *s, pid_t pid, int status)
{
	if (s->job_pid == 0 || pid != s->job_pid)
		return 0;
	s->job_pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		keys_supervisor_say(
		    s, KEYS_REPORT_INFO, "%s is done", s->o->job->name);
		return 1;
	}
	s->job_at_ms = keys_mono_ms() + AGAIN_MS;
	keys_supervisor_say(s, KEYS_REPORT_ERROR,
	    "%s failed with code %d; it is tried again in %d minutes",
	    s->o->job->name,
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	    AGAIN_MS / 60000);
	return 1;
}

void
keys_job_end(struct keys_supervisor *s)
{
	if (s->job_pid <= 0)
		return;
	(void)kill(s->job_pid, SIGTERM);
	(void)waitpid(s->job_pid, NULL, 0);
	s->job_pid = 0;
}
