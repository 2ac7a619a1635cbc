#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Includes point downward only, and the archives that must not touch the world call
# nothing of it: the include lines are held against a table of allowed edges, the undefined
# symbols of the core archives against a list. At the end the check is tried on planted
# faults, so that it is known to find them.
set -u
LC_ALL=C
export LC_ALL
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
top_builddir=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
count=0
failed=0

report() { # name, file of faults: empty means that all is well
	count=$((count + 1))
	if [ -s "$2" ]; then
		failed=$((failed + 1))
		echo "not ok $count - $1"
		sed 's/^/# /' "$2"
	else
		echo "ok $count - $1"
	fi
}

skip() { # name, why
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# ---- includes -----------------------------------------------------------------------

# Which files, which project headers they may include, which system headers. The first row
# that matches a file counts; a file that no row matches is a fault.
cat >"$work/edges" <<'END'
^common/                    ^common/                            ^(errno|limits|stdbool|stddef|stdint|string)[.]h$
^daemon/core/(undo_plan|waves)[.]c$ ^(common|daemon/core)/              ^(errno|limits|stdbool|stddef|stdint|stdlib|string)[.]h$
^daemon/core/               ^(common|daemon/core)/              ^(errno|limits|stdbool|stddef|stdint|string)[.]h$
^daemon/edge/               ^(config[.]h$|common/|daemon/core/|daemon/edge/(log|minisign|tcp|web|yaml_check)[.]h$) .
^daemon/(engine|api|service)[a-z_]*[.][ch]$ ^(config[.]h$|common/|daemon/) .
^daemon/main[.]c$           ^(config[.]h$|common/|daemon/)      .
^cli/                       ^(config[.]h$|common/|cli/)         .
^firmware/(core|include)/   ^(common|firmware/(core|include))/  ^(errno|limits|stdbool|stddef|stdint|string)[.]h$
^firmware/ports/            ^(config[.]h$|common/|firmware/)    .
END
sees_uv='^daemon/(edge/|(engine|api|service)[a-z_]*[.][ch]$)'

cat >"$work/includes.awk" <<'END'
# The module of an adapter: what stands before the first "_" or "." of its file.
function module(path) {
	sub(/.*\//, "", path)
	sub(/[_.].*/, "", path)
	return path
}
function may_include(file, header, quoted,    i) {
	if (header == "uv.h")
		return file ~ sees_uv
	for (i = 1; i <= rows; i++)
		if (file ~ from[i])
			break
	if (i > rows)
		return 0
	if (!quoted)
		return header ~ system_header[i]
	return header ~ project[i] || (file ~ /^daemon\/edge\// &&
		header ~ /^daemon\/edge\// && module(file) == module(header))
}
BEGIN {
	while ((getline row < edges) > 0) {
		split(row, part, /[ \t]+/)
		rows++
		from[rows] = part[1]
		project[rows] = part[2]
		system_header[rows] = part[3]
	}
}
# file:line:#include "header"
{
	file = $0
	sub(/:.*/, "", file)
	quoted = $0 ~ /include[ \t]*"/
	header = $0
	sub(/.*include[ \t]*["<]/, "", header)
	sub(/[">].*/, "", header)
	if (!may_include(file, header, quoted))
		print $0 ": not an edge that the layers allow"
}
END

check_includes() { # the top of a tree; prints a line for each fault
	(
		cd "$1" || exit 1
		find common cli daemon firmware -name '*.[ch]' 2>/dev/null | sort |
			xargs grep -HnE '^[[:space:]]*#[[:space:]]*include' /dev/null
	) | awk -v edges="$work/edges" -v sees_uv="$sees_uv" -f "$work/includes.awk"
}

check_includes "$top_srcdir" >"$work/faults"
report "includes point downward only" "$work/faults"
(cd "$top_srcdir" && find common daemon/core daemon/edge cli firmware -name '*.h') \
	>"$work/found"
echo "fewer headers than the project has" >"$work/faults"
[ "$(wc -l <"$work/found")" -gt 30 ] && : >"$work/faults"
report "the source folders were found" "$work/faults"

# ---- symbols ------------------------------------------------------------------------

# memcmp() and the like, what compilers call by themselves, sanitizers, coverage, fuzzing.
libc='^(mem(chr|cmp|cpy|move|set)|bcmp|str(chr|cmp|cspn|len|ncmp|rchr|spn|str))$'
compiler='^(__(mem|str)[a-z]*_chk|__stack_chk_(fail|guard)|_GLOBAL_OFFSET_TABLE_|__u?(div|mod)[dt]i3|__udivmoddi4|__aeabi_[a-z0-9_]*)$'
sanitizer='^_*(asan|ubsan|tsan|lsan|sanitizer|sancov|gcov|llvm_(gcov|prf|profile)|start___sancov|stop___sancov)_'

# archive, further symbols that are allowed, archives that it may call; prints faults
check_symbols() {
	archive=$1 more=$2
	shift 2
	nm -g --defined-only "$archive" "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' |
		sort -u >"$work/defined"
	nm -u "$archive" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u |
		comm -23 - "$work/defined" |
		grep -vE "$libc|$compiler|$sanitizer|$more" |
		sed "s|^|$(basename "$archive"): calls |"
}

# archive, further symbols, archives that it may call
report_symbols() {
	name="$1 calls nothing of the world"
	path=$top_builddir/$1 more=$2
	shift 2
	if [ ! -f "$path" ]; then
		echo "$path is not built" >"$work/faults"
	elif ! nm -g --defined-only "$path" 2>/dev/null | grep -q ' T '; then
		echo "nm finds no function in $path" >"$work/faults"
	else
		check_symbols "$path" "$more" "$@" >"$work/faults"
	fi
	report "$name" "$work/faults"
}

common=$top_builddir/libwipycommon.a
report_symbols libwipycommon.a '^$'
report_symbols libwipycore.a '^qsort$' "$common"
report_symbols libfwcore.a '^hal_[a-z0-9_]+$' "$common"

# ---- the check itself ---------------------------------------------------------------

plant() { # file, include line; the check must find exactly this one
	rm -rf "$work/tree"
	mkdir -p "$work/tree/$(dirname "$1")"
	printf '\n%s\n' "$2" >"$work/tree/$1"
	check_includes "$work/tree" >"$work/found"
	: >"$work/faults"
	if [ "$(grep -c "^$1:2:" "$work/found")" -ne 1 ] || [ "$(wc -l <"$work/found")" -ne 1 ]
	then
		{ echo "not found, or more than that:" && cat "$work/found"; } >"$work/faults"
	fi
	report "finds a planted fault: $1 has $2" "$work/faults"
}

allow() { # file, include line that is an allowed edge
	rm -rf "$work/tree"
	mkdir -p "$work/tree/$(dirname "$1")"
	printf '%s\n' "$2" >"$work/tree/$1"
	check_includes "$work/tree" >"$work/faults"
	report "allows: $1 has $2" "$work/faults"
}

plant common/a.c '#include <stdio.h>'
plant common/a.h '#include <time.h>'
plant common/a.c '#include "daemon/core/model.h"'
plant common/a.c '#include "config.h"'
plant daemon/core/a.c '#include <stdlib.h>'
plant daemon/core/a.c '#  include <uv.h>'
plant daemon/core/a.c '#include "daemon/edge/log.h"'
plant daemon/core/a.c '#include "daemon/engine.h"'
plant daemon/core/a.c '#include "model.h"'
plant daemon/edge/store.c '#include "daemon/edge/http_server.h"'
plant daemon/edge/store.c '#include "daemon/engine.h"'
plant daemon/edge/store.c '#include "cli/writer.h"'
plant daemon/edge/log.c '#include "tests/tap.h"'
plant daemon/engine.c '#include "cli/writer.h"'
plant daemon/engine.c '#include "firmware/include/hal.h"'
plant daemon/main.c '#include <uv.h>'
plant daemon/stray.c '#include "common/err.h"'
plant cli/main.c '#include "daemon/core/model.h"'
plant cli/main.c '#include <uv.h>'
plant firmware/core/a.c '#include "firmware/ports/linux/port.h"'
plant firmware/core/a.c '#include <stdio.h>'
plant firmware/core/a.c '#include "daemon/core/model.h"'
plant firmware/ports/linux/a.c '#include "daemon/core/model.h"'
allow common/a.c '#include <string.h>'
allow daemon/core/waves.c '#include <stdlib.h>'
allow daemon/edge/store_sqlite.c '#include "daemon/edge/store.h"'
allow daemon/edge/store_sqlite.c '#include "daemon/edge/log.h"'
allow daemon/edge/tcp.h '#include <uv.h>'
allow daemon/engine_task.c '#include "daemon/edge/store.h"'
allow firmware/ports/linux/main.c '#include "firmware/core/board.h"'

# An archive with a stray call: each must be found, and nothing else.
plant_call() { # header, call, symbol
	printf '#include <%s>\nlong wipy_planted(void);\nlong wipy_planted(void)\n{\n\treturn (long)%s;\n}\n' \
		"$1" "$2" >"$work/planted.c"
	rm -f "$work/planted.a"
	if ! "$compile" -c -o "$work/planted.o" "$work/planted.c" 2>"$work/faults" ||
		! ar cr "$work/planted.a" "$work/planted.o" 2>>"$work/faults"; then
		echo "the sample cannot be built" >>"$work/faults"
	else
		: >"$work/faults"
		check_symbols "$work/planted.a" '^qsort$' >"$work/found"
		echo "planted.a: calls $3" | cmp -s - "$work/found" ||
			cp "$work/found" "$work/faults"
		[ -s "$work/found" ] || echo "not found" >"$work/faults"
	fi
	report "finds a planted call of $3()" "$work/faults"
}

compile=
for candidate in cc gcc clang; do
	command -v "$candidate" >/dev/null 2>&1 && compile=$candidate && break
done
if [ -n "$compile" ]; then
	plant_call time.h 'time(0)' time
	plant_call stdlib.h 'rand()' rand
	plant_call stdlib.h 'malloc(9)' malloc
	plant_call stdio.h 'getchar()' getchar
else
	skip "finds planted calls" "no C compiler is in the path"
fi

echo "1..$count"
[ "$failed" -eq 0 ]
