# SPDX-License-Identifier: MIT
"""The manuals are true: they have every key that the validator's tables know and no other,
with its default and its limits; every option of the programs; examples that wipyd takes.
What wipyctl's manual says of commands is made from their table. mandoc finds no fault."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(os.environ.get("top_srcdir", "."))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.environ.get("top_builddir", "build"))
PAGES = ["wipyboard.1", "wipyctl.1", "wipyd-inventory.5", "wipyd.8", "wipyd.yaml.5"]

# The tables of keys: where the keys of each stand in its page. The page of wipyd.yaml
# writes them in full; that of the inventory has a section for each group.
SETTINGS = {
    "settings.c": {"top_keys": "", "poll_keys": "poll.", "update_keys": "update.",
                   "brakes_keys": "brakes.", "enrolment_keys": "enrolment.",
                   "policy_table": "policy."},
    "settings_api.c": {"api_table": "api.", "role_table": "api.roles.",
                       "metrics_table": "api.metrics."},
    "settings_channels.c": {"table": "channels.NAME."},
    "settings_releases.c": {"table": "releases."},
}
INVENTORY = {
    "inventory.c": {"top_table": [("The file", "")]},
    "inventory_accept.c": {"accept_table": [("Keys of a type", "accept.")]},
    "inventory_domain.c": {"access_point_table": [("Keys of an access point", "")]},
    "inventory_login.c": {"login_keys": [("Keys of a board", "login.")]},
    "inventory_parts.c": {"board_table": [("Keys of a board", "")],
                          "type_table": [("Keys of a type", "")],
                          "site_table": [("Keys of a site", "")],
                          "defaults_table": [("defaults", "")],
                          "poll_table": [("Keys of a board", "poll.")],
                          "ports_table": [("Keys of a board", "ports.")]},
    "inventory_probes.c": {"probe_table": [("Probes", "")]},
}
WITH_LIMITS = {"INT", "DURATION", "PERCENT", "BYTES", "SIZE", "SHARE"}
WITH_DEFAULT = WITH_LIMITS | {"BOOL", "NAME"}
REFUSED = {("Keys of a board", "login.password")}  # known, to be refused with a sentence
GROUPS = {"poll", "update", "brakes", "enrolment", "policy", "releases", "channels", "api"}

# Where a key of the inventory's page stands in a file.
PLACE = {"Keys of a board": ["boards", 0], "Keys of a type": ["types", "t"],
         "Keys of a site": ["sites", "s"],
         "Keys of an access point": ["access-points", "a"],
         "Probes": ["boards", 0, "probes", 0]}

count = failed = 0


def ok(condition, text, *details):
    global count, failed
    count += 1
    failed += not condition
    print("%sok %d - %s" % ("" if condition else "not ", count, text))
    for detail in details if not condition else ():
        print("# %s" % (detail,))


def skip(text, why):
    global count
    count += 1
    print("ok %d - %s # SKIP %s" % (count, text, why))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def page(name):
    made = BUILD + "/docs/man/" + name
    return read(made if name == "wipyctl.1" else SOURCE + "/docs/man/" + name)


def tables(pattern):
    """{file: {table: {key: type}}} of the validator."""
    found = {}
    for path in glob.glob(SOURCE + "/daemon/edge/" + pattern):
        for table, body in re.findall(
                r"static const struct yaml_key (\w+)\[\] = \{\n(.*?)\n\};", read(path), re.S):
            keys = re.findall(r'^\t\{"([^"]+)",\s+YAML_KEY_(\w+)', body, re.M)
            found.setdefault(os.path.basename(path), {})[table] = dict(keys)
    return found


class Key:
    """An item of a page: its name, and what the text behind it says."""

    def __init__(self, section, name, text):
        self.section, self.name = section, name
        default = re.search(r"^Default: (\S+?)[.,;]?(?: |$)", text, re.M)
        limits = re.search(r"[Ff]rom (\S+) to (\S+)\.$", text, re.M)
        also = re.search(r"^\.Pq also of (.*)$", text, re.M)
        self.default = default and default[1]
        self.limits = limits and limits.groups()
        self.also = also[1].split(" , ") if also else []


def keys_of(text):
    """Every `.It Ic KEY` with the section that it stands in."""
    found, section = [], ""
    for part in re.split(r"(?m)^(?=\.S[hs] |\.It |\.El)", text):
        head = part.split("\n", 1)[0]
        if head.startswith((".Ss ", ".Sh ")):
            section = head[4:]
        match = re.match(r"\.It Ic (\S+)", head)
        if match:
            found.append(Key(section, match[1], part))
    return found


def same(got, want, text):
    ok(got == want, text, "only in the page: %s" % sorted(got - want),
       "only in the tables: %s" % sorted(want - got))


def settings_types():
    """{"poll.every": "DURATION"}."""
    return {SETTINGS[file].get(table, "?") + key: kind
            for file, rows in tables("settings*.c").items()
            for table, keys in rows.items() for key, kind in keys.items()}


def test_settings_keys():
    found = tables("settings*.c")
    ok({file: set(rows) for file, rows in found.items()} ==
       {file: set(rows) for file, rows in SETTINGS.items()},
       "every table of keys of wipyd.yaml is known here", found)
    keys, types = keys_of(page("wipyd.yaml.5")), settings_types()
    same({key.name for key in keys}, set(types) - GROUPS,
         "wipyd.yaml(5) has every key and no other")
    same({key.name for key in keys if key.limits},
         {name for name, kind in types.items() if kind in WITH_LIMITS},
         "wipyd.yaml(5) states the limits of each")


def test_inventory_keys():
    known, written, limited = set(), set(), set()
    found = tables("inventory*.c")
    ok({file: set(rows) for file, rows in found.items()} ==
       {file: set(rows) for file, rows in INVENTORY.items()},
       "every table of keys of inventory.yaml is known here", found)
    for file, rows in found.items():
        for table, keys in rows.items():
            for section, prefix in INVENTORY[file].get(table, [("?", "")]):
                known |= {(section, prefix + key) for key in keys}
                limited |= {(section, prefix + key) for key, kind in keys.items()
                            if kind in WITH_LIMITS}
    for key in keys_of(page("wipyd-inventory.5")):
        written.add((key.section, key.name))
        for place in key.also:
            written.add(("defaults" if place == "defaults" else "Keys of a " + place,
                         key.name))
    same(written, known - REFUSED, "wipyd-inventory(5) has every key, for every group")
    same({(key.section, key.name) for key in keys_of(page("wipyd-inventory.5"))
          if key.limits} | {("The file", "version")}, limited,
         "wipyd-inventory(5) states the limits of each")


def example_values(path):
    """What etc/*.yaml writes as comments, in full: {"poll.every": "5m"}. That these are
    the defaults is what tests/unit/test_settings.c holds."""
    values, groups = {}, []
    for line in read(path).splitlines():
        match = re.match(r"#( *)([a-z][a-z-]*):(?: +([^#\s][^#]*?))? *(?:#.*)?$", line)
        if not match:
            continue
        depth = len(match[1]) // 2
        groups = groups[:depth] + [match[2]]
        if match[3]:
            values[".".join(groups)] = match[3]
    return values


def test_defaults():
    values = example_values(SOURCE + "/etc/wipyd.yaml")
    types = settings_types()
    stated = {key.name: key.default for key in keys_of(page("wipyd.yaml.5"))
              if key.name in values and types[key.name] in WITH_DEFAULT
              and key.default != "no"}  # "no limit": etc/wipyd.yaml has an example there
    ok(len(stated) > 20 and stated == {name: values[name] for name in stated},
       "wipyd.yaml(5) states the defaults of etc/wipyd.yaml", stated, values)
    values = example_values(SOURCE + "/etc/inventory.yaml")
    stated = {"defaults." + key.name: key.default
              for key in keys_of(page("wipyd-inventory.5"))
              if key.section == "Keys of a board" and key.default in
              ("true", "micro", "banner", "23", "21")}
    ok(len(stated) == 5 and stated == {name: values.get(name) for name in stated},
       "wipyd-inventory(5) states the defaults of etc/inventory.yaml", stated, values)


# ---- limits, by asking wipyd ---------------------------------------------------------

UNITS = {"ms": (1, "ms"), "s": (1000, "ms"), "m": (60000, "ms"), "h": (3600000, "ms"),
         "d": (86400000, "ms"), "%": (1, "%"), "": (1, ""), "kB/s": (1, "kB/s"),
         "MB/s": (1000, "kB/s"), "GB/s": (1000000, "kB/s"),
         "KiB": (1024, "B"), "MiB": (1048576, "B")}


def moved(value, by):
    """The next value in that direction, in the smallest unit; None below zero."""
    number, unit = re.fullmatch(r"(\d+)(.*)", value).groups()
    factor, smallest = UNITS[unit]
    number = int(number) * factor + by
    return None if number < 0 else "%d%s" % (number, smallest)


def put(tree, path, value):
    """Sets the value at that path of groups and lists."""
    for name, child in zip(path, path[1:]):
        empty = [] if isinstance(child, int) else {}
        if isinstance(tree, list):
            if not tree:
                tree.append(empty)
            tree = tree[0]
        else:
            tree = tree.setdefault(name, empty)
    if isinstance(tree, list) and not tree:
        tree.append({})
    (tree[0] if isinstance(tree, list) else tree)[path[-1]] = value


def check(folder, settings, inventory):
    """wipyd -t of both texts: its exit code, and what it says."""
    for name, text in (("wipyd.yaml", settings), ("inventory.yaml", inventory)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    done = subprocess.run([BUILD + "/wipyd", "-t", "-c", "wipyd.yaml", "-i",
                           "inventory.yaml"], cwd=folder, capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stderr


def with_values(base, values):
    """The file, and the line of each of the values: [(path, value)]."""
    tree = json.loads(json.dumps(base))
    for at, (path, value) in enumerate(values):
        put(tree, path, "@%d:%s@" % (at, value))
    lines, where = json.dumps(tree, indent=1).splitlines(), {}
    for number, line in enumerate(lines):
        match = re.search(r'"@(\d+):(.*?)@"', line)
        if match:
            where[int(match[1])] = number + 1
            lines[number] = line.replace(match[0], match[2])
    return "\n".join(lines) + "\n", where


def limits_hold(name, base, limits, run):
    """limits: [(path, low, high)]. Every one is asked in the same file."""
    with tempfile.TemporaryDirectory(prefix="wipyd-manual.") as folder:
        for index, title in ((1, "least"), (2, "largest")):
            text, where = with_values(base, [(row[0], row[index]) for row in limits])
            code, said = run(folder, text)
            ok(code == 0 and len(where) == len(limits) > 3,
               "%s: the %s values that it states are taken" % (name, title), said, text)
            beyond = [(row[0], moved(row[index], -1 if index == 1 else 1))
                      for row in limits]
            beyond = [row for row in beyond if row[1] is not None]
            text, where = with_values(base, beyond)
            code, said = run(folder, text)
            refused = {int(line) for line in re.findall(r"(?m)^[^:\s]+:(\d+):", said)}
            missing = [beyond[at][0] for at, line in where.items() if line not in refused]
            ok(code == 2 and not missing,
               "%s: what is beyond the %s ones is refused" % (name, title), missing, said)


BOARD = {"name": "b", "address": "10.0.0.1", "family": "wipy"}
SMALL = json.dumps({"version": 1, "boards": [BOARD]})


def test_limits():
    limits = [(key.name.split("."), *key.limits)
              for key in keys_of(page("wipyd.yaml.5")) if key.limits]
    limits_hold("wipyd.yaml(5)", {"channels": {"NAME": {"url": "https://example.net/r"}}},
                limits, lambda folder, text: check(folder, text, SMALL))
    limits = [(PLACE[key.section] + key.name.split("."), *key.limits)
              for key in keys_of(page("wipyd-inventory.5")) if key.limits]
    limits_hold("wipyd-inventory(5)", {"version": 1, "boards": [BOARD]},
                distinct_ports(limits),
                lambda folder, text: check(folder, "{}\n", text))


def distinct_ports(limits):
    """Of two servers at one port the second is refused: only one is asked that is theirs."""
    return [row for row in limits if row[0][-1] != "ftp"]


# ---- options, examples, form ---------------------------------------------------------


def said_by(program, option):
    return subprocess.run([BUILD + "/" + program, option], check=True,
                          capture_output=True, text=True).stdout


def test_options():
    manual = page("wipyd.8")
    same(set(re.findall(r"(?m)^\.It Fl (\w)", manual)),
         set(re.findall(r"(?<=[ \[]-)\w\b", said_by("wipyd", "-h"))),
         "wipyd(8) has every option")
    manual, said = page("wipyboard.1"), said_by("wipyboard", "--help")
    same(set(re.findall(r"(?m)^\.It Fl -([a-z0-9-]+)", manual)),
         set(re.findall(r"(?<![a-z])--([a-z0-9-]+)", said)), "wipyboard(1) has every option")
    faults = manual.split(".Ss Faults", 1)[1]
    same(set(re.findall(r"(?m)^\.It Cm ([a-z0-9-]+)", faults)) | {"clear"},
         set(re.findall(r"([a-z0-9-]+)(?:=[A-Z:]+)?(?=[,;])", said.split("Faults: ", 1)[1]
                        .split("PHASE is", 1)[0])), "wipyboard(1) has every fault")
    commands = said.split("number or `all`):", 1)[1].split("Faults:", 1)[0]
    same(set(re.findall(r"(?m)^\.It Cm ([a-z-]+)",
                        manual.split(".Sh ASKING", 1)[1].split(".Ss Faults", 1)[0])),
         set(re.findall(r"(?:^|, |,\n)\s*([a-z-]+)", commands)),
         "wipyboard(1) has every command")


def test_examples():
    with tempfile.TemporaryDirectory(prefix="wipyd-manual.") as folder:
        for name in PAGES:
            for kind, text in re.findall(
                    r'(?m)^\.\\" check: (\S+)\n\.Bd -literal.*\n((?:.*\n)*?)\.Ed', page(name)):
                settings = text if kind == "wipyd.yaml" else "{}\n"
                inventory = text if kind == "inventory.yaml" else SMALL
                code, said = check(folder, settings, inventory)
                ok(code == 0, "%s: wipyd takes its example of %s" % (name, kind), said, text)


def test_made():
    manual = page("wipyctl.1")
    heads = [" ".join(re.findall(r"(?m)^\.Cm (.*)$", item)[:1])
             for item in re.findall(r"(?m)^\.It Xo\n((?:.*\n)*?)\.Xc", manual)]
    listed = re.findall(r"(?m)^  ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)",
                        said_by("wipyctl", "help").split("options of every", 1)[0])
    ok(heads and "@" + "COMMANDS@" not in manual and
       all(any(line == head or line.startswith(head + " ") for head in heads)
           for line in listed) and len(heads) == len(listed),
       "wipyctl(1) has every command that help lists", heads, listed)


def test_selectors():
    section = page("wipyctl.1").split(".Sh SELECTORS", 1)[1].split("Its keys are", 1)[1]
    same(set(re.findall(r"[a-z-]+", " ".join(
        line[4:] for line in section.split("and labels", 1)[0].splitlines()))),
         set(re.findall(r'\[SELECTOR_\w+\] = "([a-z-]+)"',
                        read(SOURCE + "/daemon/core/selector.c"))),
         "wipyctl(1) has every key of a selector")


def test_form():
    ours = {name.rsplit(".", 1)[0]: name.rsplit(".", 1)[1] for name in PAGES}
    for name in PAGES:
        text = page(name)
        wrong = [match for match in re.findall(r"(?m)^\.Xr (\S+) (\d)", text)
                 if ours.get(match[0]) != match[1] and match != ("systemd", "1")]
        need = ["SYNOPSIS", "EXIT STATUS"] if not name.endswith("5") else []
        need += ["DESCRIPTION", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"]
        missing = [title for title in need if "\n.Sh %s\n" % title not in text]
        ok(not wrong and not missing, name + ": its sections, and pages that there are",
           wrong, missing)


def test_lint():
    title = "mandoc finds nothing in the manuals"
    if shutil.which("mandoc") is None:
        skip(title, "no mandoc here")
        return
    paths = [(BUILD if name == "wipyctl.1" else SOURCE) + "/docs/man/" + name
             for name in PAGES]
    said = subprocess.run(["mandoc", "-Tlint", *paths], capture_output=True, text=True,
                          check=False).stdout
    # Which other pages are installed on this machine is nothing of ours.
    said = [line for line in said.splitlines() if "referenced manual not found" not in line]
    ok(not said, title, *said)


def main():
    test_settings_keys()
    test_inventory_keys()
    test_defaults()
    test_limits()
    test_options()
    test_examples()
    test_made()
    test_selectors()
    test_form()
    test_lint()
    print("1..%d" % count)
    sys.exit(1 if failed else 0)


main()
