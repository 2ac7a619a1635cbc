# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/wipyd.service.in %D%/wipyd.sysusers
CLEANFILES += %D%/wipyd.service %D%/wipyd.conf
noinst_DATA = %D%/wipyd.service

%D%/wipyd.service: %D%/wipyd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	$(SED) -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@bindir[@]|$(bindir)|g' \
		$(srcdir)/%D%/wipyd.service.in >$@.tmp && \
	mv $@.tmp $@

if HAVE_UNITDIR
systemdsystemunit_DATA = %D%/wipyd.service
sysusersdir = $(prefix)/lib/sysusers.d
sysusers_DATA = %D%/wipyd.conf

%D%/wipyd.conf: %D%/wipyd.sysusers
	$(AM_V_GEN)$(MKDIR_P) %D% && cp $(srcdir)/%D%/wipyd.sysusers $@
endif

exampledir = $(docdir)/examples
dist_example_DATA = etc/wipyd.yaml etc/inventory.yaml

TESTS += tests/check_systemd.sh
EXTRA_DIST += tests/check_systemd.sh
