# SPDX-License-Identifier: MIT
"""What the documents tell people to type: each `wipyctl ...` in them is a command with
options that it has; docs/fsm.md has the next steps of every state and code."""

import glob
import os
import re
import subprocess
import sys

SOURCE = os.path.abspath(os.environ.get("top_srcdir", "."))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.environ.get("top_builddir", "build"))


def wipyctl(*words):
    return subprocess.run([BUILD + "/wipyctl", *words], check=True, capture_output=True,
                          text=True).stdout


def option_words(text):
    """Each option of a help text, short and long."""
    return set(re.findall(r"(?<!\S)(--?[a-zA-Z][a-z-]*)", text))


def known_commands():
    """(its options, whether it takes arguments), by what is typed for it."""
    commands = {}
    listed, common = wipyctl("help").split("options of every command:")
    for line in listed.splitlines():
        match = re.match(r"  ((?:[a-z-]+ ?)+)", line)
        if match and not line.startswith("   "):
            command = match[1].strip()
            text = wipyctl("help", *command.split())
            use = text.splitlines()[0].split(command, 1)[1].replace("[OPTIONS]", "")
            commands[command] = (option_words(text) | option_words(common),
                                 bool(use.strip()))
    return commands


def typed(text):
    """The command lines of a document: in `...`, or lines of their own in a block."""
    found = re.findall(r"`(?:sudo )?wipyctl ([^`]*)`", " ".join(text.split()))
    found += re.findall(r"(?m)^(?: {4})?(?:sudo )?wipyctl ([a-z][^#\n]*)", text)
    return [line for whole in found for line in whole.split("; wipyctl ")]


def fault_of(line, commands):
    """What is wrong with a command line; "": nothing."""
    words = line.split()
    for count in (3, 2, 1):
        options, takes_more = commands.get(" ".join(words[:count]), (None, False))
        if options is None:
            continue
        rest = words[count:]
        if rest and not takes_more and rest[0][0] not in "-.[":
            return "'%s' is neither an option nor a command" % rest[0]
        unknown = [word for word in rest
                   if re.match(r"--?[a-zA-Z]", word) and word not in options]
        return "there is no " + ", ".join(unknown) if unknown else ""
    return "" if words[0].startswith("-") else "no such command"


def documents():
    for path in [os.path.join(SOURCE, "README.md")] + sorted(
            glob.glob(os.path.join(SOURCE, "docs", "*.md"))):
        with open(path, encoding="utf-8") as file:
            for line in typed(file.read()):
                yield os.path.relpath(path, SOURCE), line
    for path in sorted(glob.glob(os.path.join(SOURCE, "docs", "man", "*"))):
        with open(path, encoding="utf-8") as file:
            for line in re.findall(r"(?m)^\.(?:Pq )?Ic wipyctl ([a-z][^.,;\n]*)",
                                   file.read()):
                yield os.path.relpath(path, SOURCE), line.replace("Ar ", "").strip()


def main():
    commands = known_commands()
    finds = (fault_of("rollout undo ID --dry-run", commands) == "" and
             fault_of("events -n 5", commands) == "" and
             fault_of("rollout undo ID --reason x", commands) != "" and
             fault_of("rollout revert", commands) != "" and
             fault_of("undo ID", commands) != "")
    print("%sok 1 - a command or an option that is none is found" % ("" if finds else "not "))
    lines = list(documents())
    faults = ["%s: wipyctl %s: %s" % (where, line, fault_of(line, commands))
              for where, line in lines if fault_of(line, commands)]
    if len(lines) < 60:
        faults.append("only %d command lines were found" % len(lines))
    print("%sok 2 - the %d command lines of the documents can be typed" %
          ("not " if faults else "", len(lines)))
    for fault in faults:
        print("# " + fault)
    print("1..2")
    return 0 if finds and not faults else 1


if __name__ == "__main__":
    sys.exit(main())
