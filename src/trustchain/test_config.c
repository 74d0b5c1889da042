/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "trustchain/ca_config.h"
#include "trustchain/ct_config.h"
#include "trustchain/wit_config.h"

static char dir[] = "/tmp/troth-tcconf-XXXXXX";
static char file[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(file, sizeof(file), "%s/ca.toml", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(dir);
}

#define ISSUER                                                                 \
	"[[issuer]]\nid = \"i1\"\ncert = \"c\"\nchain = \"c\"\n"               \
	"key = \"file:k\"\npass_file = \"p\"\n"
#define LOG                                                                    \
	"[[log]]\nurl = \"unix:/run/ct.sock\"\n"                               \
	"list_vkey = "                                                         \
	"\"log+959c93b5+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\"\n"

#define FOREIGN                                                                \
	"[[log]]\nurl = \"https://ct.test/2026\"\nkey = \"ct.pem\"\n"
#define YEAR                                                                   \
	"start = \"2026-01-01T00:00:00Z\"\nend = \"2027-01-01T00:00:00Z\"\n"

static int
load(const char *text, struct ca_config **ret, struct fault *f)
{
	FILE *o = fopen(file, "w");

	assert_non_null(o);
	assert_true(fputs(text, o) >= 0);
	assert_int_equal(fclose(o), 0);
	*ret = NULL;
	return ca_config_load(file, "/tmp/r", ret, f);
}

static void
test_minimal(void **state)
{
	struct fault f = { 0 };
	struct ca_config *c;

	(void)state;
	if (load(ISSUER LOG, &c, &f) != 0)
		fail_msg("%s", f.msg);
	assert_int_equal(c->server.environment, TRUSTCHAIN_PRODUCTION);
	assert_string_equal(c->server.listen, "[::]:8443");
	assert_string_equal(
	    c->server.state_dir, "/tmp/r/var/lib/trustchain/ca");
	assert_string_equal(
	    c->store.path, "/tmp/r/var/lib/trustchain/ca/ca.db");
	assert_string_equal(c->audit.dir, "/tmp/r/var/lib/trustchain/ca/audit");
	assert_string_equal(
	    c->server.control, "/tmp/r/run/trustchain/trustchain-ca.ctl");
	assert_string_equal(((struct ca_config_log *)c->logs.v)->url,
	    "unix:/tmp/r/run/ct.sock");
	assert_int_equal(c->acme.validation_deny.n, 16);
	assert_int_equal(c->issue.allowed_single_labels.n, 4);
	assert_ptr_equal(ca_config_issuer(c, NULL), ca_config_issuer(c, "i1"));
	assert_null(ca_config_issuer(c, "i2"));
	ca_config_free(c);
}

static void
test_rules(void **state)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{ LOG, "[[issuer]] is missing" },
		{ ISSUER ISSUER LOG, "used twice" },
		{ ISSUER LOG "[profile.x]\nbase=\"server\"\nissuer=\"i9\"\n",
		    "i9 is not configured" },
		{ ISSUER LOG "[acme]\nvalidation_http_port = 8080\n",
		    "must be 80 in production" },
		{ ISSUER LOG "[acme]\nvalidation_tls_port = 8443\n",
		    "must be 443 in production" },
		{ ISSUER LOG "[acme]\ndns_insecure = [\"test\"]\n",
		    "production needs" },
		{ ISSUER LOG "[server]\nlisten = \"[2001:db8::1]:443\"\n",
		    "for documentation" },
		{ ISSUER LOG "[server]\nservice_names = [\"2001:db8::1\"]\n",
		    "for documentation" },
		{ ISSUER LOG "[server]\nbase_url = \"ftp://x\"\n",
		    "must start with https" },
		{ ISSUER LOG "[server]\nlisten = \"8443\"\n",
		    "must be [IPv6]" },
		{ ISSUER LOG "[server]\nservice_names = []\n",
		    "must name the service" },
		{ ISSUER LOG "[server]\nseal_key = \"file:s\"\n",
		    "needs seal_pass_file" },
		{ ISSUER LOG "[server]\nseal_key = \"pkcs11:t\"\n",
		    "must be file:PATH" },
		/* A log is ours or foreign, and a foreign one has a range. */
		{ ISSUER "[[log]]\nurl = \"unix:/l\"\n",
		    "needs either list_vkey" },
		{ ISSUER LOG "key = \"k\"\n" YEAR, "needs either list_vkey" },
		{ ISSUER LOG YEAR, "needs either list_vkey" },
		{ ISSUER FOREIGN, "needs either list_vkey" },
		{ ISSUER FOREIGN "start = \"2026-01-01T00:00:00Z\"\n",
		    "must be times" },
		{ ISSUER FOREIGN "start = \"2026-01-01\"\n"
				 "end = \"2027-01-01\"\n",
		    "must be times" },
		{ ISSUER FOREIGN "start = \"2026-01-01T00:00:00Z\"\n"
				 "end = \"2026-01-01T00:00:00Z\"\n",
		    "must be later" },
		{ ISSUER FOREIGN YEAR FOREIGN YEAR, "is there twice" },
		/* Keys of section 13 whose effect is not built are errors. */
		{ ISSUER LOG "[dashboard]\nscrape_s = 5\n", "unknown section" },
		{ ISSUER LOG "[server]\nregion = \"x\"\n", "unknown key" },
	};
	struct fault f;
	struct ca_config *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&f, 0, sizeof(f));
		assert_int_equal(load(bad[i].text, &c, &f), ERR_STATE_CONFIG);
		if (strstr(f.msg, bad[i].what) == NULL)
			fail_msg("%s: got \"%s\"", bad[i].text, f.msg);
	}
}

/* What the daemon needs beyond what the commands on files need. */
static void
test_serve(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} all[] = {
		{ ISSUER LOG "[server]\nenvironment = \"local\"\n", 0 },
		{ ISSUER LOG, 0 }, /* production */
		{ ISSUER "[server]\nenvironment = \"local\"\n",
		    ERR_STATE_CONFIG },
		{ ISSUER LOG "[server]\nenvironment = \"local\"\n"
			     "[issue]\nmin_scts = 2\n",
		    ERR_STATE_CONFIG },
		{ ISSUER LOG FOREIGN YEAR
		    "[server]\nenvironment = \"local\"\n"
		    "[issue]\nmin_scts = 2\n",
		    0 },
		{ ISSUER FOREIGN YEAR "[server]\nenvironment = \"local\"\n",
		    0 },
		{ ISSUER LOG "role = \"backup\"\n"
			     "[server]\nenvironment = \"local\"\n",
		    ERR_STATE_CONFIG },
	};
	struct fault f = { 0 };
	struct ca_config *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(load(all[i].text, &c, &f), 0);
		assert_int_equal(ca_config_check_serve(c, &f), all[i].rc);
		ca_config_free(c);
	}
}

/* The shipped files load, apart from the log key the operator fills in. */
static void
test_shipped(void **state)
{
	struct fault f = { 0 };
	struct ca_config *c = NULL;
	struct ct_config *t = NULL;
	struct wit_config *w = NULL;

	(void)state;
	if (ca_config_load("deploy/trustchain/local/ca.toml", "", &c, &f) != 0)
		fail_msg("%s", f.msg);
	assert_int_equal(ca_config_check_serve(c, &f), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "list_vkey"));
	ca_config_free(c);
	if (ct_config_load("deploy/trustchain/local/ct.toml", "", &t, &f) != 0)
		fail_msg("%s", f.msg);
	assert_string_equal(ops_config_string(&t->log.roots, 0),
	    "deploy/trustchain/local/certs/root-ca.crt");
	assert_string_equal(t->server.metrics_listen, "[::1]:9091");
	ct_config_free(t);
	if (wit_config_load(
		"deploy/trustchain/local/witness.toml", "", &w, &f) != 0)
		fail_msg("%s", f.msg);
	assert_string_equal(w->server.listen, "[::1]:8447");
	wit_config_free(w);
}

static const char *const witness_vkeys[] = {
	"w.test/0+86460ead+"
	"BAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB",
	"w.test/1+57192f4d+"
	"BAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC",
	"w.test/2+eef074f3+"
	"BAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD",
	"w.test/3+1a4d1a9c+"
	"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
};

/* ct.toml with a quorum of k out of the first n of these, or of one twice. */
static int
load_quorum(int k, int n, bool twice, struct fault *f)
{
	struct ct_config *c = NULL;
	FILE *o = fopen(file, "w");
	int rc;

	assert_non_null(o);
	fprintf(o,
	    "[log]\nroots = [\"r\"]\nkeys = \"k\"\npass_file = \"p\"\n"
	    "list_key = \"file:l\"\n[quorum]\nk = %d\n",
	    k);
	for (int i = 0; i < n; i++)
		fprintf(o,
		    "[[witness_peer]]\nname = \"w%d\"\n"
		    "url = \"https://w.test\"\nvkey = \"%s\"\n",
		    i, witness_vkeys[twice ? 0 : i]);
	assert_int_equal(fclose(o), 0);
	rc = ct_config_load(file, "", &c, f);
	ct_config_free(c);
	return rc;
}

static void
test_quorum(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(load_quorum(0, 0, false, &f), 0);
	assert_int_equal(load_quorum(1, 1, false, &f), 0);
	assert_int_equal(load_quorum(2, 3, false, &f), 0);
	assert_int_equal(load_quorum(3, 4, false, &f), 0);
	/* Two quorums without a witness in common; more than there are; one
	 * key for two; witnesses that nobody needs. */
	assert_int_equal(load_quorum(2, 4, false, &f), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "more than half"));
	assert_int_equal(load_quorum(1, 2, false, &f), ERR_STATE_CONFIG);
	assert_int_equal(load_quorum(0, 1, false, &f), ERR_STATE_CONFIG);
	assert_int_equal(load_quorum(4, 3, false, &f), ERR_STATE_CONFIG);
	assert_int_equal(load_quorum(2, 2, true, &f), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "twice"));
}

static int
load_witness(const char *witness, const char *logs, struct wit_config **ret,
    struct fault *f)
{
	FILE *o = fopen(file, "w");

	assert_non_null(o);
	fprintf(o,
	    "[witness]\nname = \"w.test/a\"\nkey = \"file:k\"\n"
	    "pass_file = \"p\"\n%s%s",
	    witness, logs);
	assert_int_equal(fclose(o), 0);
	*ret = NULL;
	return wit_config_load(file, "", ret, f);
}

#define WITNESSED                                                              \
	"[[witness.log]]\norigin = \"log.test/a\"\nvkeys = [\""                \
	"log.test/a+d9142a11+"                                                 \
	"AQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ\"]\n"

static void
test_witness(void **state)
{
	struct fault f = { 0 };
	struct wit_config *c;

	(void)state;
	if (load_witness("rate_per_min = 60\n", WITNESSED, &c, &f) != 0)
		fail_msg("%s", f.msg);
	assert_string_equal(c->server.listen, "[::]:8447");
	assert_string_equal(c->server.metrics_listen, "[::]:9092");
	assert_int_equal(c->server.rate_per_min, 60);
	assert_int_equal(c->logs.n, 1);
	wit_config_free(c);
	assert_int_equal(
	    load_witness("max_logs = 1\n", WITNESSED WITNESSED, &c, &f),
	    ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "max_logs"));
	assert_int_equal(
	    load_witness(
		"", "[[witness.log]]\norigin = \"a\"\nvkeys = []\n", &c, &f),
	    ERR_STATE_CONFIG);
	assert_int_equal(
	    load_witness("rate_per_min = 0\n", "", &c, &f), ERR_STATE_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_serve),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_witness),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
