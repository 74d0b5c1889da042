#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The man pages say what the programs do: every configuration key with its
default and range, every command and option, and nothing that is not there."""

import glob
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEY = re.compile(
    r"OPS_CONFIG_KEY\(\s*(\w+),\s*\w+,\s*(\w+),\s*(NULL|\w+|\"[^\"]*\"),"
    r"\s*(\w+),\s*(\w+),\s*(NULL|\"[^\"]*\"),", re.S)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def number(text):
    """A bound, which may be a constant of the code."""
    if text.isdigit():
        return text
    for path in glob.glob(ROOT + "/src/*/*.[ch]"):
        m = re.search(r"\b%s(?: =)? (\d+)\b" % text,
                      read(os.path.relpath(path, ROOT)))
        if m:
            return m.group(1)
    raise KeyError(text)


def entries(page):
    """The text of each .It of a page by the keys that it names."""
    found = {}
    for item in re.findall(r"^\.It (.*)$", page, re.M):
        names, rest = re.match(
            r"((?:Ic )?[\w-]+(?: , [\w-]+)*)(.*)", item).groups()
        for name in names.replace("Ic ", "").split(" , "):
            found.setdefault(name, []).append(rest)
    return found


class ConfigurationTest(unittest.TestCase):
    def test_keys(self):
        page = entries(read("man/trustchain.toml.5"))
        keys = []
        for path in sorted(glob.glob(ROOT + "/src/trustchain/*_config.c")):
            code = re.sub(r"\\\n", " ", read(os.path.relpath(path, ROOT)))
            keys += KEY.findall(code)
        self.assertGreater(len(keys), 60)
        for kind, name, default, low, high, _ in keys:
            self.assertIn(name, page, "not in the page")
            said = " | ".join(page[name])
            if kind == "INT":
                low, high = number(low), number(high)
                self.assertTrue(any(
                    "%s to %s" % (low, high) in text and
                    re.search(r"Li %s\b" % default.strip('"'), text)
                    for text in page[name]),
                    "%s: %s to %s, default %s; the page says %s" % (
                        name, low, high, default, said))
            elif default == "NULL":
                self.assertIn("required", said, name)
            elif kind in ("BOOL", "ENUM", "STRING", "PATH") and \
                    default not in ('""',) and default.startswith('"'):
                self.assertIn(default.strip('"'), said, name)
        real = {name for _, name, *_ in keys} | {"default"}
        self.assertEqual(sorted(set(page) - real), [], "not in the code")


class CommandTest(unittest.TestCase):
    def options(self, pattern):
        found = set()
        for path in glob.glob(ROOT + pattern):
            found.update(re.findall(
                r'\{\s*"([a-z][a-z0-9-]*)",\s*OPS_CLI_(?:FLAG|VALUE|VALUES)\b',
                read(os.path.relpath(path, ROOT))))
        return found

    def test_options(self):
        common = set(re.findall(r'^\s*\{ "([a-z0-9-]+)", (?:no|required)_argument',
                                read("src/ops/cli.c"), re.M))
        self.assertIn("config", common)
        built = read("src/trustchain/meson.build")
        for program in ("ca", "ct"):
            if "'trustchain-%s'" % program not in built:
                continue
            page = read("man/trustchain-%s.8" % program)
            said = set(re.findall(r"Fl Fl ([a-z][a-z0-9-]*)", page))
            real = (self.options("/src/trustchain/%s_*.c" % program)
                    | self.options("/src/trustchain/trustchain_*.c"))
            if program == "ca":
                real |= self.options("/src/trustchain/bak_*.c")
                self.assertEqual(sorted(common - said), [], "common options")
            self.assertEqual(sorted(real - said), [], "not in the page")
            self.assertEqual(sorted(said - real - common), [],
                             "not in the program")


if __name__ == "__main__":
    unittest.main()
