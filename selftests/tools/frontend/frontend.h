/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A frontend in user space, in the domain that runs it, over libxenstore,
 * libxengnttab and libxenevtchn. It also plays the toolstack's part, since a
 * device begins and ends with what the toolstack writes.
 *
 * store.c   the device in xenstore: create, handshake, end
 * share.c   granted pages and the event channel
 * blkif.c   a block ring: request, answer
 * idle.c    disks with large rings, connected but idle
 * quiet.c   interfaces, connected but idle
 * busy.c    a disk with a full ring, until the process is killed
 * netif.c   the two rings of an interface, connected but idle
 * wire.c    slots of those rings, put and taken
 * segment.c segments of TCP
 * frames.c  frames out of dom0, and where they are in a frontend's pages
 * settings.c  what toolstacks set of an interface
 * headroom.c  room in front of packets, for XDP
 * watched.c  what dom0 is shown of packets
 * chained.c one packet of many segments, from an interface to another
 * stack.c   what dom0's network stack gets of packets
 * posts.c   slots that are posted without an event, or beside a flood
 * rate.c    how much it may send
 * groups.c  which multicast packets it gets
 * kept.c    one whose net device cannot be freed yet
 * requests.c  requests no stock frontend sends, and their answers
 * packets.c  the same of packets; interfaces that must be switched off
 * hashed.c  an interface of two queues with a control ring
 * arrived.c the same: packets out of dom0, and where they arrive
 * ctrl.c    messages of the control ring, and packets that go by them
 * erase.c   secure discards, and what does not wait for them
 * gate.c    barriers beside a ring with which something is wrong
 * closing.c a disk that is used after it was to be closed
 * asked.c   a disk that is to be closed while it is slow
 * settled.c dom0 writing to the disk beside it
 * promises.c what a frontend is told, seen from the disk
 * flushes.c what it takes to be durable
 * testdisk.c what the disk below is told
 * neighbour.c what one ring or frontend could take from the others
 * fairness.c a reader, and what is in its way
 * dead.c    many disks on one that answers no more
 * small.c   blocks that are smaller than the disk's
 * shrunk.c  a disk that becomes smaller
 * torn.c    the same as small.c, when the power fails
 * rings.c   a disk of two queues
 * malice.c  what a hostile frontend does with a working ring
 * script.c  plays another frontend by a script of selftests/frontends: reads it
 * hands.c   the same: states, keys
 * play-disk.c, disk-rings.c, moves.c, transfer.c  the same of a disk: see play-disk.h
 * play-vif.c, vif-*.c  the same of an interface: see play-vif.h
 * main.c    the command line
 *
 * Every function that can fail returns 0 or a negative errno and has said on
 * stderr what failed.
 */
#ifndef FRONTEND_H
#define FRONTEND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>
#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/event_channel.h>
#include <xen/io/xenbus.h>

/* what xen/io/ring.h builds on; it must be included after this header */
#define mb() __sync_synchronize() /* full */
#define rmb() __sync_synchronize() /* full, more than is asked for */
#define wmb() __sync_synchronize()

#define PATH_SIZE 128
#define WAIT_SECONDS 60
#define POLL_MS 4
#define STORM_EVENTS 50
#define STORM_US 5000
/* Some may find work of before, and some come while another is in hand. */
#define STORM_LEAST (STORM_EVENTS / 5)

struct device {
	struct xs_handle *store;
	const char *type; /* "vbd" or "vif" */
	unsigned int number; /* of the device within its type */
	xs_transaction_t xbt; /* what device_write() is part of */
	bool detached; /* by device_detach() */
	char front[PATH_SIZE];
	char back[PATH_SIZE];
};

struct share {
	xengntshr_handle *grants;
	xenevtchn_handle *events;
	xenevtchn_port_or_error_t port;
};

/* store.c */
extern bool device_readonly; /* disks that are made from now on */
int device_create(struct device *dev, struct xs_handle *store, const char *type,
		  unsigned int number);
int device_write(struct device *dev, const char *path, const char *key,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
int device_read_state(struct device *dev, const char *path);
int device_wait_state(struct device *dev, int wanted);
int device_set_state(struct device *dev, int state);
int device_detach(struct device *dev);
int device_end(struct device *dev);
/* Until no driver has a device of dom0's, or its module for it, any more. */
int device_wait_gone(const char *type, unsigned int number);
void device_erase(struct device *dev);

/* share.c */
int share_open(struct share *share);
int share_page(struct share *share, void **page, uint32_t *ref);
int share_pages(struct share *share, unsigned int count, bool writable,
		void **pages, uint32_t *refs);
void share_free(struct share *share, void *page);
void share_free_pages(struct share *share, void *pages, unsigned int count);
int share_bind(struct share *share);
void share_unbind(struct share *share);
int share_wait(struct share *share, int milliseconds);
/*
 * Events with nothing behind them; how many Linux was told to be spurious. A
 * counter goes to and fro meanwhile, unless it is NULL.
 */
int share_storm(struct share *share, struct device *dev, uint32_t *moved);
/* What Linux has been told of a device's events, a number. */
int share_spurious(struct device *dev);
void share_close(struct share *share);

/* malice.c */
int malice_far_producer(struct share *share, struct xs_handle *store,
			const char *node, unsigned int number);

#endif
