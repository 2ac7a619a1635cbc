#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The look of the sources: clang-format agrees, no notes of unfinished work, no white space
# at the end of lines, and every file says its licence. At the end the check is tried on
# planted faults.
set -u
LC_ALL=C
export LC_ALL
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
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
		sed 's/^/# /' "$2" | head -n 60
	else
		echo "ok $count - $1"
	fi
}

# Whole words only; written apart, since this file is checked as well.
words='TO''DO|FIX''ME|XX''X|HA''CK'

# The folders that hold sources; build folders lie beside them. Recorded bytes for tests
# are nobody's style.
list_files() { # the top of a tree, patterns for find
	(
		cd "$1" || exit 1
		shift
		set -f
		for folder in cli common daemon docs etc firmware systemd tests .ci; do
			[ -d "$folder" ] && find "$folder" \
				\( -path tests/data -o -path tests/fuzz/corpus -o -name .deps \
				-o -name __pycache__ \) -prune -o -type f "$@" -print
		done
		for file in Makefile.am configure.ac quickstart; do
			[ -f "$file" ] && echo "$file"
		done
	) | sort
}

list_c() {
	list_files "$1" -name '*.[ch]' | grep '[.][ch]$'
}

# What a person writes and a licence can stand in.
list_sources() {
	list_files "$1" | grep -E '[.](c|h|sh|py|mk|am|ac|sql|js|css|in)$|^[^.]*$|^[.]ci/' |
		grep -vE '[.](o|a|log|trs)$' | while IFS= read -r file; do
		case $file in
		*/*.*) echo "$file" ;; # programs that were built in the tree have no dot
		*) [ "$(head -c 2 "$1/$file")" = '#!' ] && echo "$file" ;;
		esac
	done
}

list_texts() {
	list_sources "$1"
	list_files "$1" | grep -E '[.](md|yaml|yml|html|sysusers)$'
}

check_words() {
	list_sources "$1" | (cd "$1" && xargs grep -HnE \
		"(^|[^[:alnum:]_-])($words)($|[^[:alnum:]_-])" /dev/null)
}

check_blanks() {
	list_texts "$1" | (cd "$1" && xargs grep -HnE '[[:blank:]]+$' /dev/null)
}

check_licences() {
	list_sources "$1" | (cd "$1" && while IFS= read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
			echo "$file: no SPDX line in its first three lines"
	done)
}

# One line a file: the first place, and how many there are.
check_c() {
	list_c "$1" | (cd "$1" && xargs clang-format --dry-run -Werror 2>&1) | awk '
		/: (error|warning): / {
			file = $0
			sub(/:.*/, "", file)
			if (!(file in places))
				first[++files] = $1
			places[file]++
			name[files] = file
			next
		}
		/[Nn]o such|[Ii]nvalid|unknown/ { print }
		END {
			for (i = 1; i <= files; i++)
				print first[i] " " places[name[i]] \
					" places: run clang-format -i " name[i]
		}'
}

if command -v clang-format >/dev/null 2>&1; then
	check_c "$top_srcdir" >"$work/faults"
	report "clang-format agrees" "$work/faults"
else
	count=$((count + 1))
	echo "ok $count - clang-format agrees # SKIP clang-format is not installed"
fi
check_words "$top_srcdir" >"$work/faults"
report "no notes of unfinished work" "$work/faults"
check_blanks "$top_srcdir" >"$work/faults"
report "no white space at the end of a line" "$work/faults"
check_licences "$top_srcdir" >"$work/faults"
report "every source says its licence" "$work/faults"

# ---- the check itself ---------------------------------------------------------------

licence='/* SPDX-License-Identifier: MIT */'
unfinished=$(echo "$words" | cut -d'|' -f1)

expect() { # what is planted, found by which function, file, its text, how many faults
	rm -rf "$work/tree"
	mkdir -p "$work/tree/$(dirname "$3")"
	printf '%b' "$4" >"$work/tree/$3"
	"$2" "$work/tree" >"$work/found"
	: >"$work/faults"
	[ "$(wc -l <"$work/found")" -eq "$5" ] ||
		{ echo "wanted $5, found:" && cat "$work/found"; } >"$work/faults"
	report "$1" "$work/faults"
}

if command -v clang-format >/dev/null 2>&1; then
	cp "$top_srcdir/.clang-format" "$work/.clang-format"
	expect "finds planted blanks instead of a tab" check_c cli/a.c \
		"$licence\nint a(void)\n{\n    return 1;\n}\n" 1
	expect "finds nothing where all is well" check_c cli/a.c \
		"$licence\nint a(void)\n{\n\treturn 1;\n}\n" 0
fi
expect "finds a planted note" check_words daemon/a.c "$licence\n/* $unfinished: x */\n" 1
expect "a longer word is no note" check_words cli/a.c "$licence\nint ${unfinished}S;\n" 0
expect "finds a planted blank" check_blanks common/a.h "$licence\nint a; \n" 1
expect "finds a planted tab" check_blanks docs/a.md "text\t\n" 1
expect "recorded bytes may end in blanks" check_blanks tests/fuzz/corpus/a.c "a \n" 0
expect "finds a missing licence" check_licences firmware/core/a.c "int a;\n" 1
expect "finds it in a script" check_licences tests/a.sh "#!/bin/sh\n" 1
expect "finds the licence" check_licences tests/a.sh \
	"#!/bin/sh\n# SPDX-License-Identifier: MIT\n" 0

echo "1..$count"
[ "$failed" -eq 0 ]
