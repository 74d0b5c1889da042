/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_STORE_CERT_H
#define ACME_STORE_CERT_H

#include <stddef.h>
#include <stdint.h>

struct acme_cert;
struct acme_certid;
struct acme_order;
struct arena;

/* What the core reads about certificates; as acme/store.h says. */
struct acme_store_certs {
	/* One of ours, by its DER, or by its name and without spki. */
	int (*cert)(void *ctx, const uint8_t *der, size_t len, struct arena *,
	    struct acme_cert *ret);
	int (*cert_named)(void *ctx, const struct acme_certid *, struct arena *,
	    struct acme_cert *ret);
	/* The living order that replaces this certificate. */
	int (*order_replaces)(void *ctx, const char *certid, struct arena *,
	    struct acme_order *ret);
};

#endif
