/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * xen-loadgen: frontends of vbds and vifs that offer requests in bursts, with
 * pages granted beforehand, so that what a backend costs shows.
 *
 * Protocol, which knows nothing of load:
 * device.c:  lg_probe() lg_otherend_changed() lg_remove() lg_is_ready()
 *            lg_write_keys()
 * share.c:   lg_channel_open() lg_channel_close() lg_channel_notify()
 *            lg_pool_grow() lg_pool_free()
 * blk.c:     see blk.h
 * net.c:     see net.h
 *
 * Load:
 * line.c:    lg_line_parse()
 * run.c:     lg_run_init() lg_run_exit() lg_run_add() lg_run_remove()
 *            lg_run_watch() lg_run_wait()
 * blkload.c: lg_blk_run()
 * netload.c: lg_net_run()
 *
 * main.c puts the two together.
 */
#ifndef XEN_LOADGEN_H
#define XEN_LOADGEN_H

#include <linux/debugfs.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

struct lg_device;

extern bool lg_persistent;
extern unsigned int lg_ring_order;

/**
 * struct lg_channel - an event channel to the backend
 * @dev: whose it is
 * @port: our end
 * @irq: its interrupt, 0 while closed
 * @event: called for each event, in interrupt context
 * @events: events received
 * @notifies: events sent
 */
struct lg_channel {
	struct lg_device *dev;
	evtchn_port_t port;
	int irq;
	void (*event)(struct lg_channel *chan);
	u64 events;
	u64 notifies;
};

/**
 * struct lg_page - a page that the backend's domain may use
 * @page: the page
 * @ref: its grant reference
 */
struct lg_page {
	struct page *page;
	grant_ref_t ref;
};

/**
 * struct lg_pool - granted pages; they stay granted while the device lives
 * @page: the pages
 * @nr: how many
 */
struct lg_pool {
	struct lg_page *page;
	unsigned int nr;
};

/**
 * struct lg_counts - what a run did
 * @requests: requests put on the ring
 * @responses: responses taken
 * @errors: responses that say error, and data that is not what was expected
 * @bytes: of responses that say success
 * @packets: packets complete, of a vif
 * @notify_sent: events sent
 * @events: events received
 */
struct lg_counts {
	u64 requests;
	u64 responses;
	u64 errors;
	u64 bytes;
	u64 packets;
	u64 notify_sent;
	u64 events;
};

/**
 * struct lg_run - the run of a device and its files
 * @lock: held while a run lasts: there is one at a time
 * @dir: the device's folder in debugfs
 * @counts: of the run; its last two are complete only when the run is over
 * @chan: the channel the run uses, NULL when there is no run
 * @events: what @chan had received before
 * @notifies: what @chan had sent before
 */
struct lg_run {
	struct mutex lock; /* one run at a time */
	struct dentry *dir;
	struct lg_counts counts;
	struct lg_channel *chan;
	u64 events;
	u64 notifies;
};

/**
 * struct lg_type - what differs between kinds of devices
 * @name: in xenstore and in debugfs: "vbd", "vif"
 * @number_key: the frontend's node with the device's number
 * @offered: the frontend's state when its rings are offered
 * @has_packets: whether results count packets
 * @offer: make rings and write their keys; @release undoes it either way
 * @connected: read what the backend offers; may be NULL
 * @release: give all back that @offer made; the backend has let go of it
 * @up: the device may be used
 * @down: it may not any more; nobody uses it when this returns
 * @run: do what a line says
 */
struct lg_type {
	const char *name;
	const char *number_key;
	enum xenbus_state offered;
	bool has_packets;
	int (*offer)(struct lg_device *dev);
	int (*connected)(struct lg_device *dev);
	void (*release)(struct lg_device *dev);
	int (*up)(struct lg_device *dev);
	void (*down)(struct lg_device *dev);
	int (*run)(struct lg_device *dev, char *line);
};

/**
 * enum lg_life - how far a device is
 * @LG_NEW: waits for the backend's InitWait
 * @LG_OFFERED: rings are offered
 * @LG_UP: connected, in use
 * @LG_DOWN: out of use; the backend may still have the pages
 * @LG_OVER: all is given back
 */
enum lg_life { LG_NEW, LG_OFFERED, LG_UP, LG_DOWN, LG_OVER };

/**
 * struct lg_device - a frontend device
 * @xdev: the xenbus device
 * @type: what it is
 * @number: its number in the domain
 * @life: how far it is; changed by xenbus' calls only, one at a time
 * @gone: a run must end
 * @wait: where runs wait for events
 * @priv: the protocol's, NULL before offer and after release
 * @run: the load's
 */
struct lg_device {
	struct xenbus_device *xdev;
	const struct lg_type *type;
	unsigned int number;
	enum lg_life life;
	bool gone;
	wait_queue_head_t wait;
	void *priv;
	struct lg_run run;
};

/**
 * struct lg_key - a number in the frontend's directory
 * @name: of the node
 * @value: of the node
 */
struct lg_key {
	char name[32];
	unsigned int value;
};

/**
 * struct lg_arg - a word of a line, NAME=VALUE
 * @name: its name
 * @min: least number
 * @max: greatest number
 * @step: numbers are multiples of it; 0 is 1
 * @def: when it is missing
 * @required: it may not be missing
 * @all: a word that stands for @max, or NULL
 * @words: the value is one of these and is stored as its index; or NULL
 * @mac: the value is an Ethernet address
 * @offset: of its u64 in the structure that is filled
 */
struct lg_arg {
	const char *name;
	u64 min;
	u64 max;
	u64 step;
	u64 def;
	bool required;
	const char *all;
	const char *const *words;
	bool mac;
	size_t offset;
};

/* A word that fills the field of its name in @_struct; the rest is given. */
#define LG_ARG(_struct, _field, ...)                                  \
	{                                                             \
		.name = #_field, .offset = offsetof(_struct, _field), \
		__VA_ARGS__                                           \
	}

/* device.c */
struct lg_device *lg_probe(struct xenbus_device *xdev,
			   const struct lg_type *type);
void lg_otherend_changed(struct xenbus_device *xdev, enum xenbus_state state);
void lg_remove(struct xenbus_device *xdev);
int lg_is_ready(struct xenbus_device *xdev);
int lg_write_keys(struct lg_device *dev, const struct lg_key *keys,
		  unsigned int nr);

/* share.c */
int lg_channel_open(struct lg_channel *chan, struct lg_device *dev,
		    const char *name, void (*event)(struct lg_channel *chan));
void lg_channel_close(struct lg_channel *chan);
void lg_channel_notify(struct lg_channel *chan);
int lg_pool_grow(struct lg_pool *pool, struct lg_device *dev, unsigned int nr);
void lg_pool_free(struct lg_pool *pool);

/* line.c */
int lg_line_parse(struct lg_device *dev, char *line, const struct lg_arg *args,
		  unsigned int nr, void *out);

/* run.c */
int lg_run_init(void);
void lg_run_exit(void);
int lg_run_add(struct lg_device *dev);
void lg_run_remove(struct lg_device *dev);
void lg_run_watch(struct lg_device *dev, struct lg_channel *chan);
int lg_run_wait(struct lg_device *dev, bool (*ready)(void *arg), void *arg,
		unsigned long deadline);
unsigned long lg_run_deadline(u64 seconds);

/* blkload.c, netload.c */
int lg_blk_run(struct lg_device *dev, char *line);
int lg_net_run(struct lg_device *dev, char *line);

#endif
