/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_VECTOR_INTERNAL_H
#define CRYPTO_VECTOR_INTERNAL_H

/**
 * crypto_vector_reset():
 * Tell the processor that nobody needs the upper halves of its vector
 * registers.  OpenSSL's Poly1305 leaves them in use after a last block that
 * is not full, as every packet has one; until they are released SSE code of
 * the thread runs slower, ML-KEM at half its speed.
 */
void crypto_vector_reset(void);

#endif
