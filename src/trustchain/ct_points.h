/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_POINTS_H
#define TRUSTCHAIN_CT_POINTS_H

/*
 * The fault points of trustchain-ct (ops/faults.h), one at each step of
 * identity spec section 9, in the order an entry passes them.
 */
#define CT_POINT_ISSUER "ct.issuer.before"
#define CT_POINT_WAL "ct.wal.before"
#define CT_POINT_SEQUENCED "ct.wal.after"
#define CT_POINT_SIGN "ct.sct.before"
#define CT_POINT_REPLY "ct.sct.after"
#define CT_POINT_TILES "ct.tiles.before"
#define CT_POINT_TILES_DONE "ct.tiles.after"
#define CT_POINT_STH "ct.sth.after"
#define CT_POINT_NOTE "ct.note.after"
#define CT_POINT_CHECKPOINT "ct.checkpoint.after"
#define CT_POINT_DROP "ct.drop.after"
#define CT_POINT_INDEX "ct.index.before"
/* A new shard: its keys are durable; so is its log.json. */
#define CT_POINT_SHARD "ct.shard.before"
#define CT_POINT_SHARD_MADE "ct.shard.after"

#define CT_POINTS                                                              \
	{                                                                      \
		CT_POINT_ISSUER, CT_POINT_WAL, CT_POINT_SEQUENCED,             \
		    CT_POINT_SIGN, CT_POINT_REPLY, CT_POINT_TILES,             \
		    CT_POINT_TILES_DONE, CT_POINT_STH, CT_POINT_NOTE,          \
		    CT_POINT_CHECKPOINT, CT_POINT_DROP, CT_POINT_INDEX,        \
		    CT_POINT_SHARD, CT_POINT_SHARD_MADE                        \
	}

#endif
