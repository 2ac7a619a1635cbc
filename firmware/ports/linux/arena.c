/* SPDX-License-Identifier: MIT
 *
 * The interpreters' memory: one mapping for all boards that costs nothing until a board
 * writes to its part, and nothing again once it has been given back.
 */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "firmware/ports/linux/port.h"

/* Whole pages, so that one board's can be given back alone. */
static size_t stride(const struct fleet *fleet)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (fleet->arena_len + page - 1) / page * page;
}

int arena_open(struct fleet *fleet, size_t len)
{
	size_t size;
	void *mapping;

	fleet->arena_len = len;
	if (len == 0)
		return 0;
	size = stride(fleet) * (size_t)fleet->count;
	mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mapping == MAP_FAILED)
		return -errno;
	fleet->arenas = mapping;
	return 0;
}

void arena_close(struct fleet *fleet)
{
	if (fleet->arenas)
		munmap(fleet->arenas, stride(fleet) * (size_t)fleet->count);
	fleet->arenas = NULL;
}

void *arena_of(const struct hal *hal)
{
	const struct fleet *fleet = hal->fleet;

	return fleet->arenas ? fleet->arenas + stride(fleet) * (size_t)(hal->number - 1)
			     : NULL;
}

void arena_drop(struct hal *hal)
{
	if (hal->fleet->arenas)
		(void)madvise(arena_of(hal), stride(hal->fleet), MADV_DONTNEED);
}
