#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Restore a backup of this machine's CA, log and witness:
#
#   restore-from-backup.sh <backup-id> [--identity FILE] [--dry-run]
#                          [restore's other flags]
#
# The identity is TRUSTCHAIN_BACKUP_IDENTITY, or /etc/trustchain/backup-identity.txt
# below the root folder; it is kept off the machine and brought for this.  With
# --dry-run nothing changes.  Exit codes are those of trustchain-ca(8): 2 usage,
# 3 state is not empty or a daemon runs, 5 the backup is damaged.
set -euo pipefail

usage() {
	sed -n '3,12s/^#\( \|$\)//p' "$0" >&2
	exit 2
}

[ $# -ge 1 ] || usage
id=$1
shift
[[ $id =~ ^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$ ]] || usage
root=${TRUSTCHAIN_ROOT:-}
identity=${TRUSTCHAIN_BACKUP_IDENTITY:-$root/etc/trustchain/backup-identity.txt}
flags=()
dry=
while [ $# -gt 0 ]; do
	case $1 in
	--identity)
		[ $# -ge 2 ] || usage
		identity=$2
		shift
		;;
	--identity=*) identity=${1#*=} ;;
	--dry-run)
		dry=1
		flags+=("$1")
		;;
	*) flags+=("$1") ;;
	esac
	shift
done
ca=${TRUSTCHAIN_CA:-trustchain-ca}
command -v "$ca" >/dev/null || {
	echo "[ERROR] $ca is not installed; fix: make install" >&2
	exit 2
}
[ -r "$identity" ] || {
	echo "[ERROR] $identity: no identity to open the backup with; fix: --identity FILE" >&2
	exit 2
}

# A CA that runs would be restored under its feet.
if [ -z "$dry" ] && [ -S "$root/run/trustchain/trustchain-ca.ctl" ] && "$ca" ${root:+--root "$root"} list --limit 1 >/dev/null 2>&1; then
	echo "[ERROR] trustchain-ca runs; fix: systemctl stop trustchain-ca" >&2
	exit 3
fi
code=0
"$ca" restore "$id" ${root:+--root "$root"} --identity "$identity" "${flags[@]}" || code=$?
if [ "$code" = 0 ] && [ -z "$dry" ]; then
	echo "[INFO] next: put passphrase files back that are missing, start trustchain-ct, then trustchain-ca"
fi
exit "$code"
