/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

/*
 * What an operator is told when configuration, a store or a key cannot be
 * loaded.  Only operator-facing calls take one; peers get documented errors.
 */
struct fault {
	int rc;
	char msg[256];
};

/**
 * base_fault_set(f, rc, fmt, ...):
 * Record ${rc} and the formatted message in ${f}, cutting the message to fit,
 * and return ${rc}.  ${f} may be NULL; then only ${rc} is returned.
 */
int base_fault_set(struct fault *f, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
