/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TBS_START_INTERNAL_H
#define PKI_TBS_START_INTERNAL_H

#include <stdint.h>

struct pki_der;

/**
 * pki_tbs_put_start(w, serial), pki_tbs_put_validity(w, from_ms, to_ms):
 * Open a TBSCertificate and write version 3 and the serial number of
 * PKI_SERIAL_LEN octets; write the Validity.
 */
void pki_tbs_put_start(struct pki_der *w, const uint8_t *serial);
void pki_tbs_put_validity(struct pki_der *w, int64_t from_ms, int64_t to_ms);

#endif
