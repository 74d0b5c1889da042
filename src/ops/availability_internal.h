/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_AVAILABILITY_INTERNAL_H
#define OPS_AVAILABILITY_INTERNAL_H

#include "ops/availability.h"

#define OPS_AVAILABILITY_MINUTES 60
#define OPS_AVAILABILITY_HOURS 720

struct ops_availability_bucket {
	int64_t slot; /* time divided by the bucket's length */
	uint64_t good, bad;
};

struct ops_availability_component {
	char name[OPS_AVAILABILITY_NAME_MAX + 1];
	struct ops_availability_bucket minute[OPS_AVAILABILITY_MINUTES];
	struct ops_availability_bucket hour[OPS_AVAILABILITY_HOURS];
};

struct ops_availability {
	size_t n;
	struct ops_availability_component *v[OPS_AVAILABILITY_COMPONENTS_MAX];
};

/**
 * ops_availability_component(a, name):
 * Return the component of this name, made when it is new; NULL when there are
 * too many, the name is too long or memory is short.
 */
struct ops_availability_component *ops_availability_component(
    struct ops_availability *a, const char *name);

/**
 * ops_availability_count(ring, n, slot, good, bad):
 * Add to the bucket of ${slot}, which replaces an older one at its place.
 */
void ops_availability_count(struct ops_availability_bucket *ring, size_t n,
    int64_t slot, uint64_t good, uint64_t bad);

#endif
