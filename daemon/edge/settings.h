/* SPDX-License-Identifier: MIT
 *
 * wipyd.yaml: the daemon's own settings. Every one has a default; without a file the
 * daemon runs on the built-in ones. Immutable once read.
 */
#ifndef WIPY_EDGE_SETTINGS_H
#define WIPY_EDGE_SETTINGS_H

#include <stdint.h>

#include "common/err.h"
#include "daemon/core/access.h"
#include "daemon/core/model.h"
#include "daemon/edge/minisign.h"
#include "daemon/edge/yaml_check.h"

/* Where new releases are looked for. */
struct release_channel {
	char name[NAME_MAX_LEN];
	char *url; /* of a manifest */
	int64_t every_ms;
};

/* Where the API listens beside its socket. */
struct settings_tcp {
	char address[64]; /* numeric */
	bool ipv6, loopback;
	uint16_t port;           /* 0: one that is free */
	char *certificate, *key; /* files; NULL: without TLS, on the loopback only */
};

struct settings {
	char *file;      /* that they were read from; NULL: none */
	char *state_dir; /* state-dir: $STATE_DIRECTORY or /var/lib/wipyd */
	char *socket; /* socket: $RUNTIME_DIRECTORY/wipyd.sock or /run/wipyd/wipyd.sock */
	char *inventory; /* inventory: /etc/wipyd/inventory.yaml; a relative path is
	                   * relative to the settings file */
	int64_t poll_every_ms;      /* poll.every: 5m, 1s..1d */
	int64_t polls_max;          /* poll.in-flight: 256, 1..4096 */
	int64_t poll_miss_retry_ms; /* poll.retry: 10s, 100ms..1h */
	int64_t poll_misses;        /* poll.misses: 3, 1..100: then offline */
	int64_t attempts;           /* update.attempts: 3, 1..10 */
	int64_t backoff_ms;         /* update.back-off: 30s (doubles), 100ms..1h */
	int64_t return_ms;          /* update.return: 90s, 1s..1h */
	int64_t return_every_ms;    /* update.look-every: 2s, 100ms..1m */
	int64_t soak_ms;            /* update.soak: 5m, 0..7d */
	int64_t pushes_max;         /* update.in-flight: 16, 1..4096 */
	int64_t domain_share;       /* update.domain-share: 25%, 1..100 */
	int64_t bandwidth; /* update.bandwidth: bytes a second of all pushes; 0: no limit */
	int64_t expires_ms;   /* update.expires: 30d, 1m..365d: a rollout's time */
	int64_t catch_up_ms;  /* update.catch-up: 30d, 0..365d; 0: nobody catches up */
	int64_t catch_up_max; /* update.catch-up-in-flight: 4, 1..4096 */
	/* brakes.*: so many boards, 1..1000000, or more than a share of the attempted */
	struct yaml_share brake_lost;      /* 1 board */
	struct yaml_share brake_fell_back; /* 5% */
	struct yaml_share brake_failed;    /* 5% */
	struct yaml_share brake_probe;     /* 5% */
	bool approval; /* policy.approval: none (false), other-person (true) */
	bool login_at_enrolment; /* enrolment.login: true */
	/* releases.signatures: warn (off, required); .threshold: 1, 1..32;
	 * .trusted-keys: public keys of minisign, or their files */
	struct minisign_trust trust;
	struct release_channel *channel; /* channels: NAME: {url, every: 6h, 1m..30d} */
	size_t channel_count;
	/* api.roles: of groups (members of the daemon's own are admins); api.tokens: a file */
	struct access_rules access;
	char *tokens;        /* the path of that file; NULL: none */
	bool tokens_guarded; /* it is one of the service's credentials */
	bool has_tcp; /* api.listen: ADDRESS:PORT; api.certificate, api.key: files */
	struct settings_tcp tcp;
	bool metrics_per_board; /* api.metrics.per-board: false */
	char *ca_file; /* releases.ca-file: authorities for https; NULL: the system's */
};

/* path NULL: defaults only. Returns 0, or WIPY_E_CONFIG with every fault in *problems. */
int settings_read(const char *path, struct yaml_problems *problems,
	struct settings **ret_settings) WARN_UNUSED;
struct settings *settings_free(struct settings *settings);
/* The tokens whose lines stand in settings->tokens now and have no fault: for when there
 * are faults elsewhere. None of a file that is open to others or cannot be read. The caller
 * frees ret_access->token. */
void settings_read_tokens_left(
	const struct settings *settings, struct access_rules *ret_access);

#endif
