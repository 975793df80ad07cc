// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Granted pages and the event channel. */

#include "frontend.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PAGE_BYTES 4096

int share_open(struct share *share)
{
	share->port = -1;
	share->grants = xengntshr_open(NULL, 0);
	if (!share->grants) {
		fprintf(stderr, "gntalloc: %s\n", strerror(errno));
		return -errno;
	}
	share->events = xenevtchn_open(NULL, 0);
	if (!share->events) {
		fprintf(stderr, "evtchn: %s\n", strerror(errno));
		xengntshr_close(share->grants);
		return -errno;
	}
	return 0;
}

/* A zeroed page that domain 0 may map for writing. */
int share_page(struct share *share, void **page, uint32_t *ref)
{
	*page = xengntshr_share_pages(share->grants, 0, 1, ref, 1);
	if (!*page) {
		fprintf(stderr, "no shared page: %s\n", strerror(errno));
		return -errno;
	}
	memset(*page, 0, PAGE_BYTES);
	return 0;
}

/* Zeroed pages, one behind the other, that domain 0 may map. */
int share_pages(struct share *share, unsigned int count, bool writable,
		void **pages, uint32_t *refs)
{
	*pages = xengntshr_share_pages(share->grants, 0, count, refs, writable);
	if (!*pages) {
		fprintf(stderr, "no %u shared pages: %s\n", count,
			strerror(errno));
		return -errno;
	}
	memset(*pages, 0, (size_t)count * PAGE_BYTES);
	return 0;
}

void share_free(struct share *share, void *page)
{
	share_free_pages(share, page, 1);
}

void share_free_pages(struct share *share, void *pages, unsigned int count)
{
	if (pages)
		xengntshr_unshare(share->grants, pages, count);
}

int share_bind(struct share *share)
{
	share->port = xenevtchn_bind_unbound_port(share->events, 0);
	if (share->port < 0) {
		fprintf(stderr, "no event channel: %s\n", strerror(errno));
		return -errno;
	}
	return 0;
}

void share_unbind(struct share *share)
{
	if (share->port >= 0)
		xenevtchn_unbind(share->events, share->port);
	share->port = -1;
}

/* Take one event; -ETIMEDOUT when none comes. */
int share_wait(struct share *share, int milliseconds)
{
	struct pollfd poller = {
		.fd = xenevtchn_fd(share->events),
		.events = POLLIN,
	};
	xenevtchn_port_or_error_t port;

	if (poll(&poller, 1, milliseconds) <= 0)
		return -ETIMEDOUT;
	port = xenevtchn_pending(share->events);
	if (port < 0 || xenevtchn_unmask(share->events, port))
		return -errno;
	return 0;
}

int share_spurious(struct device *dev)
{
	char path[PATH_SIZE];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path),
		 "/sys/bus/xen-backend/devices/%s-0-%u/xenbus/spurious_events",
		 dev->type, dev->number);
	file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

int share_storm(struct share *share, struct device *dev, uint32_t *moved)
{
	int before = share_spurious(dev), after;
	unsigned int i;

	for (i = 0; i < STORM_EVENTS; i++) {
		if (moved)
			__atomic_store_n(moved, *moved + (i & 1 ? 1 : -1),
					 __ATOMIC_SEQ_CST);
		xenevtchn_notify(share->events, share->port);
		usleep(STORM_US);
	}
	after = share_spurious(dev);
	return before < 0 || after < 0 ? -1 : after - before;
}

void share_close(struct share *share)
{
	xenevtchn_close(share->events);
	xengntshr_close(share->grants);
}
