/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/command.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/verify.h"
#include "base/fault.h"
#include "merkle/vkey.h"

static int
usage(void)
{
	fprintf(stderr, "[ERROR] usage: --log FILE --tiles DIR --vkey KEY"
			" [--event-id ID]\n");
	return 2;
}

int
audit_command_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "log", required_argument, NULL, 'l' },
		{ "tiles", required_argument, NULL, 't' },
		{ "vkey", required_argument, NULL, 'k' },
		{ "event-id", required_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	struct audit_verify_opts o = { NULL, NULL, NULL, NULL };
	struct audit_verify_result r;
	const char *key_text = NULL;
	struct fault fault = { 0, "" };
	struct merkle_vkey key;
	int c, rc;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c == 'l')
			o.log = optarg;
		else if (c == 't')
			o.tiles = optarg;
		else if (c == 'k')
			key_text = optarg;
		else if (c == 'e')
			o.event_id = optarg;
		else
			return usage();
	if (o.log == NULL || o.tiles == NULL || key_text == NULL ||
	    optind != argc ||
	    merkle_vkey_parse(key_text, strlen(key_text), &key) != 0)
		return usage();
	o.vkey = &key;
	if ((rc = audit_verify_log(&o, &fault, &r)) != 0) {
		fprintf(stderr, "[ERROR] %s\n", fault.msg);
		return rc == ERR_STATE_INTEGRITY ? 5 : 1;
	}
	printf("[SUCCESS] Signature valid, Merkle proof verified"
	       " size=%" PRIu64 " lines=%" PRIu64 "\n",
	    r.head.size, r.lines);
	return 0;
}
