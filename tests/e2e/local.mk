# SPDX-License-Identifier: MIT
e2e_tests = \
	%D%/test_bad_input.py \
	%D%/test_conditions.py \
	%D%/test_images.py \
	%D%/test_poll.py \
	%D%/test_restart.py \
	%D%/test_rollout.py \
	%D%/test_service.py
TESTS += $(e2e_tests)
EXTRA_DIST += $(e2e_tests) %D%/fleet.py
include tests/e2e/cli.mk
