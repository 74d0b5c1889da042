/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_JOB_INTERNAL_H
#define KEYS_JOB_INTERNAL_H
struct keys_supervisor;

/** keys_job_tick(s, now): start it when it is due; return when to look. */
int64_t keys_job_tick(struct keys_supervisor *s, int64_t now);

/** keys_job_died(s, pid, status): return 1 if that was the job. */
int keys_job_died(struct keys_supervisor *s, pid_t pid, int status);

/** keys_job_end(s): the daemon ends, and with it a job that runs. */
void keys_job_end(struct keys_supervisor *s);
#endif
