/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Private to /dev/xen/evtchn.
 *
 * ring.c:  evtchn_ring_init() evtchn_ring_destroy() evtchn_ring_reserve()
 *          evtchn_ring_push() evtchn_ring_peek() evtchn_ring_consume()
 *          evtchn_ring_forget() evtchn_ring_reset() evtchn_ring_readable()
 * ports.c: evtchn_ports_ioctl() evtchn_ports_unmask() evtchn_ports_release()
 */
#ifndef XEN_BACKENDS_EVTCHN_CHARDEV_H
#define XEN_BACKENDS_EVTCHN_CHARDEV_H

#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <xen/interface/xen.h>

#include "evtchn.h"

struct fasync_struct;

/* In RESTRICT_DOMID's place while nothing is restricted. */
#define EVTCHN_ANY_DOMID ((domid_t)~0)

/**
 * struct evtchn_ring - ports whose event waits to be read, in order
 * @lock: protects all below; taken in the interrupt, nothing is taken inside
 * @port: the ring, NULL until the first port is bound
 * @size: its entries, 0 or a power of two
 * @head: entries ever read, free-running
 * @tail: entries ever written, free-running
 * @shown: entries from @head on that a reader looks at, or did when its memory
 *	could not be written
 * @overflow: an event found no room; kept until evtchn_ring_reset()
 *
 * A port is masked from its event to its unmask, and there is an entry for each:
 * it overflows only when a program unmasks ports without reading them.
 */
struct evtchn_ring {
	spinlock_t lock; /* all below */
	evtchn_port_t *port;
	unsigned int size;
	unsigned int head;
	unsigned int tail;
	unsigned int shown;
	bool overflow;
};

/**
 * struct evtchn_file - an open /dev/xen/evtchn
 * @bind_lock: protects @ports, @nr_ports and @restrict_domid; a port's object
 *	lives while it is held. Taken inside the module's one port_birth_lock,
 *	so that user memory is never touched with it
 * @ports: struct evtchn_port_user by local port
 * @nr_ports: entries in @ports
 * @restrict_domid: the one domain that ports may lead to, or EVTCHN_ANY_DOMID
 * @read_lock: one reader at a time, so that what was copied is what is
 *	consumed; @ring.lock is taken inside. It is kept while the ports are
 *	copied to the reader's memory: who waits for that are readers of this
 *	file and RESET, with no other lock
 * @ring: events that wait
 * @readers: sleeps until @ring is not empty
 * @async: who wants SIGIO
 * @name: the ports' name in /proc/interrupts
 */
struct evtchn_file {
	struct mutex bind_lock; /* ports, nr_ports, restrict_domid */
	struct xarray ports;
	unsigned int nr_ports;
	domid_t restrict_domid;
	struct mutex read_lock; /* one reader at a time */
	struct evtchn_ring ring;
	wait_queue_head_t readers;
	struct fasync_struct *async;
	char name[sizeof("evtchn:") + TASK_COMM_LEN];
};

void evtchn_ring_init(struct evtchn_ring *ring);
void evtchn_ring_destroy(struct evtchn_ring *ring);
int evtchn_ring_reserve(struct evtchn_ring *ring, unsigned int entries);
bool evtchn_ring_push(struct evtchn_ring *ring, evtchn_port_t port);
int evtchn_ring_peek(struct evtchn_ring *ring, unsigned int skip,
		     evtchn_port_t *port, unsigned int max);
void evtchn_ring_consume(struct evtchn_ring *ring, unsigned int entries);
void evtchn_ring_forget(struct evtchn_ring *ring, evtchn_port_t port);
void evtchn_ring_reset(struct evtchn_ring *ring);
bool evtchn_ring_readable(struct evtchn_ring *ring);

long evtchn_ports_ioctl(struct evtchn_file *ef, unsigned int cmd,
			void __user *arg);
void evtchn_ports_unmask(struct evtchn_file *ef, const evtchn_port_t *port,
			 unsigned int nr);
void evtchn_ports_release(struct evtchn_file *ef);

#endif
