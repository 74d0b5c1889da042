/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/sim_disk.h"
#include "sim/sim_net.h"
#include "sim/sim_rng.h"
#include "sim/sim_world.h"

/* A node that counts what happens to it. */
struct counter {
	struct sim_world *w;
	struct sim_net *net;
	struct sim_disk *disk;
	uint32_t node, peer;
	unsigned starts, crashes, power_cuts, ticks, messages, effects;
	unsigned synced, sync_failed;
	uint64_t last_us;
	uint8_t last[2048];
	size_t last_len;
};

static void
on_start(void *ctx)
{
	((struct counter *)ctx)->starts++;
}

static void
on_crash(void *ctx, bool power)
{
	struct counter *c = ctx;

	c->crashes++;
	c->power_cuts += power;
	if (power && c->disk != NULL)
		sim_disk_power(c->disk);
}

static const struct sim_node_ops ops = { on_start, on_crash };

static void
new_world(uint64_t seed, struct sim_world **w, struct counter *c, size_t n)
{
	static const char *const names[] = { "a", "b", "c" };

	assert_int_equal(sim_world_new(seed, w), 0);
	memset(c, 0, n * sizeof(*c));
	for (size_t i = 0; i < n; i++) {
		c[i].w = *w;
		assert_int_equal(
		    sim_world_add(*w, names[i], &ops, &c[i], &c[i].node), 0);
		sim_world_start(*w, c[i].node);
	}
}

static void
tick(void *ctx, const void *data, size_t len)
{
	struct counter *c = ctx;
	uint64_t at_us = sim_world_now_us(c->w), want;

	assert_int_equal(len, sizeof(want));
	memcpy(&want, data, len);
	assert_int_equal(at_us, want);
	assert_true(at_us >= c->last_us);
	c->last_us = at_us;
	c->ticks++;
	sim_world_trace(c->w, "tick %u", c->ticks);
}

static void
tick_at(struct counter *c, uint64_t at_us)
{
	sim_world_after(c->w, c->node, at_us - sim_world_now_us(c->w), tick,
	    &at_us, sizeof(at_us));
}

static void
time_is_virtual_and_in_order(void **state)
{
	struct sim_world *w;
	struct counter c[2];
	struct clock clock;

	(void)state;
	new_world(1, &w, c, 2);
	for (uint64_t i = 0; i < 100; i++)
		tick_at(&c[i % 2], i * 7919 % 100000);
	tick_at(&c[0], 86400000000); /* a day */
	clock = sim_world_clock(w);
	assert_true(base_clock_now_ms(&clock) == 1767225600000);
	assert_int_equal(sim_world_run(w, 1000000), 0);
	assert_int_equal(c[0].ticks, 50);
	assert_int_equal(c[1].ticks, 50);
	assert_int_equal(sim_world_now_us(w), 1000000);
	assert_true(base_clock_now_ms(&clock) == 1767225601000);
	/* b crashes: its events are gone, even after it is back. */
	tick_at(&c[1], 2000000);
	sim_world_crash(w, c[1].node, true);
	sim_world_start(w, c[1].node);
	tick_at(&c[1], 3000000);
	assert_int_equal(sim_world_run(w, 86400000000), 0);
	assert_int_equal(c[0].ticks, 51);
	assert_int_equal(c[1].ticks, 51);
	assert_int_equal(c[1].starts, 2);
	assert_int_equal(c[1].power_cuts, 1);
	sim_world_fail(w, "it is %s", "broken");
	sim_world_fail(w, "again");
	assert_string_equal(sim_world_failure(w), "it is broken");
	assert_int_equal(sim_world_run(w, 86500000000), ERR_STATE_INTEGRITY);
	sim_world_free(w);
}

static void
try_effects(void *ctx, const void *data, size_t len)
{
	struct counter *c = ctx;

	(void)data;
	(void)len;
	c->ticks++;
	for (int i = 0; i < 10; i++)
		c->effects += sim_world_effect(c->w, c->node);
	sim_world_after(c->w, c->node, 1000, try_effects, NULL, 0);
}

/* Dies in the middle of an event, comes back, and after the doom is lifted
 * does no more. */
static void
doomed_nodes_die_halfway(void **state)
{
	struct sim_world *w;
	struct counter c[1];
	unsigned ticks;

	(void)state;
	new_world(2, &w, c, 1);
	sim_world_doom(w, c->node, 1000000, 500);
	for (int i = 0; i < 1000; i++) {
		sim_world_after(w, c->node, 0, try_effects, NULL, 0);
		assert_int_equal(
		    sim_world_run(w, sim_world_now_us(w) + 501), 0);
		assert_true(sim_world_up(w, c->node));
	}
	assert_int_equal(c->crashes, 1000);
	assert_int_equal(c->starts, 1001);
	/* 0 to 3 effects each, 1.5 in the mean. */
	assert_in_range(c->effects, 1300, 1700);
	assert_in_range(c->power_cuts, 400, 600);
	sim_world_doom(w, c->node, 0, 0);
	ticks = c->ticks;
	c->effects = 0;
	sim_world_after(w, c->node, 0, try_effects, NULL, 0);
	assert_int_equal(sim_world_run(w, sim_world_now_us(w) + 100000), 0);
	assert_int_equal(c->crashes, 1000);
	assert_int_equal(c->effects, (c->ticks - ticks) * 10);
	sim_world_free(w);
}

static void
on_message(void *ctx, uint32_t from, const uint8_t *bytes, size_t len)
{
	struct counter *c = ctx;

	assert_int_equal(from, c->peer);
	c->messages++;
	c->last_us = sim_world_now_us(c->w);
	memcpy(c->last, bytes, len);
	c->last_len = len;
}

static void
new_net(struct sim_world *w, struct counter c[2], struct sim_net **net)
{
	assert_int_equal(sim_net_new(w, 2, net), 0);
	for (int i = 0; i < 2; i++) {
		c[i].peer = c[1 - i].node;
		c[i].net = *net;
		sim_net_listen(*net, c[i].node, on_message);
	}
}

static void
a_network_of_many_kinds(void **state)
{
	const struct sim_fate_rates slow = { .delay_us = 5000 },
				    bad = { .loss = 800000,
					    .duplicate = 500000,
					    .delay_us = 1000,
					    .jitter_us = 1000 };
	struct sim_world *w;
	struct sim_net *net;
	struct counter c[2];

	(void)state;
	new_world(3, &w, c, 2);
	new_net(w, c, &net);
	sim_net_link(net, c[0].node, c[1].node, &slow);
	sim_net_send(net, c[0].node, c[1].node, "hello", 5);
	sim_net_send(net, c[1].node, c[0].node, "", 0);
	assert_int_equal(sim_world_run(w, 4999), 0);
	assert_int_equal(c[0].messages, 1);
	assert_int_equal(c[1].messages, 0);
	assert_int_equal(sim_world_run(w, 5000), 0);
	assert_int_equal(c[1].messages, 1);
	assert_memory_equal(c[1].last, "hello", 5);
	/* Parted while the message is on its way, and joined again. */
	sim_net_send(net, c[0].node, c[1].node, "x", 1);
	sim_net_group(net, c[1].node, 1);
	assert_int_equal(sim_world_run(w, 20000), 0);
	assert_int_equal(c[1].messages, 1);
	sim_net_group(net, c[1].node, 0);
	sim_net_send(net, c[0].node, c[1].node, "x", 1);
	assert_int_equal(sim_world_run(w, 40000), 0);
	assert_int_equal(c[1].messages, 2);
	/* Down: nobody is told. */
	sim_world_crash(w, c[1].node, false);
	sim_net_send(net, c[0].node, c[1].node, "x", 1);
	sim_net_send(net, c[1].node, c[0].node, "x", 1);
	assert_int_equal(sim_world_run(w, 60000), 0);
	sim_world_start(w, c[1].node);
	assert_int_equal(c[0].messages, 1);
	assert_int_equal(c[1].messages, 2);
	assert_int_equal(sim_net_stats(net)->unreachable, 2);
	/* Rates: 2000 of 10000 pass, half of them twice; six sigmas. */
	sim_net_rates(net, &bad);
	for (int i = 0; i < 10000; i++)
		sim_net_send(net, c[0].node, c[1].node, "x", 1);
	assert_int_equal(sim_world_run(w, 100000), 0);
	assert_in_range(c[1].messages, 3000 - 500, 3000 + 500);
	sim_net_free(net);
	sim_world_free(w);
}

static void
run_noisy(uint64_t seed, uint8_t digest[SIM_DIGEST_LEN])
{
	const struct sim_fate_rates bad = { 300000, 100000, 100000, 100000,
		1000, 1000, 5000 };
	struct sim_world *w;
	struct sim_net *net;
	struct counter c[2];

	new_world(seed, &w, c, 2);
	new_net(w, c, &net);
	sim_net_rates(net, &bad);
	sim_world_doom(w, c[1].node, 100000, 10000);
	for (uint64_t i = 0; i < 500; i++) {
		sim_net_send(net, c[0].node, c[1].node, &i, sizeof(i));
		assert_int_equal(
		    sim_world_run(w, sim_world_now_us(w) + 500), 0);
		if (c[1].last_len > 0)
			sim_world_trace(w, "%02x", c[1].last[0]);
	}
	sim_world_digest(w, digest);
	sim_net_free(net);
	sim_world_free(w);
}

static void
same_seed_same_world(void **state)
{
	uint8_t a[SIM_DIGEST_LEN], b[SIM_DIGEST_LEN];

	(void)state;
	run_noisy(7, a);
	run_noisy(7, b);
	assert_memory_equal(a, b, sizeof(a));
	run_noisy(8, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
on_synced(void *ctx, int rc, const void *data, size_t len)
{
	struct counter *c = ctx;

	assert_int_equal(len, 4);
	assert_memory_equal(data, "sync", 4);
	if (rc == 0)
		c->synced++;
	else
		c->sync_failed++;
}

/* After a power cut: what was synced is there, of the rest any sectors. */
static void
a_power_cut_takes_what_was_not_synced(void **state)
{
	const struct sim_disk_rates fast = { .sync_us_min = 10,
		.sync_us_max = 20 };
	unsigned whole = 0, none = 0, torn = 0;
	uint8_t block[2048];
	const uint8_t *bytes;
	struct sim_world *w;
	struct counter c[1];
	size_t len, kept;

	(void)state;
	for (uint64_t seed = 0; seed < 300; seed++) {
		new_world(seed, &w, c, 1);
		assert_int_equal(sim_disk_new(w, c->node, &fast, &c->disk), 0);
		memset(block, 'a', sizeof(block));
		assert_int_equal(sim_disk_write(c->disk, 0, block, 2048), 0);
		sim_disk_sync(c->disk, on_synced, "sync", 4);
		sim_disk_durable(c->disk, &len);
		assert_int_equal(len, 0);
		assert_int_equal(sim_world_run(w, 100), 0);
		assert_int_equal(c->synced, 1);
		/* Written over and longer, and a sync that does not end. */
		memset(block, 'b', sizeof(block));
		assert_int_equal(sim_disk_write(c->disk, 1024, block, 2048), 0);
		sim_disk_sync(c->disk, on_synced, "sync", 4);
		bytes = sim_disk_bytes(c->disk, &len);
		assert_int_equal(len, 3072);
		assert_int_equal(bytes[1024], 'b');
		sim_world_crash(w, c->node, true);
		sim_world_start(w, c->node);
		assert_int_equal(sim_world_run(w, 200), 0);
		assert_int_equal(c->synced, 1);
		bytes = sim_disk_bytes(c->disk, &len);
		kept = 0;
		for (size_t i = 0; i < len; i++) {
			assert_true(i >= 1024 || bytes[i] == 'a');
			assert_true(i < 1024 || i >= 2048 || bytes[i] == 'a' ||
				    bytes[i] == 'b');
			assert_true(
			    i < 2048 || bytes[i] == 'b' || bytes[i] == 0);
			assert_true(i % 512 == 0 || bytes[i] == bytes[i - 1]);
			kept += bytes[i] == 'b';
		}
		assert_true(len >= 2048);
		whole += kept == 2048;
		none += kept == 0;
		torn += kept > 0 && kept < 2048;
		sim_disk_free(c->disk);
		sim_world_free(w);
	}
	/* Four sectors: 1 in 16 whole, 1 in 16 gone. */
	assert_in_range(whole, 3, 50);
	assert_in_range(none, 3, 50);
	assert_true(torn > 200);
}

static void
disks_fail_and_processes_crash(void **state)
{
	const struct sim_disk_rates bad = { 300000, 300000, 10, 10 };
	struct sim_world *w;
	struct counter c[1];
	unsigned full = 0;
	size_t len;
	int rc;

	(void)state;
	new_world(5, &w, c, 1);
	assert_int_equal(sim_disk_new(w, c->node, &bad, &c->disk), 0);
	for (int i = 0; i < 1000; i++) {
		sim_disk_bytes(c->disk, &len);
		rc = sim_disk_write(c->disk, len, "x", 1);
		assert_true(rc == 0 || rc == ERR_SYS_NOSPACE);
		full += rc != 0;
		sim_disk_sync(c->disk, on_synced, "sync", 4);
		assert_int_equal(sim_world_run(w, sim_world_now_us(w) + 10), 0);
	}
	assert_in_range(full, 200, 400);
	assert_in_range(c->sync_failed, 200, 400);
	assert_int_equal(c->synced + c->sync_failed, 1000);
	sim_disk_bytes(c->disk, &len);
	assert_int_equal(len, 1000 - full);
	/* A crash of the process alone takes nothing from the file. */
	sim_world_crash(w, c->node, false);
	sim_world_start(w, c->node);
	sim_disk_truncate(c->disk, 10);
	sim_disk_bytes(c->disk, &len);
	assert_int_equal(len, 10);
	sim_disk_free(c->disk);
	sim_world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_virtual_and_in_order),
		cmocka_unit_test(doomed_nodes_die_halfway),
		cmocka_unit_test(a_network_of_many_kinds),
		cmocka_unit_test(same_seed_same_world),
		cmocka_unit_test(a_power_cut_takes_what_was_not_synced),
		cmocka_unit_test(disks_fail_and_processes_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
