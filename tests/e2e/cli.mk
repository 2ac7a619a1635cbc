# SPDX-License-Identifier: MIT
TESTS += tests/e2e/test_cli.py
EXTRA_DIST += tests/e2e/test_cli.py

# After everything that takes rows and codes, since it reads what they leave behind.
TESTS += tests/check_coverage.py
EXTRA_DIST += tests/check_coverage.py
tests/check_coverage.log: tests/sim/test_sim.log tests/e2e/test_cli.log $(e2e_tests:.py=.log)
