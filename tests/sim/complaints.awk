# SPDX-License-Identifier: MIT
# What sim_complain() may say, one text a line, as expressions for grep.
/^void sim_complain/ { next }
/sim_complain\(/ { inside = 1; text = "" }
inside {
	line = $0
	while (match(line, /"([^"\\]|\\.)*"/)) {
		text = text substr(line, RSTART + 1, RLENGTH - 2)
		line = substr(line, RSTART + RLENGTH)
	}
	if ($0 ~ /;[ \t]*$/) {
		gsub(/[].*^$[]/, "[&]", text)
		gsub(/%(ll|z)?[dus]/, ".*", text)
		print text
		inside = 0
	}
}
