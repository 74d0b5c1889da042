/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CBOR_FIXTURE_H
#define WIRE_CBOR_FIXTURE_H

#include "wire/cbor.h"
#include "wire/cbor_write.h"

/**
 * copy_scalar(r, w):
 * Read the next item, which is no container, and write it.
 */
static void
copy_scalar(struct wire_cbor *r, struct wire_cbor_writer *w)
{
	enum wire_cbor_type type = wire_cbor_peek(r);
	uint64_t u = type == WIRE_CBOR_UINT ? wire_cbor_uint(r) : 0;
	int64_t i =
	    type == WIRE_CBOR_NINT ? wire_cbor_int(r, INT64_MIN, -1) : 0;
	bool yes = type == WIRE_CBOR_BOOL && wire_cbor_bool(r);
	const void *p = NULL;
	size_t n = 0;

	if (type == WIRE_CBOR_BYTES)
		p = wire_cbor_bytes(r, &n);
	else if (type == WIRE_CBOR_TEXT)
		p = wire_cbor_text(r, &n);
	else if (type == WIRE_CBOR_NULL && !wire_cbor_null(r))
		return;
	if (r->c.rc != 0)
		return;
	if (type == WIRE_CBOR_UINT)
		wire_cbor_put_uint(w, u);
	else if (type == WIRE_CBOR_NINT)
		wire_cbor_put_int(w, i);
	else if (type == WIRE_CBOR_BYTES)
		wire_cbor_put_bytes(w, p, n);
	else if (type == WIRE_CBOR_TEXT)
		wire_cbor_put_text(w, p, n);
	else if (type == WIRE_CBOR_BOOL)
		wire_cbor_put_bool(w, yes);
	else
		wire_cbor_put_null(w);
}

/**
 * copy_item(r, w):
 * Read the next item of whatever type from ${r} and write it to ${w}.  An
 * integer below INT64_MIN, which the reader hands to nobody, is an error.
 */
static void
copy_item(struct wire_cbor *r, struct wire_cbor_writer *w)
{
	enum wire_cbor_type type = wire_cbor_peek(r);
	uint64_t tag;
	size_t n;

	if (type == WIRE_CBOR_TAG) {
		tag = wire_cbor_tag(r);
		if (r->c.rc == 0) {
			wire_cbor_put_tag(w, tag);
			copy_item(r, w);
		}
	} else if (type == WIRE_CBOR_ARRAY || type == WIRE_CBOR_MAP) {
		n = type == WIRE_CBOR_MAP ? 2 * wire_cbor_map(r)
					  : wire_cbor_array(r);
		if (r->c.rc == 0 && type == WIRE_CBOR_MAP)
			wire_cbor_put_map(w, n / 2);
		else if (r->c.rc == 0)
			wire_cbor_put_array(w, n);
		while (r->c.rc == 0 && n-- > 0)
			copy_item(r, w);
		wire_cbor_leave(r);
		if (r->c.rc == 0)
			wire_cbor_put_end(w);
	} else if (type != WIRE_CBOR_END) {
		copy_scalar(r, w);
	}
}

#endif
