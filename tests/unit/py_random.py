#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random integer programs must print the same on the board's Python and on this one.

    py_random.py RUN_PY [SEED [COUNT]]

RUN_PY runs programs that stand on its standard input, parted by a line "#---". Every
number that may leave 31 bits passes k(), which raises OverflowError here as the board
does in front of it. Divisors are zero once in a while only, and most programs must run
to their end, or little would be proven.
"""
import collections
import contextlib
import io
import random
import subprocess
import sys

INT_MAX = 0x3FFFFFFF
PART = "#---\n"
NAMES = ["a", "b", "c", "d"]
WHOLE = "whole"  # printed by a program that comes to its end
WHOLE_MIN = 0.8
ENDED_MIN = 0.01
PROGRAMS_WITH_MIN = 0.05  # the share that has to hold a kind of construct
KINDS = """
    + - * // % & | ^ << >> ** neg pos inv not compare chain and or conditional in is
    zero-divisor augmented swap star-args keyword default call recursion lambda global
    if elif else while while-else for for-else break continue return
    try except except-tuple except-as try-else finally raise reraise assert
    index store-item store-slice slice bool-slice range-slice del append list-of list-target
    unpack-iterator unpack-wrong enumerate zip sorted minmax sum divmod abs
    dict dict-item dict-items format str-slice str-in isinstance
""".split()


class Program:
    """Draws the lines of one program."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.loops = 0
        self.kinds = set()

    def pick(self, kinds):
        """One of these constructs, noted."""
        kind = self.rng.choice(kinds)
        self.kinds.add(kind)
        return kind

    def note(self, kind):
        self.kinds.add(kind)

    # ---- expressions

    def number(self):
        return str(self.rng.choice([0, 1, 2, 3, 5, 7, 10, 31, 100, 255, 1000, 65536]))

    def atom(self):
        roll = self.rng.randrange(12)
        if roll < 6:
            return self.rng.choice(NAMES)
        if roll < 9:
            return self.number()
        if roll < 10:
            self.note("index")
            return "l[%d]" % self.rng.randint(-3, 2)
        if roll < 11:
            self.note("dict-item")
            return "m[%d]" % self.rng.randrange(3)
        return "-" + self.number()

    def divisor(self, depth):
        """Not zero, as a rule."""
        roll = self.rng.randrange(24)
        if roll < 10:
            return self.rng.choice(["", "-"]) + self.rng.choice("1 2 3 5 7 10 31 1000".split())
        if roll < 23:
            return "(%s | 1)" % self.expression(depth)
        self.note("zero-divisor")
        return self.rng.choice(["%s", "(%s & 1)", "(%s %% 2)"]) % self.expression(depth)

    def arithmetic(self, depth):
        left = self.expression(depth)
        op = self.pick("+ - * // % // % & | ^ << >> **".split())
        if op in ("//", "%"):
            return "k(%s %s %s)" % (left, op, self.divisor(depth))
        right = self.expression(depth)
        if op == "*":
            right = "(%s & 63)" % right if self.rng.randrange(5) else right
        if op == "<<":
            right = "(%s & 7)" % right
        elif op == ">>":
            return "(%s >> (%s & 15))" % (left, right)
        elif op == "**":
            return "k((%s %% 9) ** (%s & 3))" % (left, right)
        return "k(%s %s %s)" % (left, op, right)

    def builtin(self, depth):
        kind = self.pick("sum minmax abs divmod sorted recursion lambda keyword default "
                         "star-args range-slice isinstance str-in bool-slice".split())
        x, y = self.expression(depth), self.expression(depth)
        n = self.rng.randint(-3, 3)
        return {
            "sum": "k(sum([%s, %s, %d]))" % (x, y, n),
            "minmax": "%s(%s, %s, %d)" % (self.rng.choice(["min", "max"]), x, y, n),
            "abs": "k(abs(%s))" % x,
            "divmod": "divmod(%s, %s)[%d]" % (x, self.rng.choice([-7, -2, 3, 10]), n & 1),
            "sorted": "sorted([%s, %s, %d])[%d]" % (x, y, n, n % 3),
            "recursion": "g(%s & 15)" % x,
            "lambda": "(lambda x, y=2: x ^ y)(%s)" % x,
            "keyword": "f(b=%s, a=%s)" % (x, y),
            "default": "f(%s)" % x,
            "star-args": "h(%s, %s, %d)" % (x, y, n),
            "range-slice": "len(range(%d, 9, 2)[%s:%d])" % (n, self.rng.choice(["", "1", "-2"]),
                                                            self.rng.randint(-4, 6)),
            "isinstance": "isinstance(%s, %s)" % (x, self.rng.choice(["bool", "int", "str"])),
            "str-in": "(str(%s) in str(%s))" % (x, y),
            "bool-slice": "len('abcd'[%s:])" % self.rng.choice(["True", "False", "1 < 2"]),
        }[kind]

    def expression(self, depth):
        rng = self.rng
        if depth == 0 or rng.randrange(6) == 0:
            return self.atom()
        depth -= 1
        roll = rng.randrange(24)
        if roll < 13:
            return self.arithmetic(depth)
        if roll < 16:
            return self.builtin(depth)
        left, right = self.expression(depth), self.expression(depth)
        if roll < 18:
            kind = self.pick(["neg", "pos", "inv", "not"])
            sign = {"neg": "-", "pos": "+", "inv": "~", "not": "not "}[kind]
            return "k(%s%s)" % (sign, left)
        kind = self.pick("compare chain and or conditional in is".split())
        comparison = rng.choice(["<", ">", "<=", ">=", "==", "!="])
        return {
            "compare": "(%s %s %s)" % (left, comparison, right),
            "chain": "(%s %s %s <= %s)" % (left, comparison, right, self.atom()),
            "and": "(%s and %s)" % (left, right),
            "or": "(%s or %s)" % (left, right),
            "conditional": "(%s if %s else %s)" % (left, right, self.atom()),
            "in": "(%s %s (%s, %s))" % (left, rng.choice(["in", "not in"]), right, self.atom()),
            "is": "((%s, None)[%d] is %sNone)" % (left, rng.randrange(2), rng.choice(["", "not "])),
        }[kind]

    # ---- statements

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def block(self, indent, depth, in_loop, in_function):
        for _ in range(self.rng.randint(1, 3)):
            self.statement(indent, depth, in_loop, in_function)

    def loop(self, indent, depth, in_function):
        rng = self.rng
        kind = self.pick(["for", "while", "enumerate", "zip", "dict-items"])
        name = rng.choice(NAMES)
        other = rng.choice([n for n in NAMES if n != name])
        heads = {
            "for": "for %s in range(%d, %d, %d):" % (
                name, rng.randint(-3, 3), rng.randint(-6, 6), rng.choice([1, 2, -1, -2])),
            "enumerate": "for %s, %s in enumerate(l[:3]):" % (name, other),
            "zip": "for [%s, %s] in zip(l[-2:], range(5)):" % (name, other),
            "dict-items": "for %s, %s in sorted(m.items())[:3]:" % (name, other),
        }
        if kind == "while":
            counter = "n%d" % self.loops
            self.loops += 1
            self.line(indent, "%s = 0" % counter)
            self.line(indent, "while %s < %d:" % (counter, rng.randint(0, 5)))
            self.line(indent + 1, "%s += 1" % counter)
        else:
            self.line(indent, heads[kind])
        self.block(indent + 1, depth - 1, True, in_function)
        if rng.randrange(3) == 0:
            self.note("while-else" if kind == "while" else "for-else")
            self.line(indent, "else:")
            self.block(indent + 1, 0, False, in_function)

    def raising(self, indent):
        kind = self.pick(["raise", "assert", "unpack-wrong"])
        name = self.rng.choice(NAMES)
        self.line(indent, {
            "raise": "if %s & 1: raise ValueError(%s)" % (name, name),
            "assert": "assert %s & 1" % name,
            "unpack-wrong": "(_, %s), [_, c] = enumerate(l[:%s & 3])" % (name, name),
        }[kind])

    def guarded(self, indent, depth, in_loop, in_function):
        rng = self.rng
        form = rng.randrange(3)
        self.note("try")
        self.line(indent, "try:")
        self.block(indent + 1, depth - 1, in_loop, in_function)
        if form != 2 and rng.randrange(2):
            self.raising(indent + 1)
        if form != 2:
            kind = self.pick(["except", "except-tuple", "except-as"])
            self.line(indent, {
                "except": "except ArithmeticError:",
                "except-tuple": "except (ValueError, ZeroDivisionError, TypeError):",
                "except-as": "except Exception as e:",
            }[kind])
            self.line(indent + 1, "print('caught')")
            self.block(indent + 1, 0, in_loop, in_function)
            if rng.randrange(6) == 0:
                self.note("reraise")
                self.line(indent + 1, "if %s > 9: raise" % rng.choice(NAMES))
            if kind != "except-as":
                self.line(indent, "except Exception:")
                self.line(indent + 1, "print('other')")
            if rng.randrange(3) == 0:
                self.note("try-else")
                self.line(indent, "else:")
                self.block(indent + 1, 0, in_loop, in_function)
        if form != 0:
            self.note("finally")
            self.line(indent, "finally:")
            self.line(indent + 1, "print('finally', %s)" % rng.choice(NAMES))

    def choice(self, indent, depth, in_loop, in_function):
        self.note("if")
        self.line(indent, "if %s:" % self.expression(2))
        self.block(indent + 1, depth - 1, in_loop, in_function)
        if self.rng.randrange(2):
            self.note("elif")
            self.line(indent, "elif %s:" % self.expression(1))
            self.block(indent + 1, 0, in_loop, in_function)
        if self.rng.randrange(2):
            self.note("else")
            self.line(indent, "else:")
            self.block(indent + 1, 0, in_loop, in_function)

    def augmented(self, indent):
        """What cannot leave 31 bits halfway: there is no k() for it."""
        name = self.rng.choice(NAMES)
        op = self.pick(["+", "-", "//", "%", "&", "|", "^", ">>"])
        self.note("augmented")
        if op in "+-":
            self.line(indent, "%s >>= 1" % name)
            self.line(indent, "%s %s= (%s >> 1)" % (name, op, self.expression(1)))
        elif op in ("//", "%"):
            self.line(indent, "%s %s= %d" % (name, op, self.rng.choice([1, 2, 7, 100])))
        else:
            right = "%s & 7" if op == ">>" else "%s"
            self.line(indent, "%s %s= %s" % (name, op, right % self.expression(1)))

    def container(self, indent):
        kind = self.pick("store-item store-slice slice del append list-of list-target unpack-iterator "
                         "dict format str-slice".split())
        x = self.expression(1)
        name, other = self.rng.sample(NAMES, 2)
        n = self.rng.randint(-3, 2)
        bound = self.rng.choice(["", "1", "-2", "%s & 3" % name])
        step = self.rng.choice(["1", "2", "-1", "-2"])
        for text in {
                "store-item": ["l[%d] = %s" % (n, x)],
                "slice": ["print(l[%s:%d:%s])" % (bound, n, step)],
                "store-slice": ["l[%s:%d] = [%s, %d]" % (bound, n, x, n), "del l[4:]",
                                "l += [5, 7, 9][len(l) - 4:] if len(l) < 4 else []"],
                "del": ["del l[%d]" % n, "l.append(%s)" % x],
                "append": ["l.append(%s)" % x, "l = l[-4:]"],
                "list-of": ["print([x * 2 for x in range(%d) if x != %s & 1])" % (n + 3, name)],
                "list-target": ["[%s, [%s]] = %s, (1,)" % (name, other, x)],
                "unpack-iterator": ["%s, %s = reversed(l[-2:])" % (name, other)],
                "dict": ["m[%d] = %s" % (n, x), "print(sorted(m.items()), len(m), %d in m)" % n],
                "format": ["print('%%5d|%%-4s|%%x' %% (%s, %s, %s & 255))" % (x, name, other)],
                "str-slice": ["print(str(%s)[%s::%s])" % (x, bound, step)],
        }[kind]:
            self.line(indent, text)

    def statement(self, indent, depth, in_loop, in_function):
        rng = self.rng
        roll = rng.randrange(24)
        if depth > 0 and roll < 3:
            self.loop(indent, depth, in_function)
        elif depth > 0 and roll < 6:
            self.choice(indent, depth, in_loop, in_function)
        elif depth > 0 and roll < 8:
            self.guarded(indent, depth, in_loop, in_function)
        elif roll < 9 and in_loop:
            self.line(indent, self.pick(["break", "continue"]))
        elif roll < 10 and in_function:
            self.note("return")
            self.line(indent, "return %s" % self.expression(1))
        elif roll < 11:
            self.note("swap")
            self.line(indent, "%s, %s = %s, %s" % (
                *rng.sample(NAMES, 2), self.expression(1), self.expression(1)))
        elif roll < 13:
            self.augmented(indent)
        elif roll < 14 and not in_function:
            self.note("call")
            self.line(indent, "%s = f(%s, %s)" % (
                rng.choice(NAMES), self.expression(1), self.expression(1)))
        elif roll < 17 and not in_function:
            self.container(indent)
        elif roll < 19:
            self.line(indent, "print(%s)" % self.expression(2))
        else:
            self.line(indent, "%s = %s" % (rng.choice(NAMES), self.expression(3)))

    def draw(self):
        self.note("global")
        for text in ("def g(n):", "    global calls", "    calls += 1",
                     "    return n if n < 2 else k(g(n - 1) + n)",
                     "def h(n, *more):", "    return n & len(more)",
                     "calls = 0", "l = [3, 1, 2, -5]", "m = {0: 7, 1: -2, 2: 0}"):
            self.line(0, text)
        # what expressions call may hold no expressions: it would not end
        self.line(0, "def f(a, b=3):")
        self.line(1, "return k(a - (b & 1023))")
        self.line(0, "def q(a, b=3):")
        self.line(1, "c = d = 1")
        self.block(1, 2, False, True)
        self.line(1, "return k(a - b)")
        self.line(0, "a = b = c = d = 1")
        self.line(0, "try:")
        for _ in range(self.rng.randint(3, 8)):
            self.statement(1, 3, False, False)
        self.line(1, "print(q(a, b), q(c), calls)")
        self.line(1, "print('%s')" % WHOLE)
        self.line(0, "except Exception as x:")
        self.line(1, "print(type(x) == ZeroDivisionError, type(x) == OverflowError)")
        self.line(0, "print(a, b, c, d, l, m)")
        return "\n".join(self.lines) + "\n"


def watch(value):
    if not -INT_MAX - 1 <= value <= INT_MAX:
        raise OverflowError
    return value


def expected(program):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "<stdin>", "exec"), {"k": watch, "__name__": "__main__"})
    return out.getvalue()


class Report:
    """TAP lines."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, good, text):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, text))

    def end(self):
        print("1..%d" % self.count)
        return 1 if self.failed else 0


def compare(report, run_py, programs, seed):
    source = PART.join("def k(v): return v\n" + program for program, _ in programs)
    got = subprocess.run([run_py], input=source, stdout=subprocess.PIPE, text=True,
                         check=True).stdout.split(PART)
    got += ["nothing"] * (len(programs) - len(got))
    wrong = [i for i, (_, want) in enumerate(programs) if got[i] != want]
    report.check(not wrong, "%d random programs print the same here and on the board, seed %d"
                 % (len(programs), seed))
    for i in wrong[:1]:
        print("# program %d of seed %d, one of %d" % (i, seed, len(wrong)))
        for title, text in (("program", programs[i][0]), ("want", programs[i][1]),
                            ("got", got[i])):
            print("# --- " + title)
            print("".join("# %s\n" % line for line in text.splitlines()), end="")


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20170108
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    rng = random.Random(seed)
    report = Report()
    programs = []
    kinds = collections.Counter()
    while len(programs) < count:
        program = Program(rng)
        text = program.draw()
        want = expected(text)
        if len(want) < 4000:
            programs.append((text, want))
            kinds.update(program.kinds)
    compare(report, sys.argv[1], programs, seed)
    whole = sum(WHOLE in want.splitlines() for _, want in programs)
    report.check(whole >= WHOLE_MIN * count, "most run to their end: %d of %d" % (whole, count))
    report.check(count - whole >= ENDED_MIN * count, "some do not: %d" % (count - whole))
    rare = [kind for kind in KINDS if kinds[kind] < PROGRAMS_WITH_MIN * count]
    report.check(not rare, "every kind of construct is in many of them")
    for kind in rare:
        print("# %s: in %d programs" % (kind, kinds[kind]))
    return report.end()


sys.exit(main())
