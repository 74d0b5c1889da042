/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LIMIT_KIND_H
#define ACME_LIMIT_KIND_H

/* What is limited, per what and in which time. */
enum acme_limit_kind {
	ACME_LIMIT_ACCOUNTS,   /* new accounts per address, 3 h */
	ACME_LIMIT_ORDERS,     /* orders per account, 1 h */
	ACME_LIMIT_FAILED,     /* failed validations, account and name, 1 h */
	ACME_LIMIT_DUPLICATES, /* certificates per set of names, 1 d */
	ACME_LIMIT_KINDS
};

#endif
