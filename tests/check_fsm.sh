#!/bin/sh
# SPDX-License-Identifier: MIT
#
# docs/fsm.md is what tests/print_fsm prints. Compares the two.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
top_builddir=${top_builddir:-.}
name="docs/fsm.md is what tests/print_fsm prints"

echo 1..1
if difference=$("$top_builddir/tests/print_fsm" |
	diff -u "$top_srcdir/docs/fsm.md" - 2>&1); then
	echo "ok 1 - $name"
	exit 0
fi
echo "not ok 1 - $name"
printf '%s\n' "$difference" | sed 's/^/# /'
echo "# renew it, in the build folder: tests/print_fsm > $top_srcdir/docs/fsm.md"
exit 1
