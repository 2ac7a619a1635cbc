/* SPDX-License-Identifier: MIT
 *
 * What is well with an installation and what is not, as `wipyctl doctor` shows it: a fact goes
 * in, a finding with a sentence and the next step comes out. Pure.
 */
#ifndef WIPY_CORE_DOCTOR_H
#define WIPY_CORE_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/release_rule.h"

enum doctor_grade {
	DOCTOR_OK,
	DOCTOR_WARN, /* works today */
	DOCTOR_BAD,  /* does not, or is a danger */
	DOCTOR_GRADE_COUNT
};
const char *doctor_grade_name(enum doctor_grade grade);

#define DOCTOR_TEXT_MAX 512

struct doctor_finding {
	const char *check; /* what was looked at; static */
	enum doctor_grade grade;
	char text[DOCTOR_TEXT_MAX];
	char hint[DOCTOR_TEXT_MAX]; /* "" where nothing is to be done */
};

/* A file of YAML, read anew. */
struct doctor_yaml {
	const char *check; /* "settings", "inventory" */
	const char *path;  /* NULL: there is none, the built-in values hold */
	size_t faults;
	const char *fault; /* the first one */
};
void doctor_yaml(const struct doctor_yaml *facts, struct doctor_finding *ret_finding);

/* A file or folder that not everybody may look into. */
struct doctor_file {
	const char *check;
	const char *path;
	const char *fault;      /* it cannot be looked at: why; else NULL */
	unsigned int mode;      /* permissions */
	unsigned int forbidden; /* those of them that it must not have */
	bool ours;              /* it belongs to the daemon's user, or to root */
};
void doctor_file(const struct doctor_file *facts, struct doctor_finding *ret_finding);

struct doctor_disk {
	const char *path;
	const char *fault;       /* it cannot be asked: why; else NULL */
	const char *store_fault; /* the state cannot be written: why; else NULL */
	bool read_only;
	uint64_t free_bytes, total_bytes;
};
void doctor_disk(const struct doctor_disk *facts, struct doctor_finding *ret_finding);

struct doctor_clock {
	int64_t now_s;    /* 0: it cannot be read */
	int64_t latest_s; /* of all that boards were seen; 0: never */
};
void doctor_clock(const struct doctor_clock *facts, struct doctor_finding *ret_finding);

struct doctor_zones {
	const char *fault;   /* the zones of this machine cannot be read: why; NULL */
	size_t sites, zoned; /* all, and those with a time zone */
};
void doctor_zones(const struct doctor_zones *facts, struct doctor_finding *ret_finding);

struct doctor_signatures {
	enum signature_policy policy;
	size_t keys, threshold, channels;
};
void doctor_signatures(
	const struct doctor_signatures *facts, struct doctor_finding *ret_finding);

/* Boards of a site, as the latest polls have found them. */
struct doctor_site {
	const char *name; /* "": those without a site */
	size_t boards, online, never_seen, login_refused, wrong_board;
};
void doctor_site(const struct doctor_site *facts, struct doctor_finding *ret_finding);

#endif
