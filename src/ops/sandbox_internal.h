/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_SANDBOX_INTERNAL_H
#define OPS_SANDBOX_INTERNAL_H

#include "ops/sandbox.h"

/**
 * ops_sandbox_seccomp(profile, f):
 * Load the system call filter of ${profile} for all threads.
 */
MUST_CHECK int ops_sandbox_seccomp(
    enum ops_sandbox_profile profile, struct fault *f);

#endif
