/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/guard.h"
#include "keys/sealed_internal.h"

int
keys_sealed_refuse(const struct keys_sealed_opts *o, int rc, struct fault *f)
{
	static const struct {
		int rc;
		const char *text;
	} why[] = {
		{ ERR_PEER_MISMATCH, "not a file of this kind" },
		{ ERR_SYS_VERSION, "written by a newer version" },
		{ ERR_SYS_CORRUPT, "damaged" },
		{ ERR_PEER_MALFORMED, "a field of its header is invalid" },
		{ ERR_PEER_TOO_LARGE, "asks for too costly an Argon2id" },
		{ ERR_STATE_USAGE, "opens by the other of passphrase and key" },
		{ ERR_PEER_DECRYPT, "wrong passphrase or key" },
		{ ERR_STATE_INTEGRITY, "forged: right passphrase or key, but "
				       "the content is not authentic" },
	};

	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		if (why[i].rc == rc)
			return base_fault_set(
			    f, rc, "%s: %s", o->path, why[i].text);
	return base_fault_set(f, rc, "%s: %s", o->path, base_err_text(rc));
}

int
keys_sealed_counter(
    const struct keys_sealed_opts *o, uint64_t *ret, struct fault *f)
{
	int rc;

	*ret = 0;
	if (o->guard == NULL)
		return 0;
	rc = o->guard->read(o->guard->ctx, ret);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return base_fault_set(
		    f, rc, "%s: its guard: %s", o->path, base_err_text(rc));
	return rc;
}

int
keys_sealed_advance(
    const struct keys_sealed_opts *o, uint64_t to, struct fault *f)
{
	int rc = 0;

	if (o->guard != NULL)
		rc = o->guard->advance(o->guard->ctx, to);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%s: its guard: %s", o->path, base_err_text(rc));
	return 0;
}
