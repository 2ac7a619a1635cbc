#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The board's code is built for other architectures, within the sizes that a board may
# have and wanting nothing of the world; then the check is tried on planted faults. An
# architecture whose compiler is absent is skipped.
set -u
LC_ALL=C
export LC_ALL
unset MAKEFLAGS MFLAGS MAKELEVEL
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
top_builddir=$(cd "${top_builddir:-.}" && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
out=$top_builddir/cross
count=0
failed=0

report() { # name, what to say, status
	count=$((count + 1))
	if [ "$3" -eq 0 ]; then
		echo "ok $count - $1"
	else
		failed=$((failed + 1))
		echo "not ok $count - $1"
	fi
	sed 's/^/# /' "$2"
}

skip() { # name, why
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

build() { # architecture
	make -C "$top_srcdir/firmware" -f Makefile.cross -s -j2 "ARCHS=$1" "OUT=$out" \
		check-build
}

# The report alone, over one object of our own.
judge() { # architecture, compiler, object
	sh "$top_srcdir/firmware/cross_report.sh" "$1" "$2" "$out/$1" \
		"$(cd "$top_srcdir" && pwd)/firmware/include/hal.h" "$3"
}

expect_fault() { # name, status, word; what was said is in "$work/said"
	if [ "$2" -ne 0 ] && grep -q "$3" "$work/said"; then
		report "$1" /dev/null 0
	else
		report "$1" "$work/said" 1
	fi
}

plant_call() { # architecture, compiler, code, symbol
	printf '%s\n' "$3" >"$work/planted.c"
	if "$2" -Os -c -o "$out/$1/planted.o" "$work/planted.c" >"$work/said" 2>&1; then
		judge "$1" "$2" planted.o >"$work/said" 2>&1
		expect_fault "$1: finds a planted call of $4()" $? "$4 is wanted"
	else
		report "$1: the planted call of $4() compiles" "$work/said" 1
	fi
	rm -f "$out/$1/planted.o" "$out/$1/whole.o"
}

check_arch() { # architecture, compiler
	if ! command -v "$2" >/dev/null 2>&1; then
		skip "$1" "$2 is not installed"
		return
	fi
	if ! command -v make >/dev/null 2>&1; then
		skip "$1" "make is not installed"
		return
	fi
	build "$1" >"$work/said" 2>&1
	report "$1: builds, wants nothing, is small enough" "$work/said" $?
	plant_call "$1" "$2" 'long time(long *); long f(void) { return time(0); }' time
	plant_call "$1" "$2" 'void *malloc(unsigned); void *f(void) { return malloc(9); }' \
		malloc
	plant_call "$1" "$2" 'int g(int *p) { return *p; } void hal_x(void);
		void f(void) { hal_x(); }' hal_x
}

limit_is_kept() { # variable, word
	(
		eval "$1=100; export $1"
		build arm
	) >"$work/said" 2>&1
	expect_fault "arm: finds that $1 is passed" $? "$2 has [0-9]* bytes, 100 are"
}

check_arch arm arm-none-eabi-gcc
check_arch xtensa xtensa-lx106-elf-gcc
if command -v arm-none-eabi-gcc >/dev/null 2>&1; then
	limit_is_kept TEXT_MAX text
	limit_is_kept BOARD_MAX arena
	limit_is_kept BOARD_WITHOUT_REPL_MAX REPL
else
	skip "limits" "arm-none-eabi-gcc is not installed"
fi

echo "1..$count"
[ "$failed" -eq 0 ]
