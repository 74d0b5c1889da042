#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule of tidy.py is broken once in a small tree and has to be found;
the unbroken tree has to pass."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tidy  # noqa: E402

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"

TREE = {
    "meson.build": "executable('replay', 'tests/fuzz_replay.c')\n",
    "tests/fuzz_replay.c": SPDX + "int\nmain(void)\n{\n\treturn 0;\n}\n",
    "tests/corpus/wire_hex/one": "00",
    "src/wire/meson.build":
        "wire_src = files('hex.c')\n"
        "unit_tests += [\n  ['wire', 'more_rows', [wire_dep, a_dep]],\n"
        "  ['wire', 'hex', wire_dep],\n]\n"
        "fuzz_targets += [['wire', 'hex', wire_dep]]\n",
    "src/wire/hex.h": SPDX + """
#include <stddef.h>

/**
 * wire_hex_size(n):
 * Return the digits of ${n} bytes.
 */
size_t wire_hex_size(size_t n);

/**
 * wire_hex_upper(c):
 * wire_hex_lower(c):
 * Return the digit in that case.
 */
int wire_hex_upper(int c);
int wire_hex_lower(int c);
""",
    "src/wire/hex.c": SPDX + """
#include "wire/hex.h"

size_t
wire_hex_size(size_t n)
{
	goto out;
out:
	return 2 * n;
}
""",
    "src/wire/test_hex.c": SPDX + '#include "wire/hex.h"\n',
    "src/wire/fuzz_hex.c": SPDX + '#include "wire/hex.h"\n',
}


def function(body, head="int\nwire_hex_more(void)"):
    return head + "\n{\n" + body + "}\n"


class TidyTest(unittest.TestCase):
    def findings(self, changes):
        tree = dict(TREE)
        for path, text in changes.items():
            if text is None:
                del tree[path]
            elif text.startswith("+"):
                tree[path] += text[1:]
            else:
                tree[path] = text
        with tempfile.TemporaryDirectory() as root:
            for path, text in tree.items():
                path = os.path.join(root, path)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as f:
                    f.write(text)
                if path.endswith(".sh"):
                    os.chmod(path, 0o755)
            return [text for _, _, text in tidy.Tidy(root).run()]

    def fires(self, expected, changes):
        found = self.findings(changes)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def in_hex(self, expected, body):
        self.fires(expected, {"src/wire/hex.c": "+" + function(body)})

    def clean(self, changes):
        self.assertEqual(self.findings(changes), [])

    def test_clean_tree(self):
        self.clean({})

    def other(self, folder, include):
        """A second folder whose only file includes this."""
        return {
            "src/%s/meson.build" % folder: "files('a.c')\n",
            "src/%s/a.c" % folder: SPDX + '#include "%s"\n' % include,
        }

    def test_tiers(self):
        self.fires("may not include", self.other("base", "wire/hex.h"))
        self.clean(self.other("pki", "wire/hex.h"))

    def test_edges(self):
        for folder, found in (("crypto", 0), ("wire", 0), ("base", 1)):
            changes = self.other(folder, "wire/hex.h")
            if folder == "wire":
                continue
            self.assertEqual(len(self.findings(changes)), found, folder)
        merkle = {
            "src/merkle/meson.build": "files('t.c')\n",
            "src/merkle/t.c": SPDX + '#include "merkle/t.h"\n',
            "src/merkle/t.h": SPDX,
        }
        self.clean({**merkle, **self.other("pki", "merkle/t.h")})
        self.fires("may not include",
                   {**merkle, **self.other("acme", "merkle/t.h")})

    def test_runtime_does_not_include_ops(self):
        ops = {
            "src/ops/meson.build": "files('l.c')\n",
            "src/ops/l.c": SPDX + '#include "ops/l.h"\n',
            "src/ops/l.h": SPDX,
        }
        self.fires("may not include",
                   {**ops, **self.other("store", "ops/l.h")})

    def test_products_are_apart(self):
        ca = {
            "src/trustchain/meson.build": "files('ca.c')\n",
            "src/trustchain/ca.c": SPDX + '#include "trustchain/ca.h"\n',
            "src/trustchain/ca.h": SPDX,
        }
        self.fires("may not include",
                   {**ca, **self.other("b4ae", "trustchain/ca.h")})

    def test_unknown_folder(self):
        self.fires("in no tier", self.other("util", "wire/hex.h"))

    def test_internal_header(self):
        self.fires("is internal to", {
            "src/wire/hex_internal.h": SPDX,
            **self.other("pki", "wire/hex_internal.h")})

    def test_unrooted_include(self):
        self.fires("is not a path below",
                   {"src/wire/test_hex.c": '+#include "hex.h"\n'})

    def test_own_header_first(self):
        text = TREE["src/wire/hex.c"].replace(
            "#include", "#include <stdio.h>\n#include", 1)
        self.fires("first include", {"src/wire/hex.c": text})

    def test_licence(self):
        self.fires("SPDX", {"src/wire/test_hex.c": '#include "wire/hex.h"\n'})

    def test_banned_calls(self):
        for name in tidy.BANNED:
            self.in_hex("%s is banned" % name, "\t%s(a);\n" % name)
        self.clean({"src/wire/hex.c": "+" + function(
            '\t/* sprintf(a) */\n\tf("gets(a)");\n\tx->gets(a);\n')})

    def test_pure_below_the_runtime(self):
        self.in_hex("in tier 1", "\ttime(NULL);\n")
        self.in_hex("in tier 1", '\tfprintf(stderr, "x");\n')
        self.clean({"src/wire/test_hex.c":
                    "+" + function("\ttime(NULL);\n")})

    def test_secret_comparison(self):
        self.in_hex("base_ct_equal", "\treturn memcmp(a->mac, tag, 16);\n")
        self.clean({"src/wire/hex.c": "+" + function(
            "\treturn memcmp(macro, stage, 16);\n")})

    def test_function_length(self):
        head, lines = "int\nwire_hex_more(void)", tidy.FUNCTION_LINES_MAX - 4
        self.clean({"src/wire/hex.c": "+\n" + function("\tf();\n" * lines,
                                                       head)})
        self.fires("wire_hex_more has %d lines" % (lines + 5), {
            "src/wire/hex.c": "+\n" + function("\tf();\n" * (lines + 1),
                                               head)})

    def test_brace_of_its_own(self):
        self.fires("opening brace", {
            "src/wire/hex.c": "+int f(void) {\n\treturn 0;\n}\n"})

    def test_parameters(self):
        self.fires("7 parameters", {"src/wire/hex.c": "+" + function(
            "", "int\nwire_hex_more(int a, int b, int c, int (*d)(int, int), "
            "int e,\n    int f, int g)")})
        self.clean({"src/wire/hex.c": "+" + function(
            "", "int\nwire_hex_more(int a, int b, int c, int (*d)(int, int), "
            "int e,\n    int f)")})
        self.fires("7 parameters", {"src/wire/hex.h": """+
/**
 * wire_hex_more(): much.
 */
int wire_hex_more(int a, int b, int c, int d, int e, int f, int g);
"""})

    def test_file_length(self):
        most = tidy.SOURCE_LINES_MAX
        self.clean({"src/wire/test_hex.c": "+" + "\n" * (most - 2)})
        self.fires("%d lines" % (most + 1),
                   {"src/wire/test_hex.c": "+" + "\n" * (most - 1)})

    def test_header_length(self):
        self.fires("at most %d" % tidy.HEADER_LINES_MAX,
                   {"src/wire/hex.h": "+" + "\n" * tidy.HEADER_LINES_MAX})

    def test_visible_header_lines(self):
        changes = {}
        previous = "wire/hex.h"
        for n in range(4):
            changes["src/wire/h%d.h" % n] = \
                SPDX + '#include "%s"\n' % previous + "\n" * 150
            previous = "wire/h%d.h" % n
        self.clean({**changes, "src/wire/test_hex.c":
                    '+#include "%s"\n' % previous})
        self.fires("project-header lines visible", {
            **changes, "src/wire/hex.c": '+#include "%s"\n' % previous})

    def test_preprocessor_in_function(self):
        self.in_hex("#if in the body", "#if X\n\tf();\n#endif\n")
        self.in_hex("#ifdef in the body", "#ifdef X\n\tf();\n#endif\n")

    def test_goto_backward(self):
        self.in_hex("does not lead forward", "again:\n\tgoto again;\n")

    def test_contracts(self):
        for text in ("int wire_hex_more(int c);\n",
                     "/* plain comment */\nint wire_hex_more(int c);\n",
                     "/** far away */\n\n\nint wire_hex_more(int c);\n",
                     "/** x */\nstruct a {\n\tint b;\n};\n"
                     "int wire_hex_more(int c);\n",
                     "static inline int\nwire_hex_more(int c)\n"
                     "{\n\treturn c;\n}\n"):
            self.fires("wire_hex_more has no /** contract */",
                       {"src/wire/hex.h": "+\n" + text})
        # Under the contract of another that does not name it.
        self.fires("no /** contract */", {
            "src/wire/hex.h": "+int wire_hex_more(int c);\n"})
        self.clean({"src/wire/hex.h": """+
struct a {
	int (*call)(int);
};
typedef int (*wire_hex_call)(int);
#define WIRE_HEX(a) \\
	(f(a))
/** Something. */
int wire_hex_more(int c) __attribute__((warn_unused_result));
"""})

    def test_public_names(self):
        self.fires("does not begin with wire_",
                   {"src/wire/hex.h": "+/** x */\nint hex_more(int c);\n"})
        self.clean({"src/wire/hex.h": "+/** x */\nstatic inline int\n"
                    "more(int c)\n{\n\treturn c;\n}\n"})

    def test_mutable_globals(self):
        for text in ("static int more;\n", "int more;\n",
                     "static struct hex more[] = {\n\t{ 1 },\n};\n",
                     "static unsigned char more[20];\n",
                     "static const char *const a = b;\n"
                     "static struct hex *more = NULL;\n"):
            self.fires("more is a mutable global",
                       {"src/wire/hex.c": "+" + text})
        self.clean({"src/wire/hex.c": "+" + """
struct hex;
enum hex_case { UPPER };
static const int a = 1, b = 2;
static const struct hex more[] = {
	{ 1 },
};
static int more_of(int);
extern const int c;
typedef int d;
const char *const words[] = { "a" };
static int
function(void)
{
	int local = 0;
	return local;
}
"""})

    def test_typedef_and_thread_local(self):
        self.fires("typedef struct",
                   {"src/wire/hex.c": "+typedef struct a b;\n"})
        self.fires("thread-local",
                   {"src/wire/hex.c": "+static _Thread_local int a;\n"})

    def test_source_not_built(self):
        self.fires("no meson.build lists", {"src/wire/more.c": SPDX})
        self.fires("no meson.build lists", {"tests/more.c": SPDX})

    def test_header_not_included(self):
        self.fires("no file includes", {"src/wire/more.h": SPDX})

    def test_test_not_built(self):
        self.fires("not a row of unit_tests", {"src/wire/test_more.c": SPDX})
        self.fires("not a row of unit_tests", {
            "src/wire/test_more.c": SPDX, "src/wire/meson.build":
            "+# unit_tests += [['wire', 'more', wire_dep]]\n"})

    def test_fuzz_target_not_built(self):
        found = self.findings({"src/wire/fuzz_more.c": SPDX})
        self.assertIn("not a row of fuzz_targets", found)

    def test_timing_test_not_built(self):
        self.fires("not a row of timing_tests",
                   {"src/wire/timing_more.c": SPDX})

    def test_corpus_empty(self):
        self.fires("corpus tests/corpus/wire_hex is empty",
                   {"tests/corpus/wire_hex/one": None})
        self.fires("corpus tests/corpus/wire_hex is empty",
                   {"tests/corpus/wire_hex/one": ""})

    def test_corpus_without_target(self):
        self.fires("is not there", {"tests/corpus/wire_more/one": "1"})

    def test_script_not_run(self):
        for listed, expected in (("e2e_tests = ['a.sh']\n", []),
                                 ("e2e_tests = []\n",
                                  ["no row of e2e_tests"])):
            self.assertEqual(self.findings({
                "tests/e2e/a.sh": "#!/bin/sh\n",
                "tests/e2e/data.txt": "1\n",
                "tests/e2e/meson.build": listed}), expected)

    def test_program_without_page(self):
        row = "programs += [['wired', files('hex.c'), [a_dep, wire_dep]]]\n"
        self.fires("wired has no page", {"src/wire/meson.build": "+" + row})
        self.clean({"src/wire/meson.build": "+" + row,
                    "man/wired.8": "page\n"})

    def test_typedef_of_prototype_is_no_prototype(self):
        self.clean({"src/wire/hex.h": "+extern const int a[2];\n"})


if __name__ == "__main__":
    unittest.main()
