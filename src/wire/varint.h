/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_VARINT_H
#define WIRE_VARINT_H

#include <stdint.h>

#include "wire/builder.h"
#include "wire/cursor.h"

/* Largest value of the variable-length integer of RFC 9000 section 16. */
#define WIRE_VARINT_MAX ((UINT64_C(1) << 62) - 1)

/**
 * wire_varint_read(c):
 * Read a QUIC variable-length integer.  A longer form than needed is
 * ERR_PEER_ENCODING: our formats have one encoding per value.
 */
uint64_t wire_varint_read(struct cursor *c);

/**
 * wire_varint_write(b, v):
 * Append ${v} <= WIRE_VARINT_MAX in its shortest form.
 */
void wire_varint_write(struct builder *b, uint64_t v);

#endif
