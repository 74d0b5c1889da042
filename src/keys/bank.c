/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/bank_internal.h"

#include "keys/p11_bank_internal.h"
#include "keys/process_internal.h"

int
keys_process_pin(struct keys_process *p, const uint8_t *digest, size_t len)
{
	struct keys_p11_bank *bank;
	int rc;

	if (len != KEYS_P11_DIGEST_LEN)
		return ERR_PEER_MALFORMED;
	rc = keys_process_bank(p, &bank);
	if (rc == 0)
		keys_p11_bank_refuse(bank, digest);
	return rc;
}

int
keys_process_bank(struct keys_process *p, struct keys_p11_bank **ret)
{
	int rc = 0;

	if (p->bank == NULL)
		rc = keys_p11_bank_new(&p->bank);
	if (rc == 0)
		*ret = p->bank;
	return rc;
}

void
keys_process_bank_free(struct keys_process *p)
{
	keys_p11_bank_free(p->bank);
	p->bank = NULL;
}
