#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tests of everything that speaks over the net once more, on a net that takes single
# bytes and delivers them (hal.h allows both).
set -u
top_builddir=${top_builddir:-.}
count=0
failed=0
for name in aux_store boot_kinds ftp_data ftp_srv ftp_update readline repl telnet_srv updater; do
	count=$((count + 1))
	if FW_SLOW_NET=1 "$top_builddir/tests/unit/test_$name" >slow_net.log 2>&1; then
		echo "ok $count - $name, byte by byte"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name, byte by byte"
		grep -A3 '^not ok' slow_net.log | sed 's/^/# /'
	fi
done
rm -f slow_net.log
echo "1..$count"
[ "$failed" -eq 0 ]
