# SPDX-License-Identifier: MIT
TESTS += tests/e2e/test_cli.py
EXTRA_DIST += tests/e2e/test_cli.py
