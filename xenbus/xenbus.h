/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The backend half of xenbus: what every backend driver stands on.
 *
 * device.c:    xbe_register_driver() xbe_unregister_driver()
 * event.c:     xbe_post_check() xbe_fault()
 * state.c:     xbe_state_next()
 * keys.c:      xbe_key_parse()
 * negotiate.c: xbe_advertise() xbe_leave_word() xbe_publish() xbe_read_keys()
 *              xbe_read_refs() xbe_told()
 * ring.h:      a shared ring
 * store.c:     xbe_transact()
 * error.c:     xbe_error() xbe_error_clear()
 * main.c:      xbe_debugfs_dir()
 */
#ifndef XEN_BACKENDS_XENBUS_H
#define XEN_BACKENDS_XENBUS_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <asm/barrier.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

#include "ring.h"

struct attribute_group;
struct dentry;
struct xbe_device;

/**
 * enum xbe_life - where a backend device stands
 * @XBE_INIT: bound, not yet started
 * @XBE_WAIT: InitWait is written; its resource (disk, hotplug) is not there
 * @XBE_READY: the resource is there; the frontend has not asked to connect
 * @XBE_CONNECTED: rings are mapped and served
 * @XBE_RECONFIGURED: served; the frontend has had something read anew, Reconfigured
 *	is written, and it has not said Connected again
 * @XBE_LEAVING: served still, though the frontend has said Closing
 * @XBE_REFUSED: its resource cannot be had: Closing is written, and the frontend
 *	has not answered that; another resource may be named yet
 * @XBE_CLOSING: torn down, Closing is written, the frontend has yet to close
 * @XBE_CLOSED: both ends are closed; the frontend may start again
 * @XBE_GONE: torn down for good
 * @XBE_NR_LIFE: how many there are
 */
enum xbe_life {
	XBE_INIT,
	XBE_WAIT,
	XBE_READY,
	XBE_CONNECTED,
	XBE_RECONFIGURED,
	XBE_LEAVING,
	XBE_REFUSED,
	XBE_CLOSING,
	XBE_CLOSED,
	XBE_GONE,
	XBE_NR_LIFE
};

/**
 * enum xbe_event - what can happen to a backend device
 * @XBE_EV_START: it was bound to its driver
 * @XBE_EV_FRONTEND: the frontend's state changed
 * @XBE_EV_RESOURCE: its resource is there
 * @XBE_EV_REFUSED: its resource cannot be had
 * @XBE_EV_KEY: a key that the driver watches was written
 * @XBE_EV_OFFLINE: the toolstack has set it offline
 * @XBE_EV_ERROR: an action failed
 * @XBE_EV_DETACH: the driver is being unbound
 * @XBE_NR_EVENTS: how many there are
 */
enum xbe_event {
	XBE_EV_START,
	XBE_EV_FRONTEND,
	XBE_EV_RESOURCE,
	XBE_EV_REFUSED,
	XBE_EV_KEY,
	XBE_EV_OFFLINE,
	XBE_EV_ERROR,
	XBE_EV_DETACH,
	XBE_NR_EVENTS
};

/**
 * enum xbe_action - what is done about it
 * @XBE_DO_NOTHING: nothing
 * @XBE_DO_START: ops->probe(), write InitWait
 * @XBE_DO_CONNECT: ops->connect(), write Connected
 * @XBE_DO_KEY: ops->key_changed()
 * @XBE_DO_RECONFIGURE: ops->reconfigure(), write Reconfigured
 * @XBE_DO_RESUME: ops->reconfigure(), write Connected
 * @XBE_DO_LINGER: write Closing, go on serving
 * @XBE_DO_CLOSE: ops->disconnect(), write Closing
 * @XBE_DO_CLOSED: ops->disconnect(), write Closed
 * @XBE_DO_RESTART: ops->disconnect(), write InitWait
 * @XBE_DO_UNREGISTER: ops->disconnect(), write Closed, unregister the device
 * @XBE_DO_DETACH: ops->disconnect(), ops->remove()
 */
enum xbe_action {
	XBE_DO_NOTHING,
	XBE_DO_START,
	XBE_DO_CONNECT,
	XBE_DO_KEY,
	XBE_DO_RECONFIGURE,
	XBE_DO_RESUME,
	XBE_DO_LINGER,
	XBE_DO_CLOSE,
	XBE_DO_CLOSED,
	XBE_DO_RESTART,
	XBE_DO_UNREGISTER,
	XBE_DO_DETACH
};

/**
 * enum xbe_trait - in what the lives of devices differ, as bits
 * @XBE_LINGERS: xbe_ops.serve_closing of its driver
 * @XBE_RECONFIGURES: there is xbe_ops.reconfigure
 */
enum xbe_trait { XBE_LINGERS = 1, XBE_RECONFIGURES = 2 };

/**
 * struct xbe_step - an entry of the state table
 * @action: what to do
 * @next: where the device stands once that succeeded
 */
struct xbe_step {
	enum xbe_action action;
	enum xbe_life next;
};

struct xbe_step xbe_state_next(enum xbe_life life, enum xenbus_state frontend,
			       enum xbe_event event, unsigned int traits);

/**
 * struct xbe_choice - a word a key may have and what it stands for
 * @word: the word; NULL ends an array
 * @value: its value
 */
struct xbe_choice {
	const char *word;
	u32 value;
};

/**
 * struct xbe_key - a key read from the frontend's directory
 * @name: name of the node
 * @min: least value
 * @max: greatest value
 * @def: the value when the node is missing and not @required
 * @required: whether a missing node is an error
 * @choices: the words it may have, instead of a number; or NULL
 * @offset: where in the driver's structure the u32 goes
 *
 * Numbers are unsigned decimals, as xen/interface/io/blkif.h and netif.h have
 * them.
 */
struct xbe_key {
	const char *name;
	u32 min;
	u32 max;
	u32 def;
	bool required;
	const struct xbe_choice *choices;
	size_t offset;
};

/**
 * struct xbe_node - a node the backend writes into its own directory
 * @name: name of the node
 * @value: written as an unsigned decimal
 */
struct xbe_node {
	const char *name;
	u64 value;
};

int xbe_key_parse(const struct xbe_key *key, const char *text, u32 *value,
		  char *why, size_t size);
int xbe_refs_distinct(const grant_ref_t *refs, unsigned int nr);

int xbe_transact(int (*fn)(struct xenbus_transaction xbt, void *arg),
		 void *arg);

int xbe_leave_word(struct xbe_device *xbe, const struct xbe_node *nodes,
		   unsigned int nr);
int xbe_advertise(struct xbe_device *xbe, const struct xbe_node *nodes,
		  unsigned int nr);
int xbe_publish(struct xbe_device *xbe, const struct xbe_node *nodes,
		unsigned int nr);
u32 xbe_told(struct xbe_device *xbe, const char *name, u32 value, u32 most);
int xbe_read_keys(struct xbe_device *xbe, const char *subdir,
		  const struct xbe_key *keys, unsigned int nr, void *out);
int xbe_read_refs(struct xbe_device *xbe, const char *subdir, unsigned int nr,
		  bool numbered, grant_ref_t *refs);

/**
 * struct xbe_watch_desc - a node to watch
 * @node: its name
 * @frontend: it is one of the frontend's directory, not of the backend's
 * @optional: the device can do without: it is bound also where the node cannot be
 *	watched
 *
 * A change calls ops->resource() while the device waits for its resource, also
 * after one that cannot be had, and ops->key_changed() in all other states.
 */
struct xbe_watch_desc {
	const char *node;
	bool frontend;
	bool optional;
};

#define XBE_MAX_WATCHES 4

/**
 * struct xbe_ops - a backend driver
 * @watches: nodes to watch, at most XBE_MAX_WATCHES
 * @nr_watches: how many
 * @groups: sysfs attributes of the device, there from bind to unbind; they may
 *	be read before @probe has run
 * @serve_closing: a frontend that says Closing is served until it says Closed.
 *	A Linux before 5.15 says so of a disk that is in use, and uses it until
 *	its last user has let go
 * @slow_drain: @disconnect or @remove may take long, as a disk or a net device that
 *	somebody holds on to does: an unbind then does not wait for its end without a
 *	bound
 * @has_child: @probe registers a device below the backend device, and tells it
 *	xbe_set_child()
 * @probe: make the private part (xbe->priv), advertise; InitWait is written
 *	after it. Leaves xbe->priv NULL when it fails, and none of the others
 *	is called then until it has been called again and has succeeded
 * @resource: 1 when the resource is there, 0 when not yet, or a negative errno
 * @connect: read the frontend's keys, map, bind, publish, serve; Connected is
 *	written after it. Unwinds what it did when it fails
 * @connected: Connected is written; may be NULL
 * @key_changed: a watched node was written while waiting or connected; may be
 *	NULL
 * @reconfigure: the frontend says Reconfiguring, and once more when it says Connected
 *	again: read anew what it may change meanwhile. NULL where there is nothing: such
 *	a state changes nothing then
 * @fault: xbe_fault() was called; may be NULL
 * @disconnect: stop taking requests, drain, unmap, unbind. May be called when
 *	nothing is connected and more than once
 * @remove: free the private part
 * @uevent: add variables to a uevent; may be NULL. Any context that may sleep,
 *	at any time, also while the device is bound or unbound
 *
 * @reclaim: memory is short: have what is idle given back; may be NULL. Called
 *	between @probe and @remove, beside any of the others, by whoever wants
 *	memory: it must not allocate, wait for a lock or sleep
 *
 * All but @uevent and @reclaim are called from the device's own work, one at a
 * time, and may sleep. None is called on the xenwatch thread.
 */
struct xbe_ops {
	const struct xbe_watch_desc *watches;
	unsigned int nr_watches;
	const struct attribute_group **groups;
	bool serve_closing;
	bool slow_drain;
	bool has_child;
	int (*probe)(struct xbe_device *xbe);
	int (*resource)(struct xbe_device *xbe);
	int (*connect)(struct xbe_device *xbe);
	void (*connected)(struct xbe_device *xbe);
	void (*key_changed)(struct xbe_device *xbe);
	void (*reconfigure)(struct xbe_device *xbe);
	void (*fault)(struct xbe_device *xbe);
	void (*disconnect)(struct xbe_device *xbe);
	void (*remove)(struct xbe_device *xbe);
	int (*uevent)(const struct xenbus_device *xdev,
		      struct kobj_uevent_env *env);
	void (*reclaim)(struct xbe_device *xbe);
};

/**
 * struct xbe_driver - a backend driver and its registration
 * @ops: what it does
 * @ids: the device types it serves
 * @xen: filled by xbe_register_driver()
 * @wq: where its devices' work runs: a drain that takes long on a dead disk
 *	must not keep another driver from going
 * @attach: binds devices that were refused while one of their name drained
 */
struct xbe_driver {
	const struct xbe_ops *ops;
	const struct xenbus_device_id *ids;
	struct xenbus_driver xen;
	struct workqueue_struct *wq;
	struct work_struct attach;
};

/**
 * struct xbe_watch - a watch on a node of the backend's directory
 * @xs: as xenbus has it
 * @xbe: whose it is
 */
struct xbe_watch {
	struct xenbus_watch xs;
	struct xbe_device *xbe;
};

/**
 * struct xbe_device - a backend device, from bind to the end of its last drain
 * @xdev: the xenbus device
 * @drv: its driver
 * @ops: what that does
 * @priv: the driver's own; set by ops->probe(), cleared by ops->remove()
 * @frontend_dir: the frontend's directory in xenstore
 * @domid: the frontend's domain
 * @module: the driver's module, held while this lives
 * @ref: one for the binding, one for each time @work or @later is queued
 * @work: runs ops; never twice at a time
 * @later: queues it some time later
 * @lock: protects @pending and @frontend; taken with interrupts off
 * @pending: bits of what has been posted and not yet handled
 * @frontend: the frontend's state as last posted
 * @seen: the frontend's state as last handled; of the work
 * @found: the frontend's state when the device was started; of the work. One
 *	that was connected then has read what an earlier driver wrote
 * @life: where it stands; of the work
 * @unregister: the work has finished with a device that is to go
 * @fault: why a ring was halted, a string constant
 * @child: a device below @xdev, which has to leave sysfs before that does; held.
 *	NULL when there is none. Of the work
 * @starting: ops->probe() is to make one, or at it; of the work, and set by the bind
 * @draining: link of those whose drain outlasted the unbind
 * @detached: the work has let go of the driver
 * @messages: limits what this device may write to the log
 * @restarts: limits how often its frontend may start again
 * @resting: it has done so too often, and @later says when it may; of the work
 * @put_off: it wants to, with state @wants; of the work
 * @wants: the frontend's state that means so; of the work
 * @has_error: there is a node of ours below error/
 * @reported: it was written since the connect in hand began
 * @state_watch: on our own state node: xenwatch is where devices are
 *	unregistered, see device.c
 * @watches: those of the driver
 */
struct xbe_device {
	struct xenbus_device *xdev;
	struct xbe_driver *drv;
	const struct xbe_ops *ops;
	void *priv;
	char *frontend_dir;
	domid_t domid;
	struct module *module;
	struct kref ref;

	struct work_struct work;
	struct delayed_work later;
	spinlock_t lock; /* pending, frontend */
	unsigned long pending;
	enum xenbus_state frontend;
	enum xenbus_state seen;
	enum xenbus_state found;
	enum xbe_life life;
	bool unregister;
	const char *fault;
	struct device *child;
	bool starting;
	struct list_head draining;
	struct completion detached;

	struct ratelimit_state messages;
	struct ratelimit_state restarts;
	bool resting;
	bool put_off;
	enum xenbus_state wants;
	bool has_error;
	bool reported;

	struct xbe_watch state_watch;
	struct xbe_watch watches[XBE_MAX_WATCHES];
};

int __xbe_register_driver(struct xbe_driver *drv, struct module *owner,
			  const char *name);
void xbe_unregister_driver(struct xbe_driver *drv);

#define xbe_register_driver(drv) \
	__xbe_register_driver(drv, THIS_MODULE, KBUILD_MODNAME)

void xbe_post_check(struct xbe_device *xbe);
void xbe_fault(struct xbe_device *xbe, const char *why);

__printf(3, 4) void xbe_error(struct xbe_device *xbe, int err, const char *fmt,
			      ...);
void xbe_error_clear(struct xbe_device *xbe);

struct dentry *xbe_debugfs_dir(void);

/**
 * xbe_set_child() - say which device is below a backend device
 * @xbe: the backend device
 * @child: a device of ops->probe(), or NULL; held until the backend device is freed,
 *	or another is set
 *
 * Context: the device's work; may sleep.
 */
static inline void xbe_set_child(struct xbe_device *xbe, struct device *child)
{
	struct device *old = xbe->child;

	WRITE_ONCE(xbe->child, get_device(child));
	put_device(old);
}

/**
 * xbe_was_connected() - whether an earlier driver has served this connection
 * @xbe: the device
 *
 * It may have had the frontend wait for an end of a reconfiguration.
 *
 * Context: the device's work.
 * Return: whether the frontend was connected when the device was started.
 */
static inline bool xbe_was_connected(const struct xbe_device *xbe)
{
	return xbe->found == XenbusStateConnected ||
	       xbe->found == XenbusStateReconfiguring;
}

/**
 * xbe_from_dev() - the backend device behind a struct device
 * @dev: device bound to a driver of xbe_register_driver()
 *
 * Return: the device, or NULL while it is not bound.
 */
static inline struct xbe_device *xbe_from_dev(const struct device *dev)
{
	return dev_get_drvdata(dev);
}

#endif
