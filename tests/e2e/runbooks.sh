#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The commands of the runbooks do what the runbooks say: every block marked sh
# is run, in order, on a lab, with the programs in PATH as installed.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

books=$(realpath deploy/trustchain/runbooks)
lab_new
age-keygen -o "$LAB/identity.txt" 2>/dev/null
printf '[audit]\ncheckpoint_s = 1\n[backup]\nrecipients = ["%s"]\ninterval_h = 0\n' "$(age-keygen -y "$LAB/identity.txt")" >>"$LAB/etc/trustchain/ca.toml"
lab_start
for n in one two three; do
	lab_issue "$n.test" >/dev/null || lab_fail "issue"
done

# What an installed machine has: programs, and a service manager.
mkdir "$LAB/bin" "$LAB/work"
ln -s "$(realpath "$LAB_BIN/trustchain-ca")" "$(realpath "$LAB_BIN/trustchain-ct")" "$LAB/bin"
ln -s "$(realpath deploy/trustchain/scripts/restore-from-backup.sh)" "$LAB/bin"
ln -s "$(command -v "$OPENSSL")" "$LAB/bin/openssl"
cat >"$LAB/bin/systemctl" <<'SH'
#!/bin/bash
# stop|start trustchain-ca, by asking the test and waiting for its answer.
set -e
rm -f "$LAB/asked.done"
echo "$*" >"$LAB/asked"
until [ -e "$LAB/asked.done" ]; do sleep 0.1; done
SH
chmod +x "$LAB/bin/systemctl"
export LAB

# serve_requests PID: do what systemctl is asked for while PID runs.
serve_requests() {
	while kill -0 "$1" 2>/dev/null; do
		if [ -e "$LAB/asked" ]; then
			case $(cat "$LAB/asked") in
			"stop trustchain-ca")
				kill -TERM "$LAB_CA_PID"
				wait "$LAB_CA_PID" || true
				;;
			"start trustchain-ca") lab_serve_ca ;;
			*) lab_fail "systemctl $(cat "$LAB/asked")" ;;
			esac
			rm "$LAB/asked"
			touch "$LAB/asked.done"
		fi
		sleep 0.1
	done
}

for book in cert-rotation performance-tuning incident-response disaster-recovery; do
	awk '/^```sh$/ { on = 1; print "# block " ++n; next } /^```$/ { on = 0; next } on' "$books/$book.md" >"$LAB/$book.sh"
	blocks=$(grep -c '^# block' "$LAB/$book.sh") || lab_fail "$book has no commands"
	if ! "$LAB_BIN/trustchain-ca" halt --help >/dev/null 2>&1; then
		lab_say "NOTE: no halt in this version"
		sed -i '/^trustchain-ca \(halt\|resume\)$/d' "$LAB/$book.sh"
	fi
	(
		cd "$LAB/work"
		exec env PATH="$LAB/bin:$PATH" TRUSTCHAIN_ROOT="$LAB" CA="https://localhost:$LAB_CA_PORT" \
			CA_METRICS="http://[::1]:$LAB_METRICS_PORT" CT_METRICS="http://[::1]:$LAB_CT_METRICS_PORT" \
			ETC="$LAB/etc/trustchain" STATE="$LAB_STATE" BACKUPS="$LAB/var/backups/trustchain" \
			IDENTITY="$LAB/identity.txt" CURL_CA_BUNDLE="$LAB_ROOT_CERT" \
			bash -euxo pipefail "$LAB/$book.sh"
	) >"$LAB/log/$book.log" 2>&1 &
	pid=$!
	serve_requests "$pid"
	wait "$pid" || lab_fail "$book.md: $(tail -n 5 "$LAB/log/$book.log")"
	lab_say "$book.md: $blocks blocks"
done
# The test would notice: a command that does not exist.
sed 's/^trustchain-ca --check-config$/trustchain-ca --check-nonsense/' "$LAB/cert-rotation.sh" >"$LAB/wrong.sh"
if (cd "$LAB/work" && env PATH="$LAB/bin:$PATH" TRUSTCHAIN_ROOT="$LAB" CA="https://localhost:$LAB_CA_PORT" ETC="$LAB/etc/trustchain" \
	CURL_CA_BUNDLE="$LAB_ROOT_CERT" bash -euo pipefail "$LAB/wrong.sh") >/dev/null 2>&1; then
	lab_fail "a wrong command goes unnoticed"
fi
