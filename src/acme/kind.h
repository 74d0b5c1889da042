/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_KIND_H
#define ACME_KIND_H

/* What a change puts: the object's type, or an audit event. */
enum acme_change_kind {
	ACME_PUT_ACCOUNT,
	ACME_PUT_ORDER,
	ACME_PUT_AUTHZ,
	ACME_PUT_CHALLENGE,
	ACME_BIND_EAB,
	ACME_AUDIT
};

#endif
