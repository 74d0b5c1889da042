#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What our wrappers cost: packets, key exchange and signatures beside "openssl
# speed", or beside OpenSSL's own interface where that does other work (see
# crypto_speed.c), and BLAKE3 beside b3sum with one thread.  One JSON object on
# stdout, progress on stderr.
#
#   crypto.sh               ROUNDS=5 SECONDS_EACH=0.5 SIZE_MIB=1024
#
# Each round measures both sides one after the other, in seconds of CPU.  A
# side's rate is its best: whatever else the machine does only slows.  Bounds: wrappers at least 0.95 of
# what they wrap, BLAKE3 at least 0.90 of b3sum.
set -euo pipefail

cd "$(dirname "$0")/.."
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-0.5}
size_mib=${SIZE_MIB:-1024}
openssl=$(tools/setup.sh --openssl)
dir=$(mktemp -d "${TMPDIR:-/tmp}/troth-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# ours NAME...: lines "ours NAME RATE" into the round's file.
ours() {
	local name
	for name; do
		build/bench/crypto_speed "$seconds" "$name" |
			sed 's/^/ours\t/' >>"$dir/rates"
	done
}

# theirs ALGORITHM OPERATION...: the same of "openssl speed", which gives the
# rates of an algorithm's operations in this order; "-" is left out.
theirs() {
	local algorithm=$1 rates rate
	shift
	rates=$("$openssl" speed -mr -seconds 1 "$algorithm" 2>/dev/null |
		sed -nE 's/^\+F[0-9]+:[0-9]+:([0-9]+:)?(Ed25519:)?//p')
	IFS=: read -ra rate <<<"$rates"
	for name; do
		[ "$name" = - ] || printf 'openssl speed\t%s\t%s\n' "$name" \
			"${rate[0]}" >>"$dir/rates"
		rate=("${rate[@]:1}")
	done
}

# seconds_of NAME COMMAND...: CPU seconds of a command, as a rate in MiB/s.
seconds_of() {
	local name=$1 TIMEFORMAT='%U %S' took
	shift
	took=$({ time "$@" >"$dir/hash.$name"; } 2>&1)
	printf '%s\tBLAKE3\t%s\n' "$name" \
		"$(bc -l <<<"$size_mib * 1048576 / (${took/ /+})")" >>"$dir/rates"
}

head -c "$size_mib"M /dev/urandom >"$dir/data"
for round in $(seq "$rounds"); do
	echo "bench: round $round of $rounds" >&2
	ours "AES-256-GCM packet" "ChaCha20-Poly1305 packet" X25519
	theirs ecdhx25519 X25519 -
	for n in 768 1024; do
		ours "ML-KEM-$n"
		theirs "ML-KEM-$n" "ML-KEM-$n keygen" "ML-KEM-$n encaps" \
			"ML-KEM-$n decaps"
	done
	ours Ed25519
	theirs ed25519 "Ed25519 sign" "Ed25519 verify"
	ours P-256
	theirs ecdsap256 "P-256 sign" "P-256 verify"
	for n in 44 65 87; do
		ours "ML-DSA-$n"
		theirs "ML-DSA-$n" - "ML-DSA-$n sign" "ML-DSA-$n verify"
	done
	# Whoever is first to touch the file in a while pays for it.
	cat "$dir/data" >/dev/null
	for _ in 1 2 3; do
		seconds_of ours build/bench/crypto_speed blake3 "$dir/data"
		seconds_of b3sum b3sum --no-names --num-threads 1 "$dir/data"
		cmp "$dir/hash.ours" "$dir/hash.b3sum"
	done
	echo >>"$dir/rates"
done

/usr/bin/python3 - "$dir/rates" >"$dir/rows" <<'PYTHON'
import json
import sys

rounds, names = [{}], []
for line in open(sys.argv[1]):
    if line == "\n":
        rounds.append({})
        continue
    who, name, rate = line.rstrip("\n").split("\t")
    if name.endswith(" direct"):
        who, name = "OpenSSL's interface", name[:-len(" direct")]
    rate = max(float(rate), rounds[-1].get((name, who), 0))
    rounds[-1][name, who] = rate
    if name not in names:
        names.append(name)
rounds.pop()
rows = []
for name in names:
    whos = sorted({w for r in rounds for n, w in r if n == name} - {"ours"})
    row = {"name": name,
           "unit": "bytes/s" if name.endswith(("packet", "BLAKE3")) else "1/s",
           "ours": round(max(r[name, "ours"] for r in rounds))}
    for who in whos:
        row[who] = round(max(r[name, who] for r in rounds))
    # What does the same work is compared with.
    same = "OpenSSL's interface" if "OpenSSL's interface" in whos else whos[0]
    ratios = sorted(r[name, "ours"] / r[name, same] for r in rounds)
    row.update(compared_with=same,
               ratio=round(row["ours"] / row[same], 3),
               ratios_of_rounds=[round(x, 3) for x in ratios],
               bound=0.90 if name == "BLAKE3" else 0.95)
    row["held"] = row["ratio"] >= row["bound"]
    rows.append(row)
print(json.dumps(rows))
PYTHON

# shellcheck disable=SC2016 # dpkg-query expands it
jq -n --arg commit "$(git rev-parse --short HEAD)" \
	--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
	--arg flags "$(sed -n 's/^flags[^:]*: //p' /proc/cpuinfo | head -1 |
		grep -oE '\b(aes|avx2|avx512f|vaes|sha_ni)\b' | tr '\n' ' ')" \
	--arg cores "$(nproc)" --arg kernel "$(uname -r)" \
	--arg load "$(cut -d' ' -f1 /proc/loadavg)" \
	--arg openssl "$("$openssl" version)" \
	--arg blake3 "$(PKG_CONFIG_PATH=$(tools/setup.sh --pkg-config-path) \
		pkg-config --modversion libblake3)" \
	--arg b3sum "$(b3sum --version)" --arg compiler "$(gcc -dumpfullversion)" \
	--arg rounds "$rounds" --slurpfile rows "$dir/rows" \
	'{benchmark: "crypto", commit: $commit,
		machine: {cpu: $cpu, flags: $flags, cores: ($cores | tonumber),
			kernel: $kernel, load: ($load | tonumber)},
		versions: {openssl: $openssl, blake3: $blake3, b3sum: $b3sum,
			gcc: $compiler},
		rounds: ($rounds | tonumber),
		held: ($rows[0] | all(.held)), results: $rows[0]}'
