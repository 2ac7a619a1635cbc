#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The simulation can fail: each planted defect of mutations.txt is built into a copy of
# it, and must be seen. A defect that cannot be planted any more fails too.
set -u
LC_ALL=C
export LC_ALL
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
here=$top_srcdir/tests/sim
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# A make above us would have its say about jobs.
unset MAKEFLAGS MFLAGS MAKELEVEL
compile=$(${MAKE:-make} -s --no-print-directory -C "$top_builddir" print-sim-compile) || exit 99
link=$(${MAKE:-make} -s --no-print-directory -C "$top_builddir" print-sim-link) || exit 99
count=0
failed=0

report() { # words of the outcome: empty if well
	count=$((count + 1))
	if [ -n "$1" ]; then
		failed=$((failed + 1))
		echo "not ok $count - $name: $1"
	else
		echo "ok $count - $name"
	fi
}

# What is wrong with the planted defect, or nothing.
try() { # file, expression, complaint
	sed -e "$2" "$top_srcdir/$1" >"$work/mutant.c"
	if cmp -s "$top_srcdir/$1" "$work/mutant.c"; then
		echo "it cannot be planted in $1 any more"
		return
	fi
	# shellcheck disable=SC2086 # lists of words are meant
	(cd "$top_builddir" && $compile -w -c -o "$work/mutant.o" "$work/mutant.c" &&
		$link -o "$work/test_sim" "$work/mutant.o" $objects $libs) \
		>"$work/log" 2>&1 || {
		sed 's/^/# /' "$work/log" >&2
		echo "the mutant does not build"
		return
	}
	"$work/test_sim" --seeds 1000 --first-only >"$work/out" 2>&1
	grep '^# seed .*: ' "$work/out" >"$work/seen"
	if ! [ -s "$work/seen" ]; then
		echo "nobody sees it"
	elif ! grep -q "$3" "$work/seen"; then
		echo "seen as something else: $(cat "$work/seen")"
	fi
}

cd "$top_builddir" || exit 99
objects=$(echo tests/sim/test_sim-*.o)
libs=$(${MAKE:-make} -s --no-print-directory print-sim-libs) || exit 99
while IFS=@ read -r name file expression complaint; do
	case $name in '#'* | '') continue ;; esac
	name=${name% } file=${file# } file=${file% }
	expression=${expression# } expression=${expression% } complaint=${complaint# }
	report "$(try "$file" "$expression" "$complaint")"
done <"$here/mutations.txt"
echo "1..$count"
[ "$failed" -eq 0 ]
