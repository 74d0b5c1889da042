/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_QUORUM_INTERNAL_H
#define TRUSTCHAIN_CT_QUORUM_INTERNAL_H

#include "merkle/quorum.h"
#include "trustchain/ct_quorum.h"

struct ct_quorum {
	struct ct_quorum_opts o;
	struct http_client *client;
	struct ct_quorum_figures figures;
	struct ct_quorum_witness *witness; /* figures.n of them */
};

/**
 * ct_quorum_error(q, witness, status):
 * Count and say that ${witness} did not cosign, with why in a word.
 */
void ct_quorum_error(struct ct_quorum *q,
    const struct ct_quorum_witness *witness, const char *status);

#endif
