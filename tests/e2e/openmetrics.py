# SPDX-License-Identifier: MIT
"""As much of a parser of OpenMetrics text as is needed to refuse what is none."""

import re

SUFFIXES = {"gauge": ("",), "counter": ("_total",), "info": ("_info",),
            "histogram": ("_bucket", "_count", "_sum")}
SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[n"\\])*)"(?:,(?=.)|$)')


def read_labels(text):
    labels, at = {}, 0
    while text and at < len(text):
        match = LABEL.match(text, at)
        assert match, "labels %r" % text
        assert match.group(1) not in labels, "a label twice: %r" % text
        labels[match.group(1)] = match.group(2)
        at = match.end()
    return labels


def read_comment(line, families, at):
    """# TYPE, # UNIT or # HELP of a family; returns its name. They come in this order."""
    _, word, name, rest = line.split(" ", 3)
    if word == "TYPE":
        assert name not in families, "%s comes twice" % name
        families[name] = {"type": rest}
        assert rest in SUFFIXES, line
    else:
        assert name == at and word not in families[name], line
        families[name][word] = rest
    if word == "UNIT":
        assert name.endswith("_" + rest), line
    return name


def check_histogram(name, rows):
    buckets = rows[name + "_bucket"]
    bounds = [float(labels["le"]) for labels, _ in buckets]
    values = [value for _, value in buckets]
    assert bounds == sorted(set(bounds)) and bounds[-1] == float("inf"), name
    assert values == sorted(values), "%s is not cumulative" % name
    assert values[-1] == rows[name + "_count"][0][1], "%s counts differently" % name


def parse(text):
    """({sample: [(labels, value)]}, {family: {type, UNIT, HELP}})"""
    assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1, "the end"
    rows, families, at = {}, {}, None
    for line in text.splitlines()[:-1]:
        if line.startswith("# "):
            at = read_comment(line, families, at)
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        name, labels, value = match.groups()
        assert name in [at + end for end in SUFFIXES[families[at]["type"]]], (
            "%s within %s" % (name, at))
        labels = read_labels(labels)
        assert labels not in [one for one, _ in rows.get(name, ())], "twice: " + line
        rows.setdefault(name, []).append((labels, float(value)))
    for name, family in families.items():
        assert family.get("HELP", "").endswith("."), "no sentence for " + name
        assert ("UNIT" in family) == name.endswith(("_seconds", "_bytes")), name
        if family["type"] == "histogram":
            check_histogram(name, rows)
    return rows, families


def fetch(exchange):
    """The same of a daemon; `exchange` gives the bytes of an answer."""
    head, text = exchange("/metrics").split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 "), head
    assert (b"content-type: application/openmetrics-text; version=1.0.0; "
            b"charset=utf-8") in head.lower(), head
    return parse(text.decode())


def not_monotonic(first, second, families):
    """Samples that fell, or vanished, though they count."""
    wrong = []
    for name, family in families.items():
        if family["type"] not in ("counter", "histogram"):
            continue
        for end in SUFFIXES[family["type"]]:
            later = {str(labels): value for labels, value in second.get(name + end, ())}
            wrong += ["%s %s" % (name + end, labels)
                      for labels, value in first.get(name + end, ())
                      if later.get(str(labels), -1) < value]
    return wrong
