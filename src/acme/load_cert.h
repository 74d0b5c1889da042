/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LOAD_CERT_H
#define ACME_LOAD_CERT_H

#include <stddef.h>

#include "base/err.h"

struct acme_cert;
struct acme_turn;

/**
 * acme_load_cert(t, der, len, ret):
 * One of our certificates, by its DER; refused with 404 when it is none.
 */
MUST_CHECK int acme_load_cert(
    struct acme_turn *t, const void *der, size_t len, struct acme_cert *ret);

#endif
