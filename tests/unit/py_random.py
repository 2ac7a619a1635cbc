#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random integer programs must print the same on the board's Python and on this one.

    py_random.py RUN_PY [SEED [COUNT]]

RUN_PY runs programs that stand on its standard input, parted by a line "#---". Programs
whose numbers leave 31 bits here are drawn again: the board raises OverflowError there.
"""
import contextlib
import io
import random
import subprocess
import sys

INT_MAX = 0x3FFFFFFF
PART = "#---\n"
NAMES = ["a", "b", "c", "d"]


class TooLarge(Exception):
    """A number that the board cannot hold."""


class Program:
    """Draws the lines of one program. Every value passes k(), which watches its size
    here and gives it back unchanged there."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.loops = 0

    def number(self):
        return str(self.rng.choice([0, 1, 2, 3, 5, 7, 10, 31, 100, 255, 1000, 65536]))

    def atom(self):
        roll = self.rng.randrange(10)
        if roll < 6:
            return self.rng.choice(NAMES)
        if roll < 9:
            return self.number()
        return "-" + self.number()

    def expression(self, depth):
        rng = self.rng
        if depth == 0 or rng.randrange(6) == 0:
            return self.atom()
        left = self.expression(depth - 1)
        right = self.expression(depth - 1)
        roll = rng.randrange(24)
        if roll < 14:
            op = rng.choice(["+", "-", "*", "//", "%", "//", "%", "&", "|", "^"])
            return "k(%s %s %s)" % (left, op, right)
        if roll < 15:
            return "k(%s << (%s & 7))" % (left, right)
        if roll < 16:
            return "(%s >> (%s & 15))" % (left, right)
        if roll < 17:
            return "k((%s %% 9) ** (%s & 3))" % (left, right)
        if roll < 19:
            return "(%s %s %s)" % (rng.choice(["-", "+", "~", "not"]), "", left)
        if roll < 21:
            return "(%s %s %s)" % (left, rng.choice(["<", ">", "<=", ">=", "==", "!="]), right)
        if roll < 22:
            return "(%s < %s <= %s)" % (left, right, self.atom())
        if roll < 23:
            return "(%s %s %s)" % (left, rng.choice(["and", "or"]), right)
        return "(%s if %s else %s)" % (left, right, self.atom())

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def block(self, indent, depth, in_loop, in_function):
        for _ in range(self.rng.randint(1, 3)):
            self.statement(indent, depth, in_loop, in_function)

    def loop(self, indent, depth, in_function):
        rng = self.rng
        counter = "n%d" % self.loops
        self.loops += 1
        if rng.randrange(2):
            self.line(indent, "for %s in range(%d, %d, %d):" % (
                rng.choice(NAMES), rng.randint(-3, 3), rng.randint(-6, 6),
                rng.choice([1, 2, -1, -2])))
        else:
            self.line(indent, "%s = 0" % counter)
            self.line(indent, "while %s < %d:" % (counter, rng.randint(0, 5)))
            self.line(indent + 1, "%s += 1" % counter)
        self.block(indent + 1, depth - 1, True, in_function)
        if rng.randrange(4) == 0:
            self.line(indent, "else:")
            self.block(indent + 1, 0, False, in_function)

    def guarded(self, indent, depth, in_loop, in_function):
        rng = self.rng
        form = rng.randrange(3)
        self.line(indent, "try:")
        self.block(indent + 1, depth - 1, in_loop, in_function)
        if form != 2:
            kind = rng.choice(["ZeroDivisionError", "ArithmeticError", "(ValueError, ZeroDivisionError)"])
            self.line(indent, "except %s as e:" % kind)
            self.line(indent + 1, "print('caught')")
            self.block(indent + 1, 0, in_loop, in_function)
            if rng.randrange(3) == 0:
                self.line(indent, "else:")
                self.block(indent + 1, 0, in_loop, in_function)
        if form != 0:
            self.line(indent, "finally:")
            self.line(indent + 1, "print('finally', %s)" % rng.choice(NAMES))

    def statement(self, indent, depth, in_loop, in_function):
        rng = self.rng
        roll = rng.randrange(20)
        if depth > 0 and roll < 3:
            self.loop(indent, depth, in_function)
        elif depth > 0 and roll < 6:
            self.line(indent, "if %s:" % self.expression(2))
            self.block(indent + 1, depth - 1, in_loop, in_function)
            if rng.randrange(2):
                self.line(indent, "elif %s:" % self.expression(1))
                self.block(indent + 1, 0, in_loop, in_function)
            if rng.randrange(2):
                self.line(indent, "else:")
                self.block(indent + 1, 0, in_loop, in_function)
        elif depth > 0 and roll < 8:
            self.guarded(indent, depth, in_loop, in_function)
        elif roll < 9 and in_loop:
            self.line(indent, rng.choice(["break", "continue"]))
        elif roll < 10 and in_function:
            self.line(indent, "return %s" % self.expression(1))
        elif roll < 11:
            self.line(indent, "%s, %s = %s, %s" % (
                *rng.sample(NAMES, 2), self.expression(1), self.expression(1)))
        elif roll < 13:
            name = rng.choice(NAMES)
            self.line(indent, "%s %s= %s" % (
                name, rng.choice(["+", "-", "//", "%", "^"]), self.expression(1)))
            self.line(indent, "%s = k(%s)" % (name, name))
        elif roll < 14 and not in_function:
            self.line(indent, "%s = f(%s, %s)" % (
                rng.choice(NAMES), self.expression(1), self.expression(1)))
        elif roll < 16:
            self.line(indent, "print(%s)" % self.expression(2))
        else:
            self.line(indent, "%s = %s" % (rng.choice(NAMES), self.expression(3)))

    def draw(self):
        self.line(0, "def f(a, b=3):")
        self.line(1, "c = d = 1")
        self.block(1, 2, False, True)
        self.line(1, "return a - b")
        self.line(0, "a = b = c = d = 1")
        self.line(0, "try:")
        for _ in range(self.rng.randint(3, 8)):
            self.statement(1, 3, False, False)
        self.line(0, "except ZeroDivisionError:")
        self.line(1, "print('zero')")
        self.line(0, "print(a, b, c, d)")
        return "\n".join(self.lines) + "\n"


def watch(value):
    if not -INT_MAX - 1 <= value <= INT_MAX:
        raise TooLarge
    return value


def expected(program):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "<stdin>", "exec"), {"k": watch, "__name__": "__main__"})
    return out.getvalue()


def main():
    run_py = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20170108
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    rng = random.Random(seed)
    programs = []
    while len(programs) < count:
        program = Program(rng).draw()
        try:
            want = expected(program)
        except TooLarge:
            continue
        if len(want) < 4000:
            programs.append((program, want))
    source = PART.join("def k(v): return v\n" + program for program, _ in programs)
    got = subprocess.run([run_py], input=source, stdout=subprocess.PIPE, text=True,
                         check=True).stdout.split(PART)
    wrong = [i for i in range(count) if i >= len(got) or got[i] != programs[i][1]]
    print("%sok 1 - %d random programs print the same here and on the board, seed %d" % (
        "not " if wrong else "", count, seed))
    for i in wrong[:1]:
        print("# program %d of seed %d" % (i, seed))
        for title, text in (("program", programs[i][0]), ("want", programs[i][1]),
                            ("got", got[i] if i < len(got) else "nothing")):
            print("# --- " + title)
            print("".join("# %s\n" % line for line in text.splitlines()), end="")
    print("1..1")
    return 1 if wrong else 0


sys.exit(main())
