/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_TEST_CT_RUN_H
#define TRUSTCHAIN_TEST_CT_RUN_H

/* Opening, feeding and running the shard of test_ct_fixture.h. */
#include "trustchain/test_ct_fixture.h"

/**
 * open_shard(): Open the shard with small limits, so that little traffic makes
 * many files.
 */
static int
open_shard(struct fault *f)
{
	static const uint8_t sipkey[16] = { 1 };
	struct ct_shard_opts o;

	memset(&o, 0, sizeof(o));
	memset(f, 0, sizeof(*f));
	o.loop = fx->loop;
	o.pool = fx->pool;
	o.disk = fx->disk;
	o.clock = &fx->clock;
	o.signer.call = fake_call;
	o.limits.batch_ms = 0;
	o.limits.batch_max = 8;
	o.limits.queue_max = 64;
	o.limits.checkpoint_ms = 2;
	o.limits.sth_refresh_s = 3600;
	o.limits.index_commit_s = 0;
	o.limits.max_entries = ENTRIES_MAX;
	o.limits.segment_max = 20000;
	o.dir = fx->dir;
	o.log_slot = 0;
	o.note_slot = 1;
	o.siphash_key = sipkey;
	return ct_shard_open(&o, &fx->shard, f);
}

/**
 * done(): Keep what the submitter got.
 */
static void
done(struct ct_shard_entry *e, int rc)
{
	struct receipt *r = &fx->receipt[e - fx->entry];

	r->got = rc == 0 ? 1 : -1;
	r->rc = rc;
	r->index = e->index;
	r->timestamp_ms = e->sct.timestamp_ms;
	fx->waiting--;
}

/**
 * fill(): Make entry i: odd ones are precertificates.
 */
static void
fill(int i)
{
	struct ct_shard_entry *e = &fx->entry[i];

	memset(e, 0, sizeof(*e));
	memset(&fx->receipt[i], 0, sizeof(fx->receipt[i]));
	e->entry.type = i % 2 == 0 ? PKI_CT_X509 : PKI_CT_PRECERT;
	memset(e->entry.issuer_key_hash, i % 2 == 0 ? 0 : 0x42, 32);
	e->entry.cert.data = fx->cert[i];
	e->entry.cert.len = CERT_LEN;
	if (i % 2 != 0) {
		e->precert.data = (const uint8_t *)"precertificate";
		e->precert.len = 14;
	}
	e->issuer[0].der.data = fx->cert[i % 3];
	e->issuer[0].der.len = 100;
	crypto_sha2_256(fx->cert[i % 3], 100, e->issuer[0].fingerprint);
	e->issuers = 1;
	e->done = done;
	ct_leaf_dedup(&e->entry, e->dedup);
}

/**
 * submit(): Submit entry i.
 */
static int
submit(int i)
{
	int rc;

	fill(i);
	rc = ct_shard_submit(fx->shard, &fx->entry[i]);
	if (rc == 0)
		fx->waiting++;
	return rc;
}

/**
 * note_head(): Remember a head that was visible.
 */
static void
note_head(void)
{
	const struct ct_shard_head *h = ct_shard_head(fx->shard);

	if (h == NULL || fx->seen_count == 64 ||
	    (fx->seen_count > 0 &&
		fx->seen[fx->seen_count - 1].size == h->tree.size))
		return;
	fx->seen[fx->seen_count++] = h->tree;
}

/**
 * settle(): Run until nothing waits and all is published, or nothing can be.
 */
static void
settle(void)
{
	struct ct_shard_stats st;
	int i;

	for (i = 0; i < 4000; i++) {
		(void)loop_run_for(fx->loop, 1);
		note_head();
		ct_shard_stats(fx->shard, &st);
		if (fx->waiting == 0 &&
		    (st.read_only || (ct_shard_head(fx->shard) != NULL &&
					 ct_shard_head(fx->shard)->tree.size ==
					     st.sequenced)))
			break;
	}
	/* Let the clean-up after the last head finish. */
	for (i = 0; i < 200 && loop_pool_pending(fx->pool) > 0; i++)
		(void)loop_run_for(fx->loop, 1);
	assert_int_equal(fx->waiting, 0);
}

/**
 * drop_shard(): As a crash would leave it, but without a step under way in this
 * process.
 */
static void
drop_shard(void)
{
	struct ct_shard_stats st;
	int i;

	for (i = 0; i < 2000; i++) {
		ct_shard_stats(fx->shard, &st);
		if (!st.publishing && loop_pool_pending(fx->pool) == 0)
			break;
		(void)loop_run_for(fx->loop, 1);
	}
	ct_shard_free(fx->shard);
	fx->shard = NULL;
	(void)loop_run_for(fx->loop, 1);
}

#endif
