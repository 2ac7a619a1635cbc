# SPDX-License-Identifier: MIT
edge_config_tests = \
	tests/unit/test_inventory \
	tests/unit/test_inventory_faults \
	tests/unit/test_inventory_accept \
	tests/unit/test_inventory_login \
	tests/unit/test_inventory_probes \
	tests/unit/test_inventory_range \
	tests/unit/test_settings \
	tests/unit/test_settings_api \
	tests/unit/test_settings_releases \
	tests/unit/test_yaml_check
EDGE_CONFIG_LIBS = libwipyedge.a libwipycore.a libwipycommon.a $(YAML_LIBS) \
	$(SODIUM_LIBS)

check_PROGRAMS += $(edge_config_tests)
noinst_HEADERS += tests/unit/config_fixture.h tests/unit/inventory_fixture.h
# The tests read the examples that are installed.
EXTRA_DIST += etc/wipyd.yaml etc/inventory.yaml docs/inventory.md docs/selectors.md

tests_unit_test_inventory_SOURCES = tests/unit/test_inventory.c
tests_unit_test_inventory_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_inventory_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_inventory_faults_SOURCES = tests/unit/test_inventory_faults.c
tests_unit_test_inventory_faults_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_inventory_faults_LDADD = $(EDGE_CONFIG_LIBS)
tests_unit_test_inventory_accept_SOURCES = tests/unit/test_inventory_accept.c
tests_unit_test_inventory_accept_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_inventory_accept_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_inventory_login_SOURCES = tests/unit/test_inventory_login.c
tests_unit_test_inventory_login_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_inventory_login_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_inventory_probes_SOURCES = tests/unit/test_inventory_probes.c
tests_unit_test_inventory_probes_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_inventory_probes_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_inventory_range_SOURCES = tests/unit/test_inventory_range.c
tests_unit_test_inventory_range_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_inventory_range_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_settings_SOURCES = tests/unit/test_settings.c
tests_unit_test_settings_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_settings_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_settings_api_SOURCES = tests/unit/test_settings_api.c
tests_unit_test_settings_api_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_settings_api_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_settings_releases_SOURCES = tests/unit/test_settings_releases.c
tests_unit_test_settings_releases_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_settings_releases_LDADD = $(EDGE_CONFIG_LIBS)

tests_unit_test_yaml_check_SOURCES = tests/unit/test_yaml_check.c
tests_unit_test_yaml_check_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_yaml_check_LDADD = $(EDGE_CONFIG_LIBS)
