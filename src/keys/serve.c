/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/crew_internal.h"
#include "keys/crew_lock_internal.h"
#include "keys/desk_internal.h"
#include "keys/perform_internal.h"
#include "keys/process_internal.h"
#include "keys/sock_internal.h"

/* One packet: ERR_STATE_PENDING when there is none, _FULL when all work. */
static int
take(struct keys_process *p)
{
	struct keys_desk *d = p->desk;
	int rc;

	if (p->crew != NULL)
		d = keys_crew_desk(p);
	if (d == NULL)
		return ERR_STATE_FULL;
	rc = keys_sock_recv(
	    p->main_fd, d->packet, d->max, &d->len, &d->pass);
	if (rc != 0)
		return rc;
	d->fd = p->main_fd;
	if (p->crew == NULL)
		return keys_process_answer(p, d);
	keys_crew_give(p, d);
	return 0;
}

int
keys_process_serve(struct keys_process *p, size_t max)
{
	int rc = 0;

	for (size_t i = 0; i < max && rc == 0; i++)
		rc = take(p);
	return rc == ERR_STATE_PENDING || rc == ERR_STATE_FULL ? 0 : rc;
}

int
keys_process_drain(struct keys_process *p, size_t max)
{
	int failed, rc = 0;

	for (size_t i = 0; i < max && rc == 0; i++) {
		rc = take(p);
		if (rc != ERR_STATE_FULL)
			continue;
		keys_crew_wait(p);
		rc = 0;
	}
	while (!keys_crew_idle(p))
		keys_crew_wait(p);
	failed = keys_crew_heard(p);
	if (rc == 0 || rc == ERR_STATE_PENDING)
		rc = failed;
	return rc;
}
