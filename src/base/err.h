/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * The one table of error codes.  A fallible function returns 0 or one of
 * these negative codes.  The class says what a caller does with it:
 *
 *   PEER   the input is bad: drop it and charge the peer
 *   SYS    a resource failed: retry later or stop
 *   STATE  refused by a rule: the request is well-formed but not allowed now
 *
 * X(name, number, class, text).  Numbers are never reused.
 */
#define ERR_TABLE(X)                                                           \
	X(ERR_PEER_TRUNCATED, -101, PEER, "input ends too early")              \
	X(ERR_PEER_TRAILING, -102, PEER, "bytes after the end of input")       \
	X(ERR_PEER_MALFORMED, -103, PEER, "malformed input")                   \
	X(ERR_PEER_TOO_LARGE, -104, PEER, "input exceeds its limit")           \
	X(ERR_PEER_ENCODING, -105, PEER, "not the canonical encoding")         \
	X(ERR_PEER_DEPTH, -106, PEER, "nested too deeply")                     \
	X(ERR_PEER_DUPLICATE, -107, PEER, "duplicate element")                 \
	X(ERR_PEER_SIGNATURE, -108, PEER, "signature does not verify")         \
	X(ERR_PEER_KEY, -109, PEER, "unusable key")                            \
	X(ERR_PEER_UNSUPPORTED, -110, PEER, "unsupported algorithm or type")   \
	X(ERR_PEER_PROOF, -111, PEER, "proof does not verify")                 \
	X(ERR_PEER_MISMATCH, -112, PEER, "does not match")                     \
	X(ERR_PEER_UNTRUSTED, -113, PEER, "does not chain to a trusted root")  \
	X(ERR_PEER_TIMEOUT, -114, PEER, "peer did not answer in time")         \
	X(ERR_PEER_CLOSED, -115, PEER, "peer closed the connection")           \
	X(ERR_PEER_RATE, -116, PEER, "rate limit exceeded")                    \
	X(ERR_PEER_NAME, -117, PEER, "name not allowed")                       \
	X(ERR_PEER_DECRYPT, -118, PEER, "decryption failed")                   \
	X(ERR_SYS_NOMEM, -201, SYS, "out of memory")                           \
	X(ERR_SYS_IO, -202, SYS, "input/output error")                         \
	X(ERR_SYS_NOSPACE, -203, SYS, "no space left on device")               \
	X(ERR_SYS_CRYPTO, -204, SYS, "cryptographic library failure")          \
	X(ERR_SYS_RNG, -205, SYS, "random generator failure")                  \
	X(ERR_SYS_UNAVAILABLE, -206, SYS, "service unavailable")               \
	X(ERR_SYS_TIMEOUT, -207, SYS, "timed out")                             \
	X(ERR_SYS_LIMIT, -208, SYS, "internal limit reached")                  \
	X(ERR_SYS_CANCELLED, -209, SYS, "cancelled")                           \
	X(ERR_SYS_DATABASE, -210, SYS, "database failure")                     \
	X(ERR_SYS_CORRUPT, -211, SYS, "stored data is corrupt")                \
	X(ERR_SYS_KEY, -212, SYS, "key unavailable")                           \
	X(ERR_SYS_PERMISSION, -213, SYS, "permission denied")                  \
	X(ERR_SYS_CLOCK, -214, SYS, "clock out of range")                      \
	X(ERR_SYS_OS, -215, SYS, "operating system call failed")               \
	X(ERR_SYS_NETWORK, -216, SYS, "network failure")                       \
	X(ERR_SYS_VERSION, -217, SYS, "unsupported version")                   \
	X(ERR_SYS_TOKEN, -218, SYS, "token absent or failing")                 \
	X(ERR_SYS_PIN, -219, SYS, "token refuses the PIN")                     \
	X(ERR_SYS_PIN_LOCKED, -220, SYS, "PIN of the token is locked")         \
	X(ERR_STATE_NOT_FOUND, -301, STATE, "not found")                       \
	X(ERR_STATE_EXISTS, -302, STATE, "already exists")                     \
	X(ERR_STATE_REFUSED, -303, STATE, "refused by policy")                 \
	X(ERR_STATE_CONFLICT, -304, STATE, "conflicts with current state")     \
	X(ERR_STATE_FULL, -305, STATE, "table or queue is full")               \
	X(ERR_STATE_CLOSED, -306, STATE, "already closed")                     \
	X(ERR_STATE_READ_ONLY, -307, STATE, "read-only")                       \
	X(ERR_STATE_HALTED, -308, STATE, "halted by an operator")              \
	X(ERR_STATE_STALE, -309, STATE, "superseded by a newer state")         \
	X(ERR_STATE_UNAUTHORIZED, -310, STATE, "not authenticated")            \
	X(ERR_STATE_FORBIDDEN, -311, STATE, "not authorised")                  \
	X(ERR_STATE_EXPIRED, -312, STATE, "expired")                           \
	X(ERR_STATE_CONFIG, -313, STATE, "invalid configuration")              \
	X(ERR_STATE_USAGE, -314, STATE, "invalid usage")                       \
	X(ERR_STATE_PENDING, -315, STATE, "not yet available")                 \
	X(ERR_STATE_INTEGRITY, -316, STATE, "integrity violation")

enum err_class { ERR_CLASS_NONE, ERR_CLASS_PEER, ERR_CLASS_SYS,
	ERR_CLASS_STATE };

enum err_code {
#define ERR_ENUM(name, number, class, text) name = number,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
};

/* Every fallible function is declared with this. */
#define MUST_CHECK __attribute__((warn_unused_result))

/**
 * base_err_name(rc):
 * Return the symbolic name of the error code ${rc} ("ERR_PEER_TRUNCATED"),
 * "OK" for 0, "ERR_UNKNOWN" for a number outside the table.
 */
const char *base_err_name(int rc);

/**
 * base_err_text(rc):
 * Return a short English text for ${rc}, for operators; never NULL.
 */
const char *base_err_text(int rc);

/**
 * base_err_class(rc):
 * Return the class of ${rc}; ERR_CLASS_NONE for 0 and unknown numbers.
 */
enum err_class base_err_class(int rc);

/**
 * base_err_from_errno(e):
 * Return the SYS-class code for the errno value ${e}: NOMEM, NOSPACE (ENOSPC,
 * EDQUOT), PERMISSION (EACCES, EPERM), IO (EIO), TIMEOUT, else OS.  ENOENT
 * gives ERR_STATE_NOT_FOUND and EEXIST gives ERR_STATE_EXISTS.
 */
int base_err_from_errno(int e);

#endif
