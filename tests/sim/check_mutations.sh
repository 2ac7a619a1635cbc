#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The simulation can fail: each planted defect of mutations.txt is built into a copy of
# it, and must be seen. A defect that cannot be planted any more fails too, and so does a
# complaint of the simulation that no defect has called forth.
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

play() { # options of the simulation
	# shellcheck disable=SC2086 # a list of words
	"$work/test_sim" $1 --first-only >"$work/out" 2>&1
	grep '^# seed .*: ' "$work/out" >"$work/seen"
}

# What is wrong with the planted defect, or nothing.
try() { # file, expression, complaint, options of the simulation
	: >"$work/seen"
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
	# Where it is seen late the list knows a seed, as long as seeds stay what they are.
	[ -n "$4" ] && play "$4"
	[ -s "$work/seen" ] || play "--seeds 1000"
	sed 's/^# seed [0-9]*: //' "$work/seen" >>"$work/all"
	if ! [ -s "$work/seen" ]; then
		echo "nobody sees it"
	elif ! grep -q "$3" "$work/seen"; then
		echo "seen as something else: $(cat "$work/seen")"
	fi
}

cd "$top_builddir" || exit 99
objects=$(echo tests/sim/test_sim-*.o)
libs=$(${MAKE:-make} -s --no-print-directory print-sim-libs) || exit 99
while IFS=@ read -r name file expression complaint options; do
	case $name in '#'* | '') continue ;; esac
	name=${name% } file=${file# } file=${file% }
	expression=${expression# } expression=${expression% }
	complaint=${complaint# } complaint=${complaint% }
	report "$(try "$file" "$expression" "$complaint" "$options")"
	cat "$work/seen"
done <"$here/mutations.txt"
cat "$here"/*.c | awk -f "$here/complaints.awk" >"$work/texts"
[ -s "$work/texts" ] || exit 99
while read -r name; do
	grep -q -x -e "$name" "$work/all" || echo "no planted defect calls it forth" >"$work/unseen"
	report "$(cat "$work/unseen" 2>/dev/null)"
	rm -f "$work/unseen"
done <"$work/texts"
echo "1..$count"
[ "$failed" -eq 0 ]
