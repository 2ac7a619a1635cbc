/* SPDX-License-Identifier: MIT
 *
 * The interpreter's core: programs and what they print; interrupts, sleeps, kept bytes.
 */
#include "tests/unit/py_rows.h"

static const struct row rows[] = {
	{"print(1+2*3)\n", "7\n"},
	/* work and nesting without bound */
	{"a = [0] * 20; b = [0] * 20\n"
	 "for i in range(7): a = [a] * 20; b = [b] * 20\n"
	 "try: a == b\n"
	 "except RuntimeError as x: print(x)\n",
		"maximum recursion depth exceeded\n"},
	{"a = (); b = (); d = {}\n"
	 "for i in range(200): a = (a, i % 7); b = (b, i % 7)\n"
	 "try: a == b\n"
	 "except RuntimeError as x: print(x)\n"
	 "try: a < b\n"
	 "except RuntimeError as x: print(x)\n",
		"maximum recursion depth exceeded\nmaximum recursion depth exceeded\n"},
	/* iterators that stand where they were when an instruction is tried again */
	{"for n in range(500): x = [0] * (n % 17); (a, b), (c, d) = enumerate('xy')\n"
	 "print(a, b, c, d)\n",
		"0 x 1 y\n"},
	{"n = 0\n"
	 "for i in range(500):\n"
	 "  x = [0] * (i % 17); n += len(dict(zip('abcd', '1234')))\n"
	 "print(n)\n",
		"2000\n"},
	{"n = 0\n"
	 "for i in range(300):\n"
	 "  x = [0] * (i % 17); l = [i]; l.extend(reversed('abc')); n += len(l)\n"
	 "print(n)\n",
		"1200\n"},
	{"n = 0\n"
	 "for i in range(300):\n"
	 "  x = [0] * (i % 17); n += len('+'.join(reversed('abcdef')))\n"
	 "print(n)\n",
		"3300\n"},
	{"n = 0\n"
	 "for i in range(300):\n"
	 "  x = [0] * (i % 17)\n"
	 "  try: max(reversed((1, 2, 3, 'a')))\n"
	 "  except TypeError: n += 1\n"
	 "print(n)\n",
		"300\n"},
	{"n = 0\n"
	 "for i in range(300):\n"
	 "  x = [0] * (i % 17)\n"
	 "  try: n += sum(reversed(('a', 2, 3)))\n"
	 "  except TypeError: n += 1\n"
	 "print(n)\n",
		"300\n"},
	/* what a MemoryError says */
	{"'ab' * 1000000", TRACE "1" MODULE "MemoryError: memory allocation failed, "
				 "allocating 2000000 bytes\n"},
	{"[0] * 1000000", TRACE "1" MODULE "MemoryError: memory allocation failed, "
				"allocating 4000000 bytes\n"},
	{"(1, 2) * 1000000000", TRACE "1" MODULE "MemoryError: memory allocation "
				      "failed, allocating 4294967295 bytes\n"},
	{"x = 'a' * 2\ntry: 'a' * 99999\nexcept MemoryError as e:\n"
	 "  x = [0] * 20\n  print(e)\n  print(repr(e))\n",
		"memory allocation failed, allocating 99999 bytes\n"
		"MemoryError('memory allocation failed, allocating 99999 bytes',)\n"},
	{"raise MemoryError", TRACE "1" MODULE "MemoryError: \n"},
	{"print(MemoryError, type(MemoryError))\n",
		"<class 'MemoryError'> <class 'type'>\n"},
	/* slices, targets, order */
	{"print('abc'[True:], 'abc'[False:True], [1, 2, 3][::True], (1, 2)[True])\n",
		"bc a [1, 2, 3] 2\n"},
	{"'abc'['a':]", TRACE "1" MODULE "TypeError: indices must be integers\n"},
	{"print(range(10)[1:3], range(9)[::-2], range(0, 9, 3)[:], range(5)[7:])\n",
		"range(1, 3) range(8, -1, -2) range(0, 9, 3) range(5, 5)\n"},
	{"print(len(range(1000000)[::3]), True in range(5), True in range(5, 0, -2), "
	 "'a' in range(3))\n",
		"333334 True True False\n"},
	{"[a, b] = [1, 2]\n[c] = 'x'\n[d, (e, [f])], g = (3, (4, [5])), 6\n"
	 "print(a, b, c, d, e, f, g)\n",
		"1 2 x 3 4 5 6\n"},
	{"x = [a, b] = c, d = 'pq'\nprint(x, a, b, c, d)\n", "pq p q p q\n"},
	{"for [a, b] in [(1, 2)]: print(a, b)\nprint([a for [a, b] in ['xy']])\n",
		"1 2\n['x']\n"},
	{"x = [0]\n[x[0], y] = 5, 6\nprint(x, y)\n", "[5] 6\n"},
	{"[] = []; () = ''; [[], a] = (), 1; (), b = x = [], [2]\n"
	 "for [] in [[], '']: print(a, b, x)\n",
		"1 [2] ([], [2])\n1 [2] ([], [2])\n"},
	{"[] = [1]", TRACE "1" MODULE "ValueError: wrong number of values to unpack\n"},
	{"() = 1", TRACE "1" MODULE "TypeError: object not iterable\n"},
	{"[] += []", TRACE "1" MODULE "SyntaxError: can't assign to expression\n"},
	{"[1, a] = 1, 2", TRACE "1" MODULE "SyntaxError: can't assign to literal\n"},
	{"[a + b] = 1", TRACE "1\nSyntaxError: invalid syntax\n"},
	{"[a] += [1]", TRACE "1" MODULE "SyntaxError: can't assign to expression\n"},
	{"a, b = enumerate([1, 2, 3])",
		TRACE "1" MODULE "ValueError: wrong number of values to unpack\n"},
	{"a, b = reversed([1])",
		TRACE "1" MODULE "ValueError: wrong number of values to unpack\n"},
	{"a, b, c = 'ab'",
		TRACE "1" MODULE "ValueError: wrong number of values to unpack\n"},
	{"print(sorted([1, True, 0, False, 1, 2, True]), "
	 "sorted([(True, 1), (1, 1), (False, 2), (0, 2)], reverse=True))\n",
		"[0, False, 1, True, 1, True, 2] "
		"[(True, 1), (1, 1), (False, 2), (0, 2)]\n"},
	{"l = [i * 37 % 101 for i in range(101)]\nl.sort()\n"
	 "print(l == list(range(101)))\nl.sort(reverse=True)\n"
	 "print(l == list(range(100, -1, -1)))\nl.reverse(); print(l[:3], l[-1])\n",
		"True\nTrue\n[0, 1, 2] 100\n"},
	{"print(list(enumerate('a', 7)))\n"
	 "try: list(enumerate('ab', 1073741822))\n"
	 "except OverflowError: print('large')\n",
		"[(7, 'a')]\nlarge\n"},
	{"x = [1, 2, 3, 4, 5]\ndel x[1:3]\nprint(x)\nx[1:2] = [7, 8, 9]\nprint(x)\n"
	 "x[9:] = 'ab'\nprint(x)\nx[2:0] = x\nprint(x)\nx[:] = ()\nprint(x)\n"
	 "x[:] = range(3); x[1:] += [5]; x[:True] = [6]\nprint(x)\n",
		"[1, 4, 5]\n[1, 7, 8, 9, 5]\n[1, 7, 8, 9, 5, 'a', 'b']\n"
		"[1, 7, 1, 7, 8, 9, 5, 'a', 'b', 8, 9, 5, 'a', 'b']\n[]\n"
		"[6, 1, 2, 5]\n"},
	{"x = []\nfor i in range(200): x[i // 2:i // 3] = (i,)\n"
	 "print(len(x), sum(x))\n",
		"200 19900\n"},
	{"x = [1]\nx[::2] = [1]", TRACE "2" MODULE "NotImplementedError: \n"},
	{"x = [1]\nx[:1] = 5", TRACE "2" MODULE "TypeError: object not iterable\n"},
	/* finding, in a time that grows with the lengths */
	{"print('abab'.find('ba'), 'abab'.rfind('ab'), 'aaab'.find('aab'), "
	 "'abcabcabd'.find('abcabd'), 'baaa'.rfind('baa'), 'a'.find(''), "
	 "'ab'.rfind(''), 'ab'.find('abc'), 'abab'.count('ab'), 'aaaa'.count('aa'))\n",
		"1 2 1 3 0 0 2 -1 2 2\n"},
	{"print('abcabc'.find('abc', 1), 'abcabc'.rfind('abc', 0, 5), "
	 "'abc'.find('c', 5), 'abc'.find('', 2, 1), 'abab'.replace('ab', 'c', 1), "
	 "'a--b--c'.split('--'))\n",
		"3 0 -1 -1 cab ['a', 'b', 'c']\n"},
	{"a = 'a' * 1500; b = 'a' * 700 + 'b'; c = 'b' + b[:-1]\n"
	 "print(b in a, c in a, a.find(b), a.rfind(c), (a + b).find(b), "
	 "(c + a).rfind(c))\n",
		"False False -1 -1 1500 0\n"},
	{"a = [0] * 20\n"
	 "for i in range(7): a = [a] * 20\n"
	 "try: str(a)\n"
	 "except MemoryError: print('memory')\n",
		"memory\n"},
	{"a = 1; d = {}\n"
	 "for i in range(7): a = (a,) * 30\n"
	 "try: d[a] = 1\n"
	 "except TypeError: print('no key')\n",
		"no key\n"},
	{"e = [1]\n"
	 "try:\n"
	 "  for i in range(20): e = enumerate(e)\n"
	 "except RuntimeError as x: print(x)\n",
		"maximum recursion depth exceeded\n"},
	{"try: len(range(-1073741823 - 1, 1073741823))\n"
	 "except OverflowError: print('too long')\n",
		"too long\n"},
	{"print(-7//2, -7%2, 7//-2, 7%-2, -7//-2, -7%-2)\n", "-4 1 -4 -1 3 -1\n"},
	{"print(0//5, 0%5, -1//1000, -1%1000)\n", "0 0 -1 999\n"},
	{"print(2**0, 2**10, (-2)**3, -2**2, 0**0, 1**1000)\n", "1 1024 -8 -4 1 1\n"},
	{"print(5&3, 5|3, 5^3, ~5, -5>>1, 5<<3, -1>>40)\n", "1 7 6 -6 -3 40 -1\n"},
	{"print(1<2, 1>2, 1<=1, 1>=2, 1==1, 1!=1)\n",
		"True False True False True False\n"},
	{"print(1<2<3, 1<3<2, 3>2>1>0, 1<2>1)\n", "True False True True\n"},
	{"print(not 1, not 0, not not 5)\n", "False True True\n"},
	{"print(1 and 2, 0 and 2, 1 or 2, 0 or 2, 0 or 0)\n", "2 0 1 2 0\n"},
	{"print(5 if 1 else 6, 5 if 0 else 6, (1 if 0 else 2) if 1 else 3)\n",
		"5 6 2\n"},
	{"print(1 if 0 else 2 if 0 else 3)\n", "3\n"},
	{"print(True+1, True*3, False-1, True&True, True|False, True^True, True&1)\n",
		"2 3 -1 True True False 1\n"},
	{"print(0x1f, 0o17, 0b101)\n", "31 15 5\n"},
	{"print((), (1,), (1,2), 1,)\n", "() (1,) (1, 2) 1\n"},
	{"print([], [1], [1,2,3,])\n", "[] [1] [1, 2, 3]\n"},
	{"print({}, {1:2}, {'a':1,'b':2,})\n", "{} {1: 2} {'a': 1, 'b': 2}\n"},
	{"print(None, True, False)\n", "None True False\n"},
	{"print('abc', \"a'b\", 'a\"b', 'a\\nb\\t', 'a\\\\b')\n",
		"abc a'b a\"b a\nb\t a\\b\n"},
	{"print('a' 'b' \"c\")\n", "abc\n"},
	{"print(b'abc', b'\\x00\\xff', b'a' b'b')\n", "b'abc' b'\\x00\\xff' b'ab'\n"},
	{"print(r'\\n', 'x' * 3, 3 * 'x', 'x' * 0, 'x' * -1)\n", "\\n xxx xxx  \n"},
	{"print('abc'[0], 'abc'[-1], 'abc'[1:], 'abc'[:1], 'abc'[::-1], "
	 "'abcdef'[1:5:2], 'abc'[5:])\n",
		"a c bc a cba bd \n"},
	{"print(b'abc'[0], b'abc'[1:], [1,2,3][1:], (1,2,3)[:2], (1,2,3)[::-1])\n",
		"97 b'bc' [2, 3] (1, 2) (3, 2, 1)\n"},
	{"print([1,2,3][-2:], [1,2,3][:-1], [1,2,3,4,5][4:0:-2])\n",
		"[2, 3] [1, 2] [5, 3]\n"},
	{"print([1]+[2], (1,)+(2,), [0]*3, (1,2)*2)\n",
		"[1, 2] (1, 2) [0, 0, 0] (1, 2, 1, 2)\n"},
	{"print('a' in 'abc', 'x' not in 'abc', 1 in [1,2], 3 in (1,2), 'k' in "
	 "{'k':1}, '' in '')\n",
		"True True True False True True\n"},
	{"print([1,2]==[1,2], (1,2)==(1,3), {1:2}=={1:2}, 'a'=='a', 'a'==1, [1]==(1,), "
	 "b'a'==b'a')\n",
		"True False True True False False True\n"},
	{"print([1,2]<[1,3], (1,)<(1,2), 'a'<'b', 'abc'<'abd', 'ab'<'abc')\n",
		"True True True True True\n"},
	{"print(None is None, 1 is not None, None == None)\n", "True True True\n"},
	{"print(len('abc'), len([1,2]), len(()), len({1:2}), len(range(5)), "
	 "len(b'ab'))\n",
		"3 2 0 1 5 2\n"},
	{"print((lambda x: x*2)(4), (lambda x, y=3: x+y)(1), (lambda: 5)())\n",
		"8 4 5\n"},
	{"print([x*x for x in range(4)], [x for x in range(9) if x%2], [(x,y) for x in "
	 "(1,2) for y in (3,4)])\n",
		"[0, 1, 4, 9] [1, 3, 5, 7] [(1, 3), (1, 4), (2, 3), (2, 4)]\n"},
	{"print([[y for y in range(x)] for x in range(3)])\n", "[[], [0], [0, 1]]\n"},
	{"print(range(3)[1], range(0,10,3)[2], 3 in range(5), 9 in range(0,10,3), 5 in "
	 "range(5))\n",
		"1 6 True True False\n"},
	{"print(1 == True, 0 == False, [1, True] == [True, 1])\n", "True True True\n"},
	{"print('%d %s' % (1, 'a'), 'ab' + 'cd')\n", "1 a abcd\n"},
	{"print(1073741823, -1073741823-1)\n", "1073741823 -1073741824\n"},
	{"print('a' if [] else 'b', 'a' if [0] else 'b', 'a' if '' else 'b', 'a' if {} "
	 "else 'b')\n",
		"b a b b\n"},
	{"print(((1,2),[3,{4:5}]))\n", "((1, 2), [3, {4: 5}])\n"},
	{"print(1 in [[1]], [1] in [[1]])\n", "False True\n"},
	{"print(-5 % 3 * 2, -(5 % 3), +5, --5, ~~5)\n", "2 -2 5 5 5\n"},
	{"print(1+1 == 2 and 3 or 4)\n", "3\n"},
	{"print(1 <= 2 != 3 in [3])\n", "True\n"},
	{"print('\\x41\\101\\u0042')\n", "AAB\n"},
	{"print(\"\"\"a\nb\"\"\")\n", "a\nb\n"},
	{"print(sorted([3,1,2]), min(3,1), max([1,5]), sum([1,2,3]), abs(-3))\n",
		"[1, 2, 3] 1 5 6 3\n"},
	{"print('a,b'.split(','), '-'.join(['a','b']), 'Abc'.upper(), ' a '.strip())\n",
		"['a', 'b'] a-b ABC a\n"},
	{"print(int('12'), int('-5'), str(5), repr('a'), bool([]), list((1,2)), "
	 "tuple([1]))\n",
		"12 -5 5 'a' False [1, 2] (1,)\n"},
	{"a = b = 3\nprint(a, b)\n", "3 3\n"},
	{"a, b = 1, 2\na, b = b, a\nprint(a, b)\n", "2 1\n"},
	{"a, (b, c) = 1, (2, 3)\nprint(a, b, c)\n", "1 2 3\n"},
	{"(a, b) = c = [4, 5]\nprint(a, b, c)\n", "4 5 [4, 5]\n"},
	{"x = [1, 2]\nx[0], x[1] = x[1], x[0]\nprint(x)\n", "[2, 1]\n"},
	{"x = [1, 2, 3]\nx[1] += 5\nx[-1] *= 2\nprint(x)\n", "[1, 7, 6]\n"},
	{"x = {}\nx['a'] = 1\nx['a'] += 1\nx['b'] = x['a']\nprint(x['a'], x['b'], "
	 "len(x))\ndel x['a']\nprint(x)\n",
		"2 2 2\n{'b': 2}\n"},
	{"x = [1, 2, 3]\ndel x[0]\nprint(x)\nx += [9]\nprint(x)\n",
		"[2, 3]\n[2, 3, 9]\n"},
	{"a = 5\na += 1; a -= 2; a *= 3; a //= 2; a %= 4; a **= 3; a |= 1; a &= 7; a "
	 "^= 2; a <<= 3; a >>= 1\nprint(a)\n",
		"12\n"},
	{"if 0:\n    print(1)\nelif 1:\n    print(2)\nelse:\n    print(3)\n", "2\n"},
	{"if 0: print(1)\nelse: print(3)\n", "3\n"},
	{"i = 0\nwhile i < 5:\n    i += 1\n    if i == 2: continue\n    if i == 4: "
	 "break\n    print(i)\nelse:\n    print('no')\n",
		"1\n3\n"},
	{"i = 0\nwhile i < 2:\n    i += 1\nelse:\n    print('else', i)\n", "else 2\n"},
	{"for i in range(3):\n    print(i)\nelse:\n    print('end')\n",
		"0\n1\n2\nend\n"},
	{"for i in range(5):\n    if i == 2: break\nelse:\n    print('no')\nprint(i)\n",
		"2\n"},
	{"for a, b in [(1, 2), (3, 4)]:\n    print(a + b)\n", "3\n7\n"},
	{"for a, (b, c) in [(1, (2, 3))]:\n    print(a, b, c)\n", "1 2 3\n"},
	{"for c in 'ab': print(c)\nfor c in b'ab': print(c)\nfor k in {1: 2, 3: 4}: "
	 "print(k)\nfor i in range(5, 0, -2): print(i)\n",
		"a\nb\n97\n98\n1\n3\n5\n3\n1\n"},
	{"for i in range(3):\n    for j in range(3):\n        if j == 1: break\n       "
	 " print(i, j)\n",
		"0 0\n1 0\n2 0\n"},
	{"def f():\n    pass\nprint(f())\n", "None\n"},
	{"def f(a, b=2, c=3):\n    return a, b, c\nprint(f(1), f(1, 5), f(1, c=7), "
	 "f(c=1, a=2))\n",
		"(1, 2, 3) (1, 5, 3) (1, 2, 7) (2, 2, 1)\n"},
	{"def f(*a): return a\nprint(f(), f(1), f(1, 2))\n", "() (1,) (1, 2)\n"},
	{"def f(a, *b): return a, b\nprint(f(1), f(1, 2, 3))\n",
		"(1, ()) (1, (2, 3))\n"},
	{"def f(n): return 1 if n < 2 else n * f(n - 1)\nprint(f(10))\n", "3628800\n"},
	{"def fib(n):\n    if n < 2: return n\n    return fib(n - 1) + fib(n - "
	 "2)\nprint(fib(12))\n",
		"144\n"},
	{"x = 1\ndef f():\n    global x\n    x += 1\n    y = x\n    return "
	 "y\nprint(f(), f(), x)\n",
		"2 3 3\n"},
	{"x = 1\ndef f():\n    x = 2\n    return x\nprint(f(), x)\n", "2 1\n"},
	{"def f():\n    def g(x): return x + 1\n    return g(1)\nprint(f())\n", "2\n"},
	{"f = lambda *a: a\nprint(f(1, 2))\n", "(1, 2)\n"},
	{"def f(l=[]):\n    l.append(1)\n    return l\nprint(f(), f())\n",
		"[1, 1] [1, 1]\n"},
	{"try:\n    1 // 0\nexcept ZeroDivisionError:\n    print('z')\n", "z\n"},
	{"try:\n    1 // 0\nexcept (ValueError, ZeroDivisionError) as e:\n    "
	 "print('z', e is None)\n",
		"z False\n"},
	{"try:\n    [][0]\nexcept LookupError:\n    print('l')\nelse:\n    "
	 "print('e')\n",
		"l\n"},
	{"try:\n    pass\nexcept:\n    print('x')\nelse:\n    print('e')\nfinally:\n   "
	 " print('f')\n",
		"e\nf\n"},
	{"try:\n    try:\n        1 // 0\n    finally:\n        print('f')\nexcept "
	 "ArithmeticError:\n    print('a')\n",
		"f\na\n"},
	{"try:\n    try:\n        raise ValueError('v')\n    except KeyError:\n        "
	 "print('k')\nexcept ValueError as e:\n    print(e.args)\n",
		"('v',)\n"},
	{"try:\n    try:\n        raise ValueError('v')\n    except ValueError:\n      "
	 "  raise\nexcept ValueError as e:\n    print(e)\n",
		"v\n"},
	{"try:\n    raise KeyError\nexcept KeyError as e:\n    print(e.args)\n",
		"()\n"},
	{"def f():\n    try:\n        return 1\n    finally:\n        "
	 "print('f')\nprint(f())\n",
		"f\n1\n"},
	{"def f():\n    try:\n        return 1\n    finally:\n        return "
	 "2\nprint(f())\n",
		"2\n"},
	{"def f():\n    try:\n        1 // 0\n    except:\n        return 3\n    "
	 "finally:\n        print('f')\nprint(f())\n",
		"f\n3\n"},
	{"def f():\n    for i in range(4):\n        try:\n            if i == 1: "
	 "continue\n            if i == 3: return i\n            print('b', i)\n       "
	 " finally:\n            print('f', i)\nprint(f())\n",
		"b 0\nf 0\nf 1\nb 2\nf 2\nf 3\n3\n"},
	{"for i in range(3):\n    try:\n        if i == 1: break\n    finally:\n       "
	 " print('f', i)\n",
		"f 0\nf 1\n"},
	{"for i in range(3):\n    try:\n        1 // 0\n    except "
	 "ZeroDivisionError:\n        if i == 1: break\n        continue\n    "
	 "print('no')\nprint(i)\n",
		"1\n"},
	{"while True:\n    try:\n        try:\n            break\n        finally:\n   "
	 "         print(1)\n    finally:\n        print(2)\n",
		"1\n2\n"},
	{"def f():\n    while True:\n        for i in range(3):\n            try:\n    "
	 "            try:\n                    return i\n                finally:\n   "
	 "                 print('a')\n            finally:\n                "
	 "print('b')\nprint(f())\n",
		"a\nb\n0\n"},
	{"def f():\n    try:\n        1 // 0\n    finally:\n        for i in range(2): "
	 "print(i)\ntry:\n    f()\nexcept ZeroDivisionError:\n    print('z')\n",
		"0\n1\nz\n"},
	{"try:\n    assert 1 == 2, 'm'\nexcept AssertionError as e:\n    "
	 "print(e)\nassert 1\n",
		"m\n"},
	{"x = 5\ndel x\ntry:\n    x\nexcept NameError:\n    print('n')\n", "n\n"},
	{"def f():\n    try:\n        print(y)\n    except NameError:\n        "
	 "print('u')\n    y = 1\nf()\n",
		"u\n"},
	{"l = []\nfor i in range(50): l.append(i * i)\nprint(len(l), l[49], sum(l))\n",
		"50 2401 40425\n"},
	{"s = ''\nfor i in range(40): s += str(i)\nprint(s)\n",
		"0123456789101112131415161718192021222324252627282930313233343536373839"
		"\n"},
	{"d = {}\nfor i in range(30): d[i] = 'v' + str(i)\nprint(d[17], len(d))\n",
		"v17 30\n"},
	{"print([i for i in range(10)\n    if i % 3 == 0])\n", "[0, 3, 6, 9]\n"},
	{"x = (1 +\n     2)\ny = [1, # c\n  2]\nz = 1 + \\\n  2\nprint(x, y, z)\n",
		"3 [1, 2] 3\n"},
	{"# a comment\n\nif 1:\n\n    # another\n    print(1)\n  # odd\n    print(2)\n",
		"1\n2\n"},
	{"def f(a,\n      b):\n    return (a\n            - b)\nprint(f(3,\n        "
	 "1))\n",
		"2\n"},
	{"print(1); print(2);\nif 1: print(3); print(4)\n", "1\n2\n3\n4\n"},
	{"a = [1, 2, 3]\nb = a[:]\nb[0] = 9\nprint(a, b, a is b, a == a)\n",
		"[1, 2, 3] [9, 2, 3] False True\n"},
	{"t = 1, 2, 3\na, b, c = t\nprint(a + b + c, t[1:])\n", "6 (2, 3)\n"},
	{"print(1, 2, sep='-', end='!\\n')\n", "1-2!\n"},
	{"x = '\303\251'\nprint(x == '\\xe9', x)\n", "True \303\251\n"},
	{"n = 0\nfor i in range(200):\n    if i % 7 == 0 or i % 11 == 0:\n        n += "
	 "i\nprint(n)\n",
		"4492\n"},
	{"p = []\nfor n in range(2, 60):\n    for q in p:\n        if n % q == 0: "
	 "break\n    else:\n        p.append(n)\nprint(p)\n",
		"[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]\n"},
	{"def gcd(a, b):\n    while b: a, b = b, a % b\n    return a\nprint(gcd(1071, "
	 "462), gcd(17, 5))\n",
		"21 1\n"},
	{"def move(n, a, b, c):\n    if n == 0: return 0\n    return move(n - 1, a, c, "
	 "b) + 1 + move(n - 1, c, b, a)\nprint(move(6, 'a', 'b', 'c'))\n",
		"63\n"},
	{"x = {'a': [1, {'b': (2, 3)}]}\nprint(x['a'][1]['b'][1])\n", "3\n"},
	{"import sys\nfrom sys import version as v\nprint(type(v) == str)\n", "True\n"},
};

static const char *single(struct py_host *host, const char *line)
{
	py_host_out_len = 0;
	py_run_text(host->board, PY_SINGLE, line, strlen(line));
	return py_host_go(host, 1000000);
}

static void test_single(void)
{
	struct py_host *host = py_host_new(PY_HOST_ARENA);
	static const struct row lines[] = {{"1+1", "2\n"}, {"None", ""}, {"x = 5", ""},
		{"x", "5\n"}, {"'a'", "'a'\n"}, {"1; 2", "1\n2\n"},
		{"for i in (1,2): i\n", "1\n2\n"}, {"def f(): 1\n", ""}, {"f()", ""},
		{"1\n2\n", TRACE "2\nSyntaxError: invalid syntax\n"},
		{"__name__", "'__main__'\n"}};

	py_start(host->board);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		EQ_STR(single(host, lines[i].source), lines[i].prints, lines[i].source);
	py_host_free(host);
}

static void test_interrupt(void)
{
	static const char eater[] = "while True:\n    try:\n        while 1: pass\n"
				    "    except:\n        print('caught')\n";
	struct py_host *host = py_host_new(PY_HOST_ARENA);
	struct wipy_board *board = host->board;

	py_start(board);
	py_host_out_len = 0;
	py_run_text(board, PY_FILE, eater, strlen(eater));
	for (int i = 0; i < 3; i++) {
		EQ_INT(py_step(board, 0), 0, "an endless loop goes on");
		py_interrupt(board);
	}
	(void)py_step(board, 0);
	py_host_out[py_host_out_len] = '\0';
	EQ_STR(py_host_out, "caught\ncaught\ncaught\n", "interrupts are caught");
	OK(!py_is_idle(board), "and the program goes on");
	py_host_out_len = 0;
	py_run_text(board, PY_FILE, "while 1: pass", 13);
	(void)py_step(board, 0);
	py_interrupt(board);
	EQ_STR(py_host_go(host, 5000), TRACE "1" MODULE "KeyboardInterrupt: \n",
		"an interrupt ends a program");
	py_host_free(host);
}

static void test_sleep(void)
{
	static const char text[] = "import time\ntime.sleep(3)\nprint(1)\n";
	struct py_host *host = py_host_new(PY_HOST_ARENA);
	struct wipy_board *board = host->board;

	py_start(board);
	py_host_out_len = 0;
	py_run_text(board, PY_FILE, text, strlen(text));
	EQ_INT(py_step(board, 1000), 4000, "a sleep says when it ends");
	py_interrupt(board);
	EQ_INT(py_step(board, 2000), 4000, "an interrupt waits for its end");
	OK(!py_is_idle(board), "a sleeping program is not idle");
	EQ_INT(py_step(board, 4000), WIPY_NEVER, "then it is over");
	OK(py_failed(board), "by the interrupt");
	py_host_free(host);
}

static void test_kept(void)
{
	struct py_host *host = py_host_new(4096);
	struct wipy_board *board = host->board;
	size_t len;

	py_start(board);
	EQ_INT(py_kept_insert(board, 0, 0, "hello", 5), 0, "kept: insert");
	EQ_INT(py_kept_insert(board, 0, 4, "XY", 2), 0, "kept: insert inside");
	py_kept_cut(board, 0, 0, 1);
	OK(memcmp(py_kept(board, 0, &len), "ellXYo", 6) == 0 && len == 6, "kept: cut");
	EQ_INT(py_kept_copy(board, 3, 0), 0, "kept: copy");
	EQ_STR(single(host, "x = [[i] for i in range(9)]"), "",
		"kept: a program between");
	OK(memcmp(py_kept(board, 3, &len), "ellXYo", 6) == 0, "kept: survives");
	for (int i = 0; i < 1000; i++)
		if (py_kept_insert(board, 0, 0, "0123456789", 10) < 0)
			break;
	(void)py_kept(board, 0, &len);
	OK(len > 500 && len < 4096, "kept: ends with the memory");
	py_kept_cut(board, 0, 0, len);
	EQ_STR(single(host, "1"), "1\n", "kept: and goes on");
	py_host_free(host);
}

/* Much to compare in one instruction, which has to end soon. */
static void test_compared(void)
{
	static const char test[] = "def test(*tests):\n"
				   "  for f in tests:\n"
				   "    try: f(); print('done')\n"
				   "    except RuntimeError: print('too much')\n";
	static const struct row long_rows[] = {
		{"l = [1] * 5000; m = list(l); b = [l] * 5000\n"
		 "test(b.sort, lambda: sorted(b), lambda: min(b), lambda: max(b),\n"
		 "  lambda: l < m, lambda: b[:9].sort(),\n"
		 "  lambda: sorted(range(5000, 0, -1)))\n"
		 "print(len(b), b[0] is b[-1] is l)\n",
			"too much\ntoo much\ntoo much\ntoo much\n"
			"done\ndone\ndone\n5000 True\n"},
		{"s = 'a' * 40000; t = s[1:] + 'a'; b = [s] * 14000\n"
		 "test(b.sort, lambda: max(b), lambda: b.count(t),\n"
		 "  lambda: b == [t] * 14000, lambda: t in b, lambda: s < t,\n"
		 "  lambda: b[:9].count(t))\n",
			"too much\ntoo much\ntoo much\ntoo much\n"
			"done\ndone\ndone\n"},
		{"k = (1,) * 6000; j = k[1:] + (2,); d = {k: 1}\n"
		 "for i in range(99): d[j, i] = 1\n"
		 "test(lambda: (k, 99) in d, lambda: d.get((k, 99)),\n"
		 "  lambda: tuple(list(k)) in d, lambda: k[1:] in d)\n",
			"too much\ntoo much\ndone\ndone\n"},
		{"d = {}\n"
		 "for i in range(5000): d[i] = i\n"
		 "test(lambda: {}.update(d), lambda: d == d, lambda: 4999 in d,\n"
		 "  lambda: dict(zip(range(1000), range(1000))))\n"
		 "print(len(d))\n",
			"too much\ndone\ndone\ndone\n5000\n"},
	};

	for (size_t i = 0; i < sizeof(long_rows) / sizeof(long_rows[0]); i++) {
		char source[1024];
		struct row row = {source, long_rows[i].prints};

		(void)snprintf(
			source, sizeof(source), "%s%s", test, long_rows[i].source);
		check_rows_so(&row, 1, "256 KiB", 256 * 1024, 0, false);
	}
}

int main(void)
{
	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
	test_single();
	test_interrupt();
	test_sleep();
	test_kept();
	test_compared();
	return tap_done();
}
