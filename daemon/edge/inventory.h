/* SPDX-License-Identifier: MIT
 *
 * The inventory: which boards there are, as their owner wrote it in YAML (DESIGN.md 6).
 * Reading is all or nothing: every error is found in one go, each with file:line:column,
 * and an inventory with one error is no inventory. Immutable once read; a reload reads a
 * new one and swaps.
 */
#ifndef WIPY_EDGE_INVENTORY_H
#define WIPY_EDGE_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "daemon/core/bucket.h"
#include "daemon/core/fit.h"
#include "daemon/core/model.h"
#include "daemon/core/probe.h"
#include "daemon/core/selector.h"
#include "daemon/core/window.h"
#include "daemon/edge/yaml_check.h"

#define INVENTORY_BOARDS_MAX 1000000
#define CREDENTIAL_MAX       32 /* 31 characters and NUL (WIRE.md 1.4) */

enum poll_method {
	POLL_BANNER, /* no login (DESIGN.md 1.2) */
	POLL_UNAME,  /* the owner asked for login and os.uname() */
};

struct label {
	char *key, *value;
};

/* When boards of a site may be taken down. */
struct site_windows {
	char zone_name[NAME_MAX_LEN]; /* "Europe/Berlin" */
	struct zone zone;
	struct windows windows; /* refers to `zone` */
};

struct site {
	char name[NAME_MAX_LEN];
	struct site_windows *windows; /* NULL: always */
	int max_pushes;               /* in flight here; 0: only the daemon's limit */
	int64_t bandwidth; /* bytes a second of all pushes here; 0: no limit */
};

struct access_point {
	char name[NAME_MAX_LEN];
	int max_pushes;    /* as a site's */
	int64_t bandwidth; /* as a site's */
};

/* What the owner says of a board. */
struct board_spec {
	char name[NAME_MAX_LEN];
	char *address; /* literal or host name */
	enum wipy_family family;
	char type[NAME_MAX_LEN];            /* "" without */
	int site;                           /* index into inventory.site, -1 without */
	const struct site_windows *windows; /* of the site; NULL: always */
	char access_point[NAME_MAX_LEN];    /* "" without */
	int access_point_at; /* index into inventory.access_point, -1 without */
	int room_at; /* of its label `room` at its site, below room_count; -1 without */
	uint16_t telnet_port, ftp_port;
	uint16_t data_port; /* 0: the one that 227 names */
	char user[CREDENTIAL_MAX];
	char password[CREDENTIAL_MAX]; /* wiped by inventory_free() */
	enum poll_method poll_method;
	int64_t poll_every_ms;
	bool may_interrupt; /* a reset may stop a running program; default yes */
	char release[NAME_MAX_LEN];    /* the target; "" without */
	enum target_from release_from; /* TARGET_NONE without */
	struct label *label;
	size_t label_count;
	const struct fit_rules
		*accept; /* of its type; the inventory's; NULL: anything */
	const struct probe_list *probes; /* of its soak; the inventory's; NULL: none */
};

struct inventory {
	char *path;
	struct selector_set *set; /* saved selectors, by name */
	size_t set_count;
	const char **label; /* the keys of labels that boards have, in order */
	size_t label_count;
	struct board_spec *board; /* sorted by name; unique */
	size_t board_count;
	struct site *site;
	size_t site_count;
	struct fit_rules **accept; /* what the boards' are */
	size_t accept_count;
	struct probe_list **probes; /* what the boards' lists are */
	size_t probes_count;
	struct access_point *access_point; /* those that boards name, by name */
	size_t access_point_count;
	size_t room_count;
};

/* Reads and checks the file. `secrets_dir`: where password-file names without a slash
 * are looked for first ($CREDENTIALS_DIRECTORY; NULL: none); otherwise they are relative
 * to the inventory's folder. `poll_every_ms` is the default of the settings. Returns 0, or
 * WIPY_E_CONFIG with every fault in *problems (an unreadable file is one fault too).
 * Blocks: not to be called on the loop but through the worker pool after start. */
int inventory_read(const char *path, const char *secrets_dir, int64_t poll_every_ms,
	struct yaml_problems *problems, struct inventory **ret_inventory) WARN_UNUSED;

/* NULL is fine; returns NULL. Wipes the passwords. */
struct inventory *inventory_free(struct inventory *inventory);

/* The board of that name, or NULL. */
const struct board_spec *inventory_find(
	const struct inventory *inventory, const char *name);

/* What a selector may name; borrowed. */
struct selector_words inventory_selector_words(const struct inventory *inventory);

/* "" for a board without one. */
const char *inventory_site_name(
	const struct inventory *inventory, const struct board_spec *spec);

/* Whether both boards accept the same images, are probed alike. */
bool inventory_same_accept(const struct board_spec *a, const struct board_spec *b);
bool inventory_same_probes(const struct board_spec *a, const struct board_spec *b);

/* Whether clocks, windows, days without updates are alike; of a zone also what its file
 * said. */
bool inventory_same_zone(const struct site_windows *a, const struct site_windows *b);
bool inventory_same_hours(const struct windows *a, const struct windows *b);
bool inventory_same_blackouts(const struct windows *a, const struct windows *b);

/* True if a password or a user differs for a board that both hold. */
bool inventory_credentials_differ(const struct inventory *a, const struct inventory *b);

#endif
