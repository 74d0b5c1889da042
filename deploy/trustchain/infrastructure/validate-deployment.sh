#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Ask a running deployment whether it does what was promised:
#
#   validate-deployment.sh production|staging|local [--json] [--list]
#                          [--only ID]... [--allow-skip ID]...
#
# Each line is PASS|FAIL|SKIP <id> measured=<v> bound=<v>, the last one
# "N passed, N failed, N skipped".  Exit 0 without FAIL and, in production,
# without a SKIP that --allow-skip does not name; 2 for a usage error.  A check
# that cannot be made is FAIL or, if it was not configured, SKIP; never PASS.
#
# What it talks to (production has the guide's names as defaults):
#   VALIDATE_CA         https://trust.hypermesh.online
#   VALIDATE_STATUS     http://trust.hypermesh.online     OCSP and CRL
#   VALIDATE_CT         https://ct-us-east-1.trust.hypermesh.online
#   VALIDATE_CA_METRICS VALIDATE_CT_METRICS               http://HOST:9090
#   VALIDATE_DASHBOARD  https://monitoring.hypermesh.online
#   VALIDATE_ROOT       certs/root-ca.crt
#   VALIDATE_TOKENS     folder with the files issuer, revoker and auditor, each
#                       a bearer token (of those roles; the issuer's for names
#                       below VALIDATE_NAME)
#   VALIDATE_NAME       the domain to issue for
#   VALIDATE_CT_ANY=1   take the log's TLS certificate as it is: the log is
#                       judged by its signatures
#   VALIDATE_BACKUPS VALIDATE_IDENTITY   backups and the age identity to open
#                       them with, for the restore drill
#   VALIDATE_RUNBOOKS   folder of the runbooks
#   VALIDATE_ISSUES VALIDATE_HAMMER      certificates of a run of issue-35ms;
#                       requests without a token until the limit must show
#   TRUSTCHAIN_CA OPENSSL                the programs to use
#
# "local" without VALIDATE_CA brings up CA, log, witnesses and dashboard in a
# scratch folder of this machine, asks them, and takes them down again.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
export VALIDATE_RUNBOOKS=${VALIDATE_RUNBOOKS:-$here/../runbooks}

wants_lab() {
	local a
	[ "${1:-}" = local ] && [ -z "${VALIDATE_CA:-}" ] || return 1
	for a; do
		[ "$a" != --list ] && [ "$a" != --help ] || return 1
	done
}

if wants_lab "$@"; then
	cd "$top"
	# shellcheck source=deploy/trustchain/infrastructure/local-deployment.sh
	. deploy/trustchain/infrastructure/local-deployment.sh
	local_up
fi
# Not exec: what was brought up ends with this shell.
/usr/bin/python3 "$here/validate.py" "$@"
