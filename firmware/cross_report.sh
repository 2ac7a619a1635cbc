#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a cross build has come to, for Makefile.cross: the sizes of the parts and of a
# board, and the symbols that it wants. Fails where something is not as it must be.
#
#     cross_report.sh ARCH GCC FOLDER HAL.H OBJECT...    (objects below the folder)
set -eu
LC_ALL=C
export LC_ALL
arch=$1 gcc=$2 folder=$3 hal=$4
prefix=${gcc%gcc}
shift 4
failed=0

# What a Cortex-M4 may be asked for; the arena is the interpreter's memory.
text_max=${TEXT_MAX:-$((110 * 1024))}
board_max=${BOARD_MAX:-$((40 * 1024))}
board_without_repl_max=${BOARD_WITHOUT_REPL_MAX:-$((16 * 1024))}
arena=$((24 * 1024))

fault() {
	echo "$arch: $*" >&2
	failed=1
}

# The part that an object belongs to: the first row that matches.
parts='
^common/                                      common
/(boot|board|family_|led|personality|slot)    boot
/(updater|update|aux_)                        update
/(telnet|ring)                                telnet
/ftp                                          ftp
/(py|repl|readline)                           repl+py
/(files|crc32)                                files
.                                             other
'

cd "$folder"
"${prefix}size" "$@" | awk -v arch="$arch" -v parts="$parts" '
	function show(name, text, data, bss) {
		printf "%-8s%-10s%8s%8s%8s\n", arch, name, text, data, bss
	}
	BEGIN {
		count = split(parts, word)
		for (i = 1; i < count; i += 2) {
			pattern[++rows] = word[i]
			name[rows] = word[i + 1]
		}
		show("part", "text", "data", "bss")
	}
	NR > 1 {
		for (row = 1; row < rows && $6 !~ pattern[row]; row++)
			;
		seen[row]++
		text[row] += $1
		data[row] += $2
		bss[row] += $3
		all_text += $1
		all_data += $2
		all_bss += $3
	}
	END {
		for (row = 1; row <= rows; row++)
			if (seen[row])
				show(name[row], text[row], data[row], bss[row])
		show("total", all_text, all_data, all_bss)
	}' >report.txt
cat report.txt

size_of() { # one of the arrays in sizes.c
	echo $((0x$("${prefix}nm" -S sizes.o |
		awk -v symbol="size_$1" '$4 == symbol { print $2 }')))
}
board=$(size_of board)
without_repl=$((board - $(size_of repl) - $(size_of py)))
echo "$arch: struct wipy_board has $board bytes, with an arena $((board + arena))," \
	"without the REPL $without_repl; the files take $(size_of files) of it"

# ---- symbols ------------------------------------------------------------------------

libc='^(mem(chr|cmp|cpy|move|set)|str(chr|cmp|cspn|len|ncmp|rchr|spn|str))$'
# What compilers call for integers that the machine has no instruction for. Floating point
# is not among it, and must not be needed.
compiler='^__aeabi_(u?idiv(mod)?|u?ldivmod|lmul|llsl|llsr|lasr|u?lcmp)$'
compiler="$compiler|^__aeabi_mem(cpy|move|set|clr)[48]?\$"
compiler="$compiler|^__(u?(div|mod)[sd]i3|u?divmoddi4|u?mulsidi3|mul[sd]i3)\$"
compiler="$compiler|^__((ashl|ashr|lshr)di3|bswap[sd]i2|c[lt]z[sd]i2|u?cmpdi2)\$"

grep -o 'hal_[a-z0-9_]*(' "$hal" | tr -d '(' | sort -u >hal.txt
"${prefix}ld" -r -o whole.o "$@"
"${prefix}nm" -u whole.o | awk '{ print $NF }' | grep -vE "$libc|$compiler" |
	grep -vxFf hal.txt >stray.txt || true
while read -r symbol; do
	fault "$symbol is wanted: it is neither in hal.h nor on the list of libc"
done <stray.txt

# ---- limits -------------------------------------------------------------------------

limit() { # what, size, limit
	[ "$2" -le "$3" ] || fault "$1 has $2 bytes, $3 are allowed"
}
if [ "$arch" = arm ]; then
	limit text "$(awk '$2 == "total" { print $3 }' report.txt)" "$text_max"
	limit "a board with its arena" "$((board + arena))" "$board_max"
	limit "a board without the REPL" "$without_repl" "$board_without_repl_max"
fi
exit "$failed"
