/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_IDENT_ADDRESS_H
#define ACME_IDENT_ADDRESS_H

#include <stdbool.h>

/**
 * acme_ident_address(value):
 * Return whether ${value} is an IP address in its one spelling (RFC 1123, RFC
 * 5952).
 */
bool acme_ident_address(const char *value);

#endif
