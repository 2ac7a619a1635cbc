# SPDX-License-Identifier: MIT
cli_tests = tests/e2e/test_cli.py tests/e2e/test_cli_boards.py \
	tests/e2e/test_cli_forms.py tests/e2e/test_golden.py \
	tests/e2e/test_cli_release.py tests/e2e/test_cli_rollout.py
TESTS += $(cli_tests)
EXTRA_DIST += $(cli_tests) tests/e2e/cli_bench.py

# What the documents tell people to type.
TESTS += tests/check_words.py
EXTRA_DIST += tests/check_words.py docs/api.md docs/architecture.md docs/decisions \
	docs/output.md docs/releases.md docs/reports.md docs/rescue.md docs/rollouts.md docs/state.md docs/wipyboard.md

# After everything that takes rows and codes, since it reads what they leave behind.
TESTS += tests/check_coverage.py
EXTRA_DIST += tests/check_coverage.py
tests/check_coverage.log: tests/sim/test_sim.log $(cli_tests:.py=.log) $(e2e_tests:.py=.log)
