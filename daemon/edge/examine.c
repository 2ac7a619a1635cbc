/* SPDX-License-Identifier: MIT
 *
 * stat() and statvfs() as facts.
 */
#include "config.h"

#include "daemon/edge/examine.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/err.h"

#define PERMISSIONS 07777u

void examine_file(const char *check, const char *path, unsigned int forbidden,
	bool anybodys, struct doctor_file *ret_facts)
{
	struct stat info;

	*ret_facts = (struct doctor_file){
		.check = check, .path = path, .forbidden = forbidden};
	if (stat(path, &info) < 0) {
		ret_facts->fault = wipy_strerror(-errno);
		return;
	}
	ret_facts->mode = info.st_mode & PERMISSIONS;
	ret_facts->ours = anybodys || info.st_uid == geteuid() || info.st_uid == 0;
}

void examine_disk(const char *path, struct doctor_disk *ret_facts)
{
	struct statvfs info;

	*ret_facts = (struct doctor_disk){.path = path};
	if (statvfs(path, &info) < 0) {
		ret_facts->fault = wipy_strerror(-errno);
		return;
	}
	ret_facts->read_only = (info.f_flag & ST_RDONLY) != 0;
	ret_facts->free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
	ret_facts->total_bytes = (uint64_t)info.f_blocks * info.f_frsize;
}
