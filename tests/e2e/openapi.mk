# SPDX-License-Identifier: MIT
# The API as docs/openapi.yaml describes it.
dist_doc_DATA = docs/openapi.yaml
noinst_PROGRAMS += tests/print_routes
tests_print_routes_SOURCES = tests/print_routes.c
tests_print_routes_CFLAGS = $(EDGE_CFLAGS)
tests_print_routes_LDADD = libwipyengine.a libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
TESTS += tests/check_openapi.py
EXTRA_DIST += tests/check_openapi.py tests/e2e/openapi.py tests/e2e/openmetrics.py
