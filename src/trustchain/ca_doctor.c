/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_doctor_internal.h"
#include "wire/json.h"

void
ca_doctor_say(struct ca_doctor *d, enum ca_doctor_level level,
    const char *check, const char *fix, const char *fmt, ...)
{
	static const char *const names[] = { "success", "warn", "error" };
	static const char *const tags[] = { "SUCCESS", "WARN", "ERROR" };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->errors = d->errors || level == CA_DOCTOR_ERROR;
	if (!d->cli->json) {
		(void)printf("[%s] %s: %s%s%s\n", tags[level], check, text,
		    fix[0] != '\0' ? "; fix: " : "", fix);
		return;
	}
	(void)json_array_append_new(
	    d->findings, json_pack("{s:s, s:s, s:s, s:s*}", "check", check,
			     "level", names[level], "finding", text, "fix",
			     fix[0] != '\0' ? fix : NULL));
}

static void
check_config(struct ca_doctor *d)
{
	struct fault f = { 0 };

	if (ca_config_check_serve(d->conf, &f) == 0)
		ca_doctor_say(d, CA_DOCTOR_OK, "configuration", "",
		    "%s is usable", d->cli->config);
	else
		ca_doctor_say(d, CA_DOCTOR_ERROR, "configuration",
		    "see trustchain.toml(5)", "%s", f.msg);
}

static void
print_json(const struct ca_doctor *d)
{
	json_t *o =
	    json_pack("{s:b, s:O}", "ok", !d->errors, "findings", d->findings);
	char *text = o == NULL ? NULL : wire_json_dump(o, NULL);

	(void)printf("%s\n", text != NULL ? text : "");
	free(text);
	json_decref(o);
}

int
ca_doctor_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ca_doctor d = { .cli = cli, .findings = json_array() };
	struct ca_config *conf = NULL;
	struct fault f = { 0 };

	(void)opts;
	(void)args;
	(void)n;
	if (d.findings == NULL)
		return OPS_EXIT_FAILED;
	if (ca_config_load(cli->config, cli->root, &conf, &f) != 0)
		ca_doctor_say(&d, CA_DOCTOR_ERROR, "configuration",
		    "see trustchain.toml(5)", "%s", f.msg);
	d.conf = conf;
	ca_doctor_machine(&d);
	if (conf != NULL) {
		check_config(&d);
		ca_doctor_files(&d);
		ca_doctor_logs(&d);
	}
	if (cli->json)
		print_json(&d);
	ca_config_free(conf);
	json_decref(d.findings);
	return d.errors ? OPS_EXIT_FAILED : OPS_EXIT_OK;
}
