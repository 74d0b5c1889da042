#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run the tests of a finished build and count them.

    tools/check.py [gcc|san]

Each phase prints one line; what failed is listed at the end with the tail of
its output, and the last line is "N passed, N failed".  A cmocka program counts
as the test functions in it, anything else as one; what was skipped is named
and counts as neither.  Exit status 1 if anything failed or nothing ran.
"""

import glob
import json
import os
import re
import subprocess
import sys
import time

TAIL_LINES = 40
CMOCKA = re.compile(r"^\[  (PASSED|FAILED|SKIPPED) +\] (?:\w+: )?(\d+) test\(s\)", re.M)
PYTHON = "/usr/bin/python3"


class Count:
    def __init__(self):
        self.passed = 0
        self.failures = []  # (name, output, number of failed tests)
        self.skipped = []

    @property
    def failed(self):
        return sum(number for _, _, number in self.failures)

    def add(self, name, good, output):
        """Count one test program by what it says it did."""
        said = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
        for word, number in CMOCKA.findall(output):
            said[word] += int(number)
        if said["SKIPPED"]:
            self.skipped.append("%d of %s" % (said["SKIPPED"], name))
        if good:
            self.passed += said["PASSED"] or not said["SKIPPED"]
            return
        self.passed += said["PASSED"]
        self.failures.append((name, output, said["FAILED"] or 1))


def run_command(count, name, argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    count.add(name, done.returncode == 0, done.stdout)


def run_meson(count, build, suites, show):
    """Run suites of the build directory and read Meson's log of them."""
    base = "testlog-" + suites[0]
    log = os.path.join(build, "meson-logs", base + ".json")
    if os.path.exists(log):
        os.remove(log)
    argv = ["/usr/bin/meson", "test", "-C", build, "--no-rebuild",
            "--logbase", base]
    for suite in suites:
        argv += ["--suite", suite]
    if build == "build-san":
        argv += ["--timeout-multiplier", "4"]
    done = subprocess.run(argv, stdout=None if show else subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    ran = 0
    if os.path.exists(log):
        with open(log, encoding="utf-8") as f:
            for line in f:
                test = json.loads(line)
                ran += 1
                if test["result"] == "SKIP":
                    # A script says why in its last line.
                    why = test.get("stdout", "").strip().split("\n")[-1]
                    count.skipped.append("%s (%s)" % (test["name"], why))
                    continue
                count.add(test["name"], test["result"] == "OK",
                          "%s%s%s" % (test.get("stdout", ""),
                                      test.get("stderr", ""),
                                      "" if test["result"] != "TIMEOUT"
                                      else "\n(timed out)\n"))
    if ran == 0 or (done.returncode != 0 and not count.failures):
        count.failures.append(("meson test " + " ".join(suites),
                               done.stdout or "no test ran", 1))


def scripts():
    found = [".ci/run"]
    for top in ("tools", "tests", "bench", "deploy"):
        found += glob.glob(top + "/**/*.sh", recursive=True)
    return sorted(f for f in found if os.path.exists(f))


def phases(kind):
    if kind == "san":
        yield "unit tests and fuzz corpora, sanitized", lambda c: run_meson(
            c, "build-san", ("unit", "corpus"), False)
        return
    yield "tidy", lambda c: (
        run_command(c, "tidy", [PYTHON, "tools/tidy.py"]),
        run_command(c, "tidy's own tests", [PYTHON, "tools/test_tidy.py"]),
        run_command(c, "man pages", [PYTHON, "tools/test_man.py"]),
        run_command(c, "shellcheck", ["shellcheck", "-x"] + scripts()))
    yield "unit tests, fuzz corpora, timing", lambda c: run_meson(
        c, "build", ("unit", "corpus", "timing"), False)
    yield "interop and end-to-end tests", lambda c: run_meson(
        c, "build", ("e2e",), True)


def main():
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    os.environ.setdefault("ASAN_OPTIONS", "allow_addr2line=1")
    os.environ.setdefault("UBSAN_OPTIONS",
                          "halt_on_error=1:print_stacktrace=1")
    passed, failures, skipped = 0, [], []
    for name, phase in phases(sys.argv[1] if len(sys.argv) > 1 else "gcc"):
        count = Count()
        start = time.monotonic()
        print("check: %s ..." % name, flush=True)
        phase(count)
        print("check: %s: %d passed, %d failed (%.0f s)" % (
            name, count.passed, count.failed, time.monotonic() - start),
            flush=True)
        passed += count.passed
        failures += count.failures
        skipped += count.skipped
    for name, output, _ in failures:
        print("\n--- FAILED: %s" % name)
        print("\n".join(output.rstrip().split("\n")[-TAIL_LINES:]))
    if skipped:
        print("\nskipped, counted as neither: " + ", ".join(skipped))
    if failures:
        print("\nfailed: " + ", ".join(name for name, _, _ in failures))
    failed = sum(number for _, _, number in failures)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
