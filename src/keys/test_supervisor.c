/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Three real processes: this program is a small daemon when it is started
 * with a role.  Its key process counts, echoes and refuses; its main checks
 * what it gets and ends the daemon with a code that tells the test.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "crypto/sha2.h"
#include "keys/bundle.h"
#include "keys/client.h"
#include "keys/control.h"
#include "keys/op.h"
#include "keys/process.h"
#include "keys/role.h"
#include "keys/supervisor.h"
#include "keys/sync.h"
#include "loop/loop.h"
#include "loop/signal.h"

enum { ECHO = 1, REFUSE = 2, DIGEST = 3, CRASH = 4, COUNT = 5, LIMITED = 6 };
enum { KIND = 1, KIND_LIMITED = 2 };
enum { FAILED = 3, COUNT_MAX = 1 << 22 };

/* --- the key process --- */

static int
echo(struct keys_call *call)
{
	return base_buf_append(call->out, call->payload, call->len);
}

static int
refuse(struct keys_call *call)
{
	return base_fault_set(&call->reason, ERR_STATE_REFUSED, "not this one");
}

static int
digest(struct keys_call *call)
{
	uint8_t sum[32];

	crypto_sha2_256(call->payload, call->len, sum);
	return base_buf_append(call->out, sum, sizeof(sum));
}

static int
crash(struct keys_call *call)
{
	(void)call;
	abort();
}

/* The slot's count lives in its policy and survives a replacement. */
static int
count(struct keys_call *call)
{
	uint32_t *n = call->slot->policy;

	++*n;
	return base_buf_append(call->out, n, sizeof(*n));
}

static const struct keys_op ops[] = {
	{ ECHO, KIND, echo },
	{ REFUSE, KIND, refuse },
	{ DIGEST, KIND, digest },
	{ CRASH, KIND, crash },
	{ COUNT, KIND, count },
	{ LIMITED, KIND_LIMITED, echo },
};

static int
take_data(struct keys_process *p, struct keys_slot *slot,
    const struct keys_bundle_item *item, struct fault *f)
{
	(void)p;
	if (item->len != 1 || item->data[0] != '+')
		return base_fault_set(f, ERR_STATE_CONFIG, "bad data");
	slot->policy = calloc(1, sizeof(uint32_t));
	return slot->policy == NULL ? ERR_SYS_NOMEM : 0;
}

static int
save(struct keys_slot *slot, struct buf *out)
{
	if (slot->policy == NULL)
		return 0;
	return base_buf_append(out, slot->policy, sizeof(uint32_t));
}

static int
load_state(struct keys_slot *slot, const uint8_t *data, size_t len)
{
	if (slot->policy == NULL || len != sizeof(uint32_t))
		return ERR_PEER_MALFORMED;
	memcpy(slot->policy, data, len);
	return 0;
}

static void
fini(struct keys_slot *slot)
{
	free(slot->policy);
}

static int64_t
system_ms(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
be_keys(void)
{
	const struct clock clock = { system_ms, NULL };
	const struct keys_product product = { .ops = ops,
		.ops_len = sizeof(ops) / sizeof(ops[0]),
		.data = take_data,
		.state_save = save,
		.state_load = load_state,
		.fini = fini };
	struct keys_process_opts o = { .bundle_fd = KEYS_ROLE_BUNDLE_FD,
		.main_fd = KEYS_ROLE_PEER_FD,
		.control_fd = KEYS_ROLE_CONTROL_FD,
		.product = &product,
		.clock = &clock,
		.rng = crypto_rng_system() };
	struct fault f;

	if (keys_role_enter(KEYS_ROLE_KEYS, &f) != 0)
		return FAILED;
	return keys_process_run(&o);
}

/* --- main --- */

static struct {
	struct loop *loop;
	struct keys_client *client;
	struct keys_control *control;
	unsigned open, bad, total, taken, capped;
	bool replaced;
	uint8_t seen[COUNT_MAX];
} m;

static void
on_count(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	uint32_t n = 0;

	(void)ctx;
	if (rc == 0 && len == sizeof(n))
		memcpy(&n, sig, len);
	/* None twice, none lost, whoever answers. */
	if (n == 0 || n >= COUNT_MAX || m.seen[n]++ != 0)
		m.bad++;
	m.total++;
	if (--m.open == 0)
		loop_stop(m.loop);
}

static void
on_expected(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	const int *want = ctx;

	(void)sig;
	(void)len;
	if (rc != *want)
		m.bad++;
	if (--m.open == 0)
		loop_stop(m.loop);
}

static void
ask(uint8_t op, uint8_t slot, size_t len, keys_client_fn *fn, void *ctx)
{
	uint8_t *payload = calloc(1, len + 1);
	struct keys_request req = { op, slot, payload, len };

	m.open++;
	if (payload == NULL || keys_client_call(m.client, &req, fn, ctx) != 0)
		m.bad++;
	free(payload);
}

static void
on_limited(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	(void)ctx;
	(void)sig;
	(void)len;
	m.taken += rc == 0;
	m.capped += rc == ERR_SYS_UNAVAILABLE;
	if (--m.open == 0)
		loop_stop(m.loop);
}

static void
on_replaced(void *ctx)
{
	(void)ctx;
	m.replaced = true;
}

static void
on_digest(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	uint8_t want[32], *zero = calloc(1, 1000000);

	(void)ctx;
	if (zero != NULL)
		crypto_sha2_256(zero, 1000000, want);
	if (zero == NULL || rc != 0 || len != 32 || memcmp(sig, want, 32) != 0)
		m.bad++;
	free(zero);
	if (--m.open == 0)
		loop_stop(m.loop);
}

static void
on_term(void *ctx, int signum)
{
	(void)ctx;
	(void)signum;
	loop_stop(m.loop);
}

/* Count through a replacement, more than the line takes at a time. */
static void
check_all(void)
{
	static const int refused = ERR_STATE_REFUSED;
	unsigned asked = 0, after = 0;
	uint64_t end = loop_now_ms(m.loop) + 60000;

	keys_control_on_replaced(m.control, on_replaced, NULL);
	if (keys_control_reload(m.control) != 0)
		m.bad++;
	/* Until the new process has taken over and answered some. */
	while (after < 10 && asked < COUNT_MAX - 3000 &&
	       loop_now_ms(m.loop) < end) {
		after += m.replaced;
		for (int i = 0; i < 3000; i++)
			ask(COUNT, 0, 20, on_count, NULL);
		asked += 3000;
		loop_run_for(m.loop, 60000);
	}
	ask(DIGEST, 0, 1000000, on_digest, NULL);
	ask(REFUSE, 0, 0, on_expected, (void *)(uintptr_t)&refused);
	ask(REFUSE, 99, 0, on_expected, (void *)(uintptr_t)&refused);
	ask(LIMITED, 0, 0, on_expected, (void *)(uintptr_t)&refused);
	/* Three a second, so three of these at once, unless it takes 30 s. */
	for (int i = 0; i < 100; i++)
		ask(LIMITED, 1, 0, on_limited, NULL);
	loop_run_for(m.loop, 60000);
	if (m.total != asked || !m.replaced || m.taken < 3 || m.capped == 0 ||
	    m.taken + m.capped != 100)
		m.bad++;
	for (unsigned i = 1; i <= asked; i++)
		m.bad += m.seen[i] != 1;
}

static int
be_main(const char *what)
{
	struct loop_signal *term;
	struct fault f;

	if (keys_role_enter(KEYS_ROLE_MAIN, &f) != 0)
		return FAILED;
	if (strcmp(what, "five") == 0)
		return 5;
	if (strcmp(what, "nine") == 0)
		return 9;
	if (strcmp(what, "abort") == 0)
		abort();
	if (strcmp(what, "hang") == 0) {
		(void)signal(SIGTERM, SIG_IGN);
		(void)kill(getppid(), SIGTERM);
		sleep(30);
		return 0;
	}
	if (loop_new(&m.loop) != 0 ||
	    keys_client_new(m.loop, KEYS_ROLE_PEER_FD, &m.client) != 0 ||
	    keys_control_new(
		m.loop, KEYS_ROLE_CONTROL_FD, m.client, &m.control) != 0 ||
	    loop_signal_new(m.loop, SIGTERM, on_term, NULL, &term) != 0)
		return FAILED;
	if (strcmp(what, "crash") == 0) {
		ask(CRASH, 0, 0, on_expected, NULL);
		loop_run_for(m.loop, 60000);
		return FAILED;
	}
	check_all();
	if (m.bad == 0) {
		(void)kill(getppid(), SIGTERM);
		loop_run_for(m.loop, 60000);
	}
	loop_signal_free(term);
	keys_control_free(m.control);
	keys_client_free(m.client);
	loop_free(m.loop);
	return m.bad == 0 ? 0 : FAILED;
}

/* --- the supervisor, in a child of the test --- */

struct seen {
	struct buf pem;
	unsigned refused, loads;
	bool break_load;
};

static int
load(void *ctx, struct buf *bundle, struct fault *f)
{
	struct keys_bundle_item data = { KEYS_BUNDLE_DATA, 0, 1,
		(const uint8_t *)"+", 1 };
	struct keys_bundle_item pass = { KEYS_BUNDLE_PASS, 0, 0,
		(const uint8_t *)"pass", 4 };
	struct keys_bundle_item make = { KEYS_BUNDLE_MAKE, 0,
		CRYPTO_KEY_ED25519, NULL, 0 };
	struct seen *seen = ctx;

	seen->loads++;
	if (seen->break_load)
		data.data = (const uint8_t *)"-";
	/* The key that was made and stored is what is loaded next. */
	if (seen->pem.len > 0) {
		make.type = KEYS_BUNDLE_KEY;
		make.data = seen->pem.data;
		make.len = seen->pem.len;
	}
	if (keys_bundle_slot(bundle, 0, KIND, 0, "counter") != 0 ||
	    keys_bundle_add(bundle, &pass) != 0 ||
	    keys_bundle_add(bundle, &make) != 0 ||
	    keys_bundle_add(bundle, &data) != 0 ||
	    keys_bundle_slot(bundle, 1, KIND_LIMITED, 3, "limited") != 0)
		return base_fault_set(f, ERR_SYS_NOMEM, "no memory");
	return 0;
}

static int
store(void *ctx, uint8_t slot, const uint8_t *pem, size_t len, struct fault *f)
{
	struct seen *seen = ctx;

	if (slot != 0 || seen->pem.len != 0)
		return base_fault_set(f, ERR_STATE_EXISTS, "exists");
	return base_buf_append(&seen->pem, pem, len);
}

static void
report(void *ctx, const struct keys_report *r)
{
	struct seen *seen = ctx;

	if (r->kind != KEYS_REPORT_REFUSED)
		return;
	if (r->op == REFUSE && r->slot == 0 &&
	    strcmp(r->name, "counter") == 0 &&
	    strcmp(r->text, "not this one") == 0)
		seen->refused += 1;
	else if (r->text[0] != '\0')
		seen->refused += 100;
}

/* Run the daemon whose main does ${what}; the code it ends with. */
static int
run(const char *what, bool break_load, unsigned loads, unsigned refused)
{
	char name[] = "test", arg[16];
	char *argv[] = { name, arg, NULL };
	struct seen seen = { .break_load = break_load };
	struct keys_supervisor_opts o = { .argv = argv,
		.load = load,
		.store_key = store,
		.report = report,
		.ctx = &seen };
	int code, status;
	pid_t pid;

	(void)snprintf(arg, sizeof(arg), "%s", what);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		base_buf_init(&seen.pem, 65536);
		code = keys_supervisor_run(&o);
		if (code == 0 &&
		    (seen.loads != loads || seen.refused != refused))
			code = 90;
		_exit(code);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Two loads: at start and at main's request.  Two refusals are the
 * allow-list's, one the operation's. */
static void
test_replacements(void **state)
{
	(void)state;
	assert_int_equal(run("check", false, 2, 201), 0);
}

static void
test_ends(void **state)
{
	(void)state;
	assert_int_equal(run("five", false, 1, 0), 5);
	assert_int_equal(run("nine", false, 1, 0), 1);
	assert_int_equal(run("abort", false, 1, 0), 1);
	assert_int_equal(run("crash", false, 1, 0), 1);
	assert_int_equal(run("check", true, 1, 0), 2);
}

/* drain_s is 0, so main is killed after the grace of five seconds. */
static void
test_hang(void **state)
{
	(void)state;
	assert_int_equal(run("hang", false, 1, 0), 1);
}

/* Roles are for children of a supervisor only. */
static void
test_roles(void **state)
{
	static const char *const roles[] = { "--role=keys", "--role=main" };
	int status;
	pid_t pid;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pid = fork();
		if (pid == 0) {
			execl(
			    "/proc/self/exe", "test", roles[i], "check", NULL);
			_exit(99);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), FAILED);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_replacements),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_hang),
	};

	switch (keys_role_parse(&argc, argv)) {
	case KEYS_ROLE_KEYS:
		return be_keys();
	case KEYS_ROLE_MAIN:
		return be_main(argc > 1 ? argv[1] : "");
	default:
		return cmocka_run_group_tests(tests, NULL, NULL);
	}
}
