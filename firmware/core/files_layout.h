/* SPDX-License-Identifier: MIT
 *
 * What the file system keeps in memory: a sorted list of where the live records are on
 * flash, how full each sector is, one cluster being written, the open files. Read by
 * files_*.c alone; it stands in a header because a board contains it.
 */
#ifndef WIPY_FIRMWARE_FILES_LAYOUT_H
#define WIPY_FIRMWARE_FILES_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/files.h"

#define FILES_SECTORS_MAX  64
#define FILES_NODES_MAX    512 /* files and folders in all */
#define FILES_CLUSTERS_MAX 352
#define FILES_RECORDS_MAX  (FILES_NODES_MAX + FILES_CLUSTERS_MAX)

struct files_open {
	uint16_t id; /* of the node; 0: free */
	uint8_t mode;
	bool changed; /* the node on flash is older than this */
	bool failed;  /* something that it was given is lost */
	uint32_t size;
	uint32_t at;
};

/* The cluster that is being written; shared by the open files. */
struct files_buffer {
	uint16_t id;   /* of the node; 0: empty */
	uint16_t part; /* 1: the first cluster */
	uint16_t len;
	bool dirty;
	bool is_new; /* takes a cluster that is not on flash yet */
	uint8_t bytes[FILES_CLUSTER];
};

struct files {
	struct hal *hal;
	const struct wipy_personality *personality;
	bool fresh;      /* flash says nothing: a fresh board is shown */
	bool tidied;     /* no record on flash is intact but the listed ones */
	bool unreadable; /* a read has failed: the list may be wrong */
	uint16_t sectors;
	uint16_t clusters;        /* in all */
	uint16_t folder_clusters; /* taken by folders */
	uint16_t nodes;           /* listed records: nodes come first ... */
	uint16_t parts;           /* ... then clusters */
	uint16_t last_sector;     /* the one begun last */
	uint32_t node_bytes;      /* flash that nodes take */
	uint32_t seq;             /* the highest of any sector */
	uint32_t floor;           /* sectors numbered below are of an older format */
	struct files_open open[FILES_OPEN_MAX];
	uint16_t used[FILES_SECTORS_MAX];   /* bytes; 0: holds nothing that counts */
	uint16_t live[FILES_SECTORS_MAX];   /* bytes of listed records */
	uint16_t record[FILES_RECORDS_MAX]; /* place on flash in units of 4 bytes */
	struct files_buffer buffer;
};

_Static_assert(sizeof(struct files) <= 3072, "a board has little memory");

#endif
