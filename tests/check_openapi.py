#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/openapi.yaml against the table of routes (tests/print_routes), the problems in the
sources, and the list of routes in docs/api.md, which --print prints."""

import glob
import os
import re
import subprocess
import sys

SOURCE = os.path.abspath(os.environ.get("top_srcdir", "."))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.environ.get("top_builddir", "build"))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(SOURCE, "tests", "e2e"))

import openapi  # noqa: E402  (the path comes first)

BEGIN, END = "| request | role | |\n|---|---|---|\n", "\n\n"


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def starred(path):
    return re.sub(r"\{\w+\}", "*", path)


def described(doc):
    """{(method, path): (role, dry run, parameters)} of the file."""
    found = {}
    for method, path, operation in doc.operations():
        query = {doc.deref(one)["name"] for one in operation.get("parameters", ())
                 if doc.deref(one)["in"] == "query"}
        found[method, starred(path)] = (
            operation["x-role"], operation.get("x-dry-run") == "viewer", query)
    return found


def answered():
    """The same of the daemon."""
    printed = subprocess.run([BUILD + "/tests/print_routes"], check=True,
                             capture_output=True, text=True).stdout
    found = {}
    for line in printed.splitlines():
        method, path, role, dry, *query = line.split()
        found[method, path] = (role, dry == "dry-run", set(query))
    return found


def route_faults(doc):
    ours, theirs = described(doc), answered()
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            yield "%s %s: the file has %s, the daemon %s" % (
                *key, ours.get(key), theirs.get(key))


def path_faults(doc):
    for method, path, operation in doc.operations():
        names = [one["name"] for one in operation.get("parameters", ())
                 if one["in"] == "path"]
        if names != re.findall(r"\{(\w+)\}", path):
            yield "%s %s: its path has other names than %s" % (method, path, names)


def schema_faults(doc):
    for schema in doc.schemas():
        for key in set(schema) - openapi.KNOWN:
            yield "%r: the tests do not know %s" % (str(schema)[:60], key)
    text = read("docs/openapi.yaml")
    wanted = set(re.findall(r"#/components/([\w/]+)", text))
    there = {"%s/%s" % (kind, name) for kind in ("schemas", "responses")
             for name in doc.file["components"][kind]}
    for name in sorted(wanted ^ there):
        yield "components/%s: %s" % (name, "nobody refers to it" if name in there
                                     else "it is not there")


def enum_faults(doc):
    """The states are those of the machines."""
    machines = {"TaskState": "A task", "RolloutState": "A rollout",
                "WaveState": "A wave", "Reach": "Whether a board answers",
                "Access": "What is known of a board's login",
                "VersionState": "What a board runs"}
    fsm = read("docs/fsm.md")
    for name, title in machines.items():
        part = re.search(r"^## %s.*?(?=\n\n\| from|\n## )" % title, fsm, re.S | re.M)
        states = re.findall(r"^\| ([a-z-]+) \|", part.group(), re.M)
        states = [state for state in states if state != "state"]
        if doc.file["components"]["schemas"][name]["enum"] != states:
            yield "%s: docs/fsm.md has %s" % (name, states)


def code_faults(doc):
    """Codes that the sources write out, each with its status, and the other way round."""
    sources = "".join(read(os.path.relpath(path, SOURCE)) for folder in
                      ("daemon", "daemon/core", "daemon/edge", "common")
                      for path in sorted(glob.glob("%s/%s/*.[ch]" % (SOURCE, folder))))
    known = {}
    for _, _, operation in doc.operations():
        for status, codes in doc.problems(operation).items():
            known.setdefault(status, set()).update(codes)
    anywhere = doc.file["components"]["responses"]["Problem"]["description"]
    said = set(re.findall(
        r'api_problem(?:_json)?\(\s*(?:[\w>-]+,\s*)?(\d{3}),\s*"([a-z-]+)"', sources))
    for status, code in sorted(said):
        if code not in known.get(status, ()) and "`%s`" % code not in anywhere:
            yield "%s %s: no route in the file names it" % (status, code)
    for status, codes in sorted(known.items()):
        for code in sorted(codes):
            if '"%s"' % code not in sources:
                yield "%s %s: the daemon has no such code" % (status, code)


def listing(doc):
    """The list of routes for docs/api.md."""
    def line(method, path, operation):
        name = path + ("?" + "&".join(one["name"] for one in operation["parameters"]
                                      if one["in"] == "query")
                       if any(one["in"] == "query"
                              for one in operation.get("parameters", ())) else "")
        role = operation["x-role"]
        return "| `%s %s` | %s | %s |" % (
            method, name, "" if role == "none" else role, operation["summary"])
    return "\n".join(line(*one) for one in doc.operations())


def listing_faults(doc):
    text = read("docs/api.md")
    if BEGIN + listing(doc) + END not in text:
        yield ("docs/api.md has another list of routes: put in what "
               "`tests/check_openapi.py --print` prints")


def main():
    if not openapi.yaml:
        print("1..0 # SKIP no YAML for python (python3-yaml)")
        return 0
    doc = openapi.Openapi(SOURCE)
    if sys.argv[1:] == ["--print"]:
        print(BEGIN + listing(doc))
        return 0
    failed = 0
    checks = (route_faults, path_faults, schema_faults, enum_faults, code_faults,
              listing_faults)
    for i, check in enumerate(checks):
        faults = list(check(doc))
        failed += bool(faults)
        print("%sok %d - %s" % ("not " if faults else "", i + 1,
                                check.__name__.replace("_", " ")))
        for fault in faults:
            print("# " + fault)
    print("1..%d" % len(checks))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
