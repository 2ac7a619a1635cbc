#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Random integer programs print the same on the board's Python and on python3.
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
if ! command -v python3 >/dev/null 2>&1; then
	echo "ok 1 - random programs # SKIP python3 is not installed"
	echo "1..1"
	exit 0
fi
exec python3 -W ignore "$top_srcdir/tests/unit/py_random.py" tests/unit/run_py "$@"
