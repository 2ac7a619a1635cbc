# SPDX-License-Identifier: MIT
noinst_HEADERS += %D%/tap.h
TESTS += %D%/check_layers.sh %D%/check_format.sh %D%/check_cross.sh
EXTRA_DIST += %D%/check_layers.sh %D%/check_format.sh %D%/check_cross.sh
include tests/unit/common.mk
include tests/unit/core.mk
include tests/unit/edge_config.mk
include tests/unit/edge_http.mk
include tests/unit/edge_net.mk
include tests/unit/edge_store.mk
include tests/unit/firmware.mk
include tests/unit/cli.mk
include tests/sim/local.mk
include tests/fuzz/local.mk
include tests/fuzz/inventory.mk
include tests/fuzz/manifest.mk
include tests/fuzz/minisign.mk
include tests/fuzz/selector.mk
include tests/fuzz/zone.mk
include tests/e2e/local.mk
