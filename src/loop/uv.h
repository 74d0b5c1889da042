/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_UV_H
#define LOOP_UV_H

struct loop;
struct uv_loop_s;

/**
 * loop_uv_get(l):
 * Return the libuv loop inside ${l}.  Only src/loop, src/net and src/http may
 * use it, and only to hand it to a library that drives itself from a libuv
 * loop.
 */
struct uv_loop_s *loop_uv_get(struct loop *l);

#endif
