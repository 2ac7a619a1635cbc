# SPDX-License-Identifier: MIT
CLI_TEST_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)

check_PROGRAMS += tests/unit/test_cli_args
tests_unit_test_cli_args_SOURCES = tests/unit/test_cli_args.c
tests_unit_test_cli_args_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_args_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_failure
tests_unit_test_cli_failure_SOURCES = tests/unit/test_cli_failure.c
tests_unit_test_cli_failure_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_failure_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_progress
tests_unit_test_cli_progress_SOURCES = tests/unit/test_cli_progress.c
tests_unit_test_cli_progress_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_progress_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_report
tests_unit_test_cli_report_SOURCES = tests/unit/test_cli_report.c
tests_unit_test_cli_report_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_report_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_rescue
tests_unit_test_cli_rescue_SOURCES = tests/unit/test_cli_rescue.c
tests_unit_test_cli_rescue_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_rescue_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_table
tests_unit_test_cli_table_SOURCES = tests/unit/test_cli_table.c
tests_unit_test_cli_table_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_table_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_watch
tests_unit_test_cli_watch_SOURCES = tests/unit/test_cli_watch.c
tests_unit_test_cli_watch_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_watch_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_when
tests_unit_test_cli_when_SOURCES = tests/unit/test_cli_when.c
tests_unit_test_cli_when_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_when_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_sse
tests_unit_test_cli_sse_SOURCES = tests/unit/test_cli_sse.c
tests_unit_test_cli_sse_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_sse_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_view
tests_unit_test_cli_view_SOURCES = tests/unit/test_cli_view.c
tests_unit_test_cli_view_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_view_LDADD = $(CLI_LIBS)

check_PROGRAMS += tests/unit/test_cli_scan
tests_unit_test_cli_scan_SOURCES = tests/unit/test_cli_scan.c
tests_unit_test_cli_scan_CFLAGS = $(CLI_TEST_CFLAGS)
tests_unit_test_cli_scan_LDADD = $(CLI_LIBS)
