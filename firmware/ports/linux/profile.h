/* SPDX-License-Identifier: MIT
 *
 * What a fleet's boards are like: their family, and how long things take. A profile is a
 * YAML file of these settings, or one of those that are built in: `fast`, where nothing
 * takes time, and `real`, with the times of real boards.
 */
#ifndef WIPY_PORT_LINUX_PROFILE_H
#define WIPY_PORT_LINUX_PROFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"
#include "firmware/core/personality.h"

struct profile {
	const struct wipy_personality *family;
	uint32_t boot_ms;    /* from reset until the servers are there */
	uint32_t rejoin_ms;  /* from then on until the radio is back in its network */
	uint32_t erase_ms;   /* a sector of 4096 bytes */
	uint32_t write_us;   /* a block of 512 bytes */
	uint32_t latency_ms; /* until what a client sends or does is seen */
	uint32_t jitter_ms;  /* up to so much more, at random */
	uint32_t rate;       /* bytes a second from a data connection; 0: any */
	uint32_t seed;       /* of the randomness of jitter */
};

/* `fast`. */
void profile_default(struct profile *ret_profile);

/* True: there is a setting of that name; options bear the same names. */
bool profile_has(const char *name, size_t len);

/* Sets one. False: ret_error says what it wants. */
bool profile_set(struct profile *profile, const char *name, const char *text,
	struct errtext *ret_error);

/* Reads the file, or takes the built-in profile of that name. What is wrong with the
 * file is written to `complaints`, all of it, one line each, as file:line:col: text.
 * Returns how many lines that were; ret_profile is untouched then. */
int profile_load(
	const char *path, FILE *complaints, struct profile *ret_profile) WARN_UNUSED;

#endif
