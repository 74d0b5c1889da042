/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "keys/role.h"
#include "trustchain/ca_sealed.h"
#include "trustchain/trustchain_config.h"
#include "trustchain/trustchain_daemon.h"
#include "trustchain/trustchain_tls.h"

struct trustchain_front {
	struct ca_sealed sealed;
	struct trustchain_tls *tls;
};

static int
make_folder(const struct trustchain_server *c, struct fault *f)
{
	char folder[4096];

	(void)snprintf(
	    folder, sizeof(folder), "%s/" CA_SEALED_FOLDER, c->state_dir);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return base_fault_set(f, base_err_from_errno(errno), "%s: %s",
		    folder, strerror(errno));
	return 0;
}

int
trustchain_front_new(
    struct trustchain_daemon *d, struct trustchain_front **ret, struct fault *f)
{
	const struct trustchain_server *c = d->conf;
	struct trustchain_tls_opts o = {
		.loop = d->loop,
		.clock = d->clock,
		.server = c,
		.tls = d->tls,
		.log = d->log,
	};
	struct trustchain_front *t;
	int rc;

	*ret = NULL;
	if (c->token_file[0] == '\0')
		return 0;
	if ((rc = make_folder(c, f)) != 0)
		return rc;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	t->sealed.disk = d->disk;
	t->sealed.keys = d->keys;
	t->sealed.log = d->log;
	o.sealed = c->seal_key[0] != '\0' ? &t->sealed : NULL;
	if ((rc = ca_sealed_init(&t->sealed, c->state_dir)) != 0 ||
	    (rc = trustchain_tls_new(&o, &t->tls)) != 0) {
		trustchain_front_free(t);
		return base_fault_set(f, rc, "TLS: %s", base_err_text(rc));
	}
	if (o.sealed != NULL)
		trustchain_tls_reuse(t->tls, KEYS_ROLE_PEER_FD);
	*ret = t;
	return 0;
}

void
trustchain_front_free(struct trustchain_front *t)
{
	if (t == NULL)
		return;
	trustchain_tls_free(t->tls);
	free(t);
}

bool
trustchain_front_certified(const struct trustchain_front *t)
{
	return t == NULL || trustchain_tls_certified(t->tls);
}
