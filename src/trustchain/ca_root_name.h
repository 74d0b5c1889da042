/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ROOT_NAME_H
#define TRUSTCHAIN_CA_ROOT_NAME_H

struct pki_cert;

/* The two names that a root has in `/aia/NAME.cer' and `/crl/NAME.crl'. */
#define CA_ROOT_NAME "root"
#define CA_ROOT_NAME_PQ "root-pq"

/**
 * ca_root_name_of(root):
 * Return the name of a root: "root-pq" if its key is ML-DSA.  Static.
 */
const char *ca_root_name_of(const struct pki_cert *root);

#endif
