/* SPDX-License-Identifier: MIT
 *
 * Fault domains: boards that can go down together, those of a site (or of none), those
 * behind an access point, those in a room.
 */
#ifndef WIPY_CORE_DOMAIN_H
#define WIPY_CORE_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

struct domain {
	int boards;     /* of the inventory */
	int max_pushes; /* in flight here; 0: no limit of its own */
	int in_flight; /* counted by who makes the list, raised by who lets boards in */
};

#define TASK_DOMAINS 3

/* The domains that a board is in, as indices into a list of them; -1: none. The first one
 * is its site. */
struct task_domains {
	int index[TASK_DOMAINS];
};

/* How many boards of the domain may be down at once: `percent` of them, rounded up, at
 * least one. */
static inline int domain_share(const struct domain *domain, int percent)
{
	int64_t share = ((int64_t)domain->boards * percent + 99) / 100;

	return share < 1 ? 1 : (int)share;
}

/* It takes no more by a limit of its own. */
static inline bool domain_is_full(const struct domain *domain)
{
	return domain->max_pushes != 0 && domain->in_flight >= domain->max_pushes;
}

/* One board more may go down there, with `percent` of them as its share. */
static inline bool domain_has_room(const struct domain *domain, int percent)
{
	return domain->in_flight < domain_share(domain, percent) &&
	       !domain_is_full(domain);
}

#endif
