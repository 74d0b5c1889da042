#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Check the rules of doc/architecture.md and CONTRIBUTING.md that a compiler
does not: which folder may include which, what code in a folder may call, how
long functions and files may grow, that every public prototype has a contract,
and that no file, test or fuzz target is left out of the build.

    tools/tidy.py [ROOT]

Prints one line per finding, file:line: text, and exits 1 if there is any.
There is no list of exceptions: where a rule is wrong, the rule changes, with
the reason in doc/adr.
"""

import os
import re
import sys

TIERS = (
    ("base",),
    ("wire", "crypto"),
    ("merkle", "pki", "acme", "session", "ratchet", "attest", "mesh", "field",
     "curve", "groth16", "circuit", "clearing"),
    ("loop", "net", "http", "quic", "store", "keys", "audit", "ops"),
    ("trustchain", "b4ae", "aether", "nano", "settle", "troth", "sim"),
)
TIER = {folder: n for n, tier in enumerate(TIERS) for folder in tier}

# Which folder may include which other folder of its own tier.
EDGES = {
    "crypto": ("wire",),
    "pki": ("merkle",),
    "acme": ("pki",),
    "mesh": ("merkle", "attest"),
    "curve": ("field",),
    "groth16": ("curve",),
    "circuit": ("field",),
    "clearing": ("groth16", "circuit", "curve", "merkle"),
    "net": ("loop",),
    "http": ("net", "loop"),
    "quic": ("net", "loop"),
    "store": ("loop",),
    "keys": ("loop", "store"),
    "audit": ("store", "keys"),
    "ops": ("loop", "net", "http", "audit"),
}

FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 6
SOURCE_LINES_MAX = 600
HEADER_LINES_MAX = 200
VISIBLE_LINES_MAX = 500

BANNED = {
    "strcpy": "use base/str.h",
    "strcat": "use base/str.h",
    "sprintf": "use snprintf",
    "vsprintf": "use vsnprintf",
    "gets": "use base/str.h",
    "strtok": "use wire/cursor.h",
    "atoi": "use base/str.h",
    "atol": "use base/str.h",
    "atoll": "use base/str.h",
    "atof": "use base/str.h",
    "rand": "take a struct rng",
    "srand": "take a struct rng",
    "random": "take a struct rng",
    "drand48": "take a struct rng",
    "alloca": "use an arena",
    "system": "exec a program by its path",
    "popen": "exec a program by its path",
}

# What the folders below tier 3 may not do, for their tests may.
IMPURE = set("""
    open openat fopen freopen fdopen opendir read write pread pwrite unlink
    rename mkdir stat fstat lstat fsync fdatasync mmap
    socket connect bind listen accept accept4 send sendto sendmsg recv recvfrom
    recvmsg getaddrinfo poll select epoll_wait
    time gettimeofday clock_gettime clock localtime localtime_r
    getrandom getentropy RAND_bytes RAND_priv_bytes
    getenv secure_getenv setenv exit _exit quick_exit fork execve
    printf puts putchar perror syslog vsyslog err errx warn warnx
    pthread_create thrd_create
""".split())
# An assertion that fails has to say so before it aborts.
IMPURE_ABOVE_BASE = {"fprintf", "fputs", "vfprintf", "dprintf", "abort"}

SECRET_WORDS = set("""secret secrets password passphrase token tokens mac hmac
    tag seed priv private sk cookie""".split())

COMMENT_OR_STRING = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+("[^"\n]+"|<[^>\n]+>)', re.M)
CALL = re.compile(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(")
# A variable at file scope that is not constant.
GLOBAL = re.compile(
    r"^(?:static\s+)?(?!typedef|extern|return|const\b|enum \w+ \{)"
    r"(?:(?:volatile|unsigned|struct \w+|enum \w+|[a-z]\w*)[ \t*]+)+"
    r"(\w+)(?:\[[^\]\n]*\])*\s*(?:=|;)", re.M)
MEMCMP = re.compile(r"\b(?:memcmp|bcmp|strcmp|strncmp)\s*\(")
WORD = re.compile(r"[A-Za-z_]\w*")


class Source:
    """One C file: its text, and the text with comments and strings blanked
    out so that offsets and line numbers stay the same."""

    def __init__(self, root, path):
        with open(os.path.join(root, path), encoding="utf-8") as f:
            self.text = f.read()
        self.path = path
        self.name = os.path.basename(path)
        self.folder = path.split("/")[1] if path.startswith("src/") else None
        self.tier = TIER.get(self.folder)
        self.is_header = path.endswith(".h")
        self.is_test = self.name.startswith(("test_", "fuzz_", "timing_")) or \
            self.name.endswith(("_fixture.h", "_test.h")) or \
            not path.startswith("src/")
        self.code = COMMENT_OR_STRING.sub(blank, self.text)
        self.lines = self.text.count("\n")
        self.includes = [(self.line(m.start()), m.group(1))
                         for m in INCLUDE.finditer(self.text)]

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1


def blank(match):
    s = match.group(0)
    if s.startswith(("/*", "//")):
        return re.sub(r"[^\n]", " ", s)
    return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[-1]


class Function:
    """A definition: the opening and closing brace stand alone at column 1."""

    def __init__(self, first, last, name, parameters, body, body_line):
        self.first, self.last, self.name = first, last, name
        self.parameters, self.body, self.body_line = parameters, body, body_line


def functions(source):
    lines = source.code.split("\n")
    start = None
    for i, line in enumerate(lines):
        if line == "{" and start is None:
            start = i
        elif line == "}" and start is not None:
            first = start
            while first > 0 and lines[first - 1].strip() and \
                    not lines[first - 1].startswith(("#", "}")) and \
                    not lines[first - 1].rstrip().endswith((";", "*/")):
                first -= 1
            head = "\n".join(lines[first:start])
            m = re.search(r"^([A-Za-z_]\w*)\(", head, re.M) or CALL.search(head)
            if m:
                yield Function(first + 1, i + 1, m.group(1),
                               parameters(head, m.end() - 1),
                               "\n".join(lines[start:i + 1]), start + 1)
            start = None


def bracketed(code, opening):
    """The text between the bracket at this offset and its partner."""
    depth = 0
    for i in range(opening, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return code[opening + 1:i]
    return code[opening + 1:]


def parameters(code, opening):
    text = bracketed(code, opening)
    depth, count = 0, 1
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        count += c == "," and depth == 0
    return 0 if text.strip() in ("", "void") else count


def prototypes(source):
    """Yield (offset, name, number of parameters) of each function a header
    declares or defines at file scope."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), source.code,
                  flags=re.M)
    # extern "C" { ... } around declarations does not make a scope.
    code = re.sub(r'extern\s+" "\s*\{', lambda m: " " * len(m.group(0)), code)
    depth, start = 0, None
    for i, c in enumerate(code):
        if depth == 0 and start is None and not c.isspace() and c != "}":
            start = i
        if c == "{":
            if depth == 0 and "(" in code[start:i] and \
                    "=" not in code[start:i]:
                yield from declared(code, start, i)
                start = None
            depth += 1
        elif c == "}":
            depth = max(depth - 1, 0)
        elif c == ";" and depth == 0 and start is not None:
            yield from declared(code, start, i)
            start = None


def declared(code, start, end):
    statement = code[start:end]
    if statement.startswith(("typedef", "_Static_assert", "static_assert")) \
            or "{" in statement:
        return
    for m in CALL.finditer(statement):
        if m.group(1).startswith("__") or m.group(1).isupper():
            continue
        yield start, m.group(1), parameters(statement, m.end() - 1)
        return


class Tidy:
    def __init__(self, root):
        self.root = root
        self.found = []
        self.sources = {}
        self.meson = {}
        for top in ("src", "tests", "bench"):
            for folder, folders, names in os.walk(os.path.join(root, top)):
                folders.sort()
                for name in sorted(names):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    if name == "meson.build":
                        with open(os.path.join(folder, name)) as f:
                            self.meson[os.path.dirname(path)] = f.read()
                    elif name.endswith((".c", ".h", ".cc", ".hh")):
                        self.sources[path] = Source(root, path)
        path = os.path.join(root, "meson.build")
        if os.path.exists(path):
            with open(path) as f:
                self.meson[""] = f.read()

    def report(self, path, line, text):
        self.found.append((path, line, text))

    def run(self):
        for source in self.sources.values():
            self.check_start(source)
            self.check_includes(source)
            self.check_size(source)
            self.check_functions(source)
            self.check_calls(source)
            self.check_globals(source)
            self.check_contracts(source)
            self.check_built(source)
        self.check_scripts()
        self.check_programs()
        self.check_corpora()
        return sorted(set(self.found))

    def check_start(self, source):
        if not source.text.startswith(
                ("/* SPDX-License-Identifier: ", "// SPDX-License-Identifier: ")):
            self.report(source.path, 1, "first line is not the SPDX licence")
        if source.path.startswith("src/") and source.tier is None:
            self.report(source.path, 1,
                        "folder %s is in no tier" % source.folder)

    def check_includes(self, source):
        own = "%s/%s.h" % (source.folder, source.name.rsplit(".", 1)[0])
        if not source.is_header and not source.is_test and \
                "src/" + own in self.sources and \
                source.includes[:1] and source.includes[0][1] != '"%s"' % own:
            self.report(source.path, source.includes[0][0],
                        'the first include is not "%s"' % own)
        for line, name in source.includes:
            if name.startswith("<"):
                continue
            name = name.strip('"')
            if "src/" + name not in self.sources:
                self.report(source.path, line,
                            '"%s" is not a path below src/' % name)
                continue
            self.check_edge(source, line, name)

    def check_edge(self, source, line, name):
        folder = name.split("/")[0]
        if name.endswith("_internal.h") and source.folder != folder:
            self.report(source.path, line,
                        "%s is internal to src/%s" % (name, folder))
        if source.tier is None or folder not in TIER or \
                folder == source.folder or TIER[folder] < source.tier or \
                folder in EDGES.get(source.folder, ()):
            return
        self.report(source.path, line,
                    "%s (tier %d) may not include %s (tier %d)" % (
                        source.folder, source.tier, folder, TIER[folder]))

    def check_size(self, source):
        most = HEADER_LINES_MAX if source.is_header else SOURCE_LINES_MAX
        if source.lines > most:
            self.report(source.path, source.lines, "%d lines, at most %d" % (
                source.lines, most))
        if source.is_header or source.is_test or \
                (source.tier is not None and source.tier >= 4):
            return
        visible, todo = set(), [source]
        while todo:
            for _, name in todo.pop().includes:
                path = "src/" + name.strip('"')
                if path in self.sources and path not in visible:
                    visible.add(path)
                    todo.append(self.sources[path])
        total = sum(self.sources[p].lines for p in visible)
        if total > VISIBLE_LINES_MAX:
            self.report(source.path, 1,
                        "%d project-header lines visible, at most %d" % (
                            total, VISIBLE_LINES_MAX))

    def check_functions(self, source):
        for m in re.finditer(r"^[A-Za-z_][^\n;=]*\)[ \t]*\{[ \t]*$", source.code,
                             re.M):
            self.report(source.path, source.line(m.start()),
                        "a function's opening brace stands on its own line")
        for f in functions(source):
            length = f.last - f.first + 1
            if length > FUNCTION_LINES_MAX:
                self.report(source.path, f.first, "%s has %d lines, at most %d"
                            % (f.name, length, FUNCTION_LINES_MAX))
            if f.parameters > PARAMETERS_MAX:
                self.report(source.path, f.first,
                            "%s has %d parameters, at most %d" % (
                                f.name, f.parameters, PARAMETERS_MAX))
            for m in re.finditer(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else)\b",
                                 f.body, re.M):
                self.report(source.path,
                            f.body_line + f.body.count("\n", 0, m.start()),
                            "#%s in the body of %s" % (m.group(1), f.name))
            self.check_gotos(source, f)

    def check_gotos(self, source, f):
        for m in re.finditer(r"\bgoto\s+(\w+)\s*;", f.body):
            if not re.search(r"^[ \t]*%s:" % m.group(1), f.body[m.end():],
                             re.M):
                self.report(source.path,
                            f.body_line + f.body.count("\n", 0, m.start()),
                            "goto %s does not lead forward" % m.group(1))

    def check_calls(self, source):
        code = source.code
        for m in CALL.finditer(code):
            name = m.group(1)
            if name in BANNED:
                self.report(source.path, source.line(m.start()),
                            "%s is banned: %s" % (name, BANNED[name]))
            elif not source.is_test and source.tier is not None and \
                    source.tier < 3 and (name in IMPURE or (
                        source.tier > 0 and name in IMPURE_ABOVE_BASE)):
                self.report(source.path, source.line(m.start()),
                            "%s in tier %d, which reaches the outside only "
                            "through its arguments" % (name, source.tier))
        if not source.is_test:
            for m in MEMCMP.finditer(code):
                words = WORD.findall(bracketed(code, m.end() - 1))
                if any(part.lower() in SECRET_WORDS
                       for w in words for part in w.split("_")):
                    self.report(source.path, source.line(m.start()),
                                "a secret is compared with base_ct_equal")
        for m in re.finditer(r"\btypedef\s+(struct|union)\b", code):
            self.report(source.path, source.line(m.start()),
                        "typedef %s hides what it is" % m.group(1))
        for m in re.finditer(r"\b(__thread|_Thread_local|thread_local)\b",
                             code):
            self.report(source.path, source.line(m.start()),
                        "thread-local state")

    def check_globals(self, source):
        if source.is_test or source.is_header or source.path.endswith(".cc") \
                or source.name.endswith("_main.c"):
            return
        for m in GLOBAL.finditer(source.code):
            if not re.search(r"\b(const|struct \w+;|enum \w+;)",
                             m.group(0)):
                self.report(source.path, source.line(m.start()),
                            "%s is a mutable global" % m.group(1))

    def check_name(self, source, offset, name):
        """A public name begins with its folder; in a product's folder, with
        the first word of its file."""
        first = source.folder if source.tier is None or source.tier < 4 else \
            source.name[:-2].split("_")[0]
        if not source.is_test and not name.startswith(first + "_") and \
                not source.text[offset:].startswith("static"):
            self.report(source.path, source.line(offset),
                        "%s does not begin with %s_" % (name, first))

    def check_contracts(self, source):
        if not source.is_header or not source.path.startswith("src/"):
            return
        contract, previous_end = "", None
        for offset, name, count in prototypes(source):
            before = source.text[:offset]
            stripped = before.rstrip(" \t\n")
            gap = before[len(stripped):].count("\n")
            line = source.line(offset)
            self.check_name(source, offset, name)
            if count > PARAMETERS_MAX:
                self.report(source.path, line,
                            "%s has %d parameters, at most %d" % (
                                name, count, PARAMETERS_MAX))
            if stripped.endswith("*/") and gap <= 1:
                comment = stripped[stripped.rindex("/*"):]
                contract = comment if comment.startswith("/**") else ""
                good = bool(contract)
            else:
                # One contract may cover a group if it names each of them.
                good = gap <= 1 and previous_end is not None and \
                    re.search(r"\b%s\b" % name, contract) is not None
                if not good:
                    contract = ""
            if not good:
                self.report(source.path, line,
                            "%s has no /** contract */" % name)
            previous_end = offset

    def check_built(self, source):
        if source.is_header:
            if source.folder and not any(
                    source.path == "src/" + name.strip('"')
                    for s in self.sources.values() if s is not source
                    for _, name in s.includes):
                self.report(source.path, 1, "no file includes this header")
            return
        stem = source.name.rsplit(".", 1)[0]
        for prefix, table in (("test_", "unit_tests"),
                              ("fuzz_", "fuzz_targets"),
                              ("timing_", "timing_tests")):
            if source.folder and source.name.startswith(prefix):
                self.check_row(source, table, stem[len(prefix):])
                return
        if source.folder:
            here = self.meson.get(os.path.dirname(source.path), "")
            listed = "'%s'" % source.name in here
        else:
            listed = any(source.name in text for text in self.meson.values())
        if not listed:
            self.report(source.path, 1, "no meson.build lists this file")

    def check_row(self, source, table, module):
        text = self.meson.get("src/" + source.folder, "")
        text = re.sub(r"#[^\n]*", "", text)
        rows = [bracketed(text, m.end() - 1) for m in
                re.finditer(r"\b%s\s*\+=\s*\[" % table, text)]
        row = r"\[\s*'%s'\s*,\s*'%s'\s*," % (source.folder, module)
        if not any(re.search(row, r) for r in rows):
            self.report(source.path, 1, "not a row of %s" % table)
        if table == "fuzz_targets":
            corpus = "tests/corpus/%s_%s" % (source.folder, module)
            try:
                names = os.listdir(os.path.join(self.root, corpus))
            except OSError:
                names = []
            if not any(os.path.getsize(os.path.join(self.root, corpus, n))
                       for n in names if not n.startswith(".")):
                self.report(source.path, 1, "the corpus %s is empty" % corpus)


    def names(self, folder):
        try:
            return sorted(os.listdir(os.path.join(self.root, folder)))
        except OSError:
            return []

    def check_scripts(self):
        listed = self.meson.get("tests/e2e", "")
        for name in self.names("tests/e2e"):
            path = "tests/e2e/" + name
            if os.access(os.path.join(self.root, path), os.X_OK) and \
                    os.path.isfile(os.path.join(self.root, path)) and \
                    "'%s'" % name not in listed:
                self.report(path, 1, "no row of e2e_tests")

    def check_programs(self):
        pages = self.names("man")
        for folder, text in self.meson.items():
            text = re.sub(r"#[^\n]*", "", text)
            for m in re.finditer(r"\bprograms\s*\+=\s*\[", text):
                rows = bracketed(text, m.end() - 1)
                for name in re.findall(r"\[\s*'([^']+)'", rows):
                    if not any(p.rsplit(".", 1)[0] == name for p in pages):
                        self.report(os.path.join(folder, "meson.build"),
                                    text.count("\n", 0, m.start()) + 1,
                                    "%s has no page in man/" % name)

    def check_corpora(self):
        for name in self.names("tests/corpus"):
            if not os.path.isdir(os.path.join(self.root, "tests/corpus", name)):
                continue
            folder, _, module = name.partition("_")
            source = "src/%s/fuzz_%s.c" % (folder, module)
            if source not in self.sources:
                self.report("tests/corpus/" + name, 1,
                            "%s, which would read it, is not there" % source)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else \
        os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    tidy = Tidy(root)
    found = tidy.run()
    for path, line, text in found:
        print("%s:%d: %s" % (path, line, text))
    print("tidy: %d files, %d findings" % (len(tidy.sources), len(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
