// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The ports an open /dev/xen/evtchn holds: bind, event, unmask, unbind. */

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/events.h>
#include <xen/evtchn.h>
#include <xen/xen-ops.h>
#include <asm/xen/hypercall.h>

#include "chardev.h"

/**
 * struct evtchn_port_user - a port held by an open file
 * @chan: its channel; an event is owed from the interrupt to the unmask
 * @file: who holds it
 * @port: local port
 */
struct evtchn_port_user {
	struct evtchn_chan chan;
	struct evtchn_file *file;
	evtchn_port_t port;
};

/*
 * Held for reading from the moment Xen gives out a port to the moment it is
 * counted as this module's, by any number of files at a time. A static bind names
 * a port by number and holds it for writing: it could name one that another file
 * was just given and has yet to bind.
 */
static DECLARE_RWSEM(port_birth_lock);

static void port_event(struct evtchn_chan *chan)
{
	struct evtchn_port_user *pu =
		container_of(chan, struct evtchn_port_user, chan);
	struct evtchn_file *ef = pu->file;

	if (!evtchn_ring_push(&ef->ring, pu->port))
		return;
	wake_up_interruptible(&ef->readers);
	kill_fasync(&ef->async, SIGIO, POLL_IN);
}

static void unbind_port(struct evtchn_file *ef, struct evtchn_port_user *pu)
{
	lockdep_assert_held(&ef->bind_lock);

	xa_erase(&ef->ports, pu->port);
	ef->nr_ports--;
	evtchn_chan_unbind(&pu->chan);
	kfree(pu);
}

/*
 * Returns 0 or an errno. A port that is not static belongs to the file from
 * here on, and is closed on failure.
 */
static int bind_port(struct evtchn_file *ef, evtchn_port_t port, bool is_static)
{
	struct evtchn_port_user *pu;
	int err;

	lockdep_assert_held(&port_birth_lock);
	lockdep_assert_held(&ef->bind_lock);

	err = -ENOMEM;
	pu = kzalloc(sizeof(*pu), GFP_KERNEL);
	if (!pu)
		goto close;
	pu->file = ef;
	pu->port = port;
	err = evtchn_ring_reserve(&ef->ring, ef->nr_ports + 1);
	if (err)
		goto free;
	err = xa_insert(&ef->ports, port, pu, GFP_KERNEL);
	if (err)
		goto free;
	err = evtchn_chan_bind_port(&pu->chan, port, !is_static, ef->name,
				    port_event);
	if (err) {
		xa_erase(&ef->ports, port);
		kfree(pu);
		return err;
	}
	ef->nr_ports++;
	return 0;

free:
	kfree(pu);
close:
	if (!is_static)
		evtchn_close_port(port);
	return err;
}

/* What a bind is asked for, read before any lock is taken. */
union bind_request {
	struct ioctl_evtchn_bind_virq virq;
	struct ioctl_evtchn_bind_interdomain interdomain;
	struct ioctl_evtchn_bind_unbound_port unbound;
#ifdef IOCTL_EVTCHN_BIND_STATIC
	struct ioctl_evtchn_bind fixed;
#endif
};

static long bind_virq(struct evtchn_file *ef, const union bind_request *req)
{
	struct evtchn_bind_virq op = { .virq = req->virq.virq };
	int err;

	if (ef->restrict_domid != EVTCHN_ANY_DOMID)
		return -EACCES;
	op.vcpu = xen_vcpu_nr(0);
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &op);
	if (!err)
		err = bind_port(ef, op.port, false);
	return err ?: op.port;
}

static long bind_interdomain(struct evtchn_file *ef,
			     const union bind_request *req)
{
	struct evtchn_bind_interdomain op = {
		.remote_dom = req->interdomain.remote_domain,
		.remote_port = req->interdomain.remote_port,
	};
	int err;

	if (ef->restrict_domid != EVTCHN_ANY_DOMID &&
	    ef->restrict_domid != req->interdomain.remote_domain)
		return -EACCES;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &op);
	if (!err)
		err = bind_port(ef, op.local_port, false);
	return err ?: op.local_port;
}

static long bind_unbound(struct evtchn_file *ef, const union bind_request *req)
{
	struct evtchn_alloc_unbound op = {
		.dom = DOMID_SELF,
		.remote_dom = req->unbound.remote_domain,
	};
	int err;

	if (ef->restrict_domid != EVTCHN_ANY_DOMID)
		return -EACCES;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &op);
	if (!err)
		err = bind_port(ef, op.port, false);
	return err ?: op.port;
}

#ifdef IOCTL_EVTCHN_BIND_STATIC
/* Bound ahead of Xen, a port would be in the way of who is given it later. */
static bool port_exists(evtchn_port_t port)
{
	struct evtchn_status op = { .dom = DOMID_SELF, .port = port };

	return !HYPERVISOR_event_channel_op(EVTCHNOP_status, &op) &&
	       op.status != EVTCHNSTAT_closed;
}

static long bind_static(struct evtchn_file *ef, const union bind_request *req)
{
	evtchn_port_t port = req->fixed.port;

	/* Whose port it is cannot be told: a restricted file gets none. */
	if (ef->restrict_domid != EVTCHN_ANY_DOMID)
		return -EACCES;
	if (xa_load(&ef->ports, port))
		return -EISCONN;
	if (!port_exists(port))
		return -ENOENT;
	/* Binding what the kernel or another file holds would break theirs. */
	if ((int)irq_from_evtchn(port) > 0)
		return -EBUSY;
	return bind_port(ef, port, true);
}
#endif

static long unbind(struct evtchn_file *ef, void __user *arg)
{
	struct ioctl_evtchn_unbind req;
	struct evtchn_port_user *pu;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.port >= xen_evtchn_nr_channels())
		return -EINVAL;
	pu = xa_load(&ef->ports, req.port);
	if (!pu)
		return -ENOTCONN;
	unbind_port(ef, pu);
	evtchn_ring_forget(&ef->ring, req.port);
	return 0;
}

static long notify(struct evtchn_file *ef, void __user *arg)
{
	struct ioctl_evtchn_notify req;
	struct evtchn_port_user *pu;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	pu = xa_load(&ef->ports, req.port);
	if (!pu)
		return -ENOTCONN;
	evtchn_chan_notify(&pu->chan);
	return 0;
}

static long restrict_domid(struct evtchn_file *ef, void __user *arg)
{
	struct ioctl_evtchn_restrict_domid req;

	if (ef->restrict_domid != EVTCHN_ANY_DOMID)
		return -EACCES;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.domid == 0 || req.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	WRITE_ONCE(ef->restrict_domid, req.domid);
	return 0;
}

/* The size of a bind's argument; 0 for what is no bind. */
static size_t bind_size(unsigned int cmd)
{
	switch (cmd) {
	case IOCTL_EVTCHN_BIND_VIRQ:
		return sizeof(struct ioctl_evtchn_bind_virq);
	case IOCTL_EVTCHN_BIND_INTERDOMAIN:
		return sizeof(struct ioctl_evtchn_bind_interdomain);
	case IOCTL_EVTCHN_BIND_UNBOUND_PORT:
		return sizeof(struct ioctl_evtchn_bind_unbound_port);
#ifdef IOCTL_EVTCHN_BIND_STATIC
	case IOCTL_EVTCHN_BIND_STATIC:
		return sizeof(struct ioctl_evtchn_bind);
#endif
	default:
		return 0;
	}
}

static long do_bind(struct evtchn_file *ef, unsigned int cmd,
		    const union bind_request *req)
{
	switch (cmd) {
	case IOCTL_EVTCHN_BIND_VIRQ:
		return bind_virq(ef, req);
	case IOCTL_EVTCHN_BIND_INTERDOMAIN:
		return bind_interdomain(ef, req);
	case IOCTL_EVTCHN_BIND_UNBOUND_PORT:
		return bind_unbound(ef, req);
#ifdef IOCTL_EVTCHN_BIND_STATIC
	case IOCTL_EVTCHN_BIND_STATIC:
		return bind_static(ef, req);
#endif
	default:
		return -ENOSYS;
	}
}

static bool names_its_port(unsigned int cmd)
{
#ifdef IOCTL_EVTCHN_BIND_STATIC
	return cmd == IOCTL_EVTCHN_BIND_STATIC;
#else
	return false;
#endif
}

static long locked_bind(struct evtchn_file *ef, unsigned int cmd,
			const union bind_request *req)
{
	long ret;

	mutex_lock(&ef->bind_lock);
	ret = do_bind(ef, cmd, req);
	mutex_unlock(&ef->bind_lock);
	return ret;
}

/*
 * The argument may lie in memory that takes its time to come: no other process
 * waits for that.
 */
static long ioctl_bind(struct evtchn_file *ef, unsigned int cmd,
		       void __user *arg)
{
	size_t size = bind_size(cmd);
	union bind_request req;
	long ret;

	if (!size)
		return -ENOSYS;
	if (cmd != IOCTL_EVTCHN_BIND_INTERDOMAIN &&
	    READ_ONCE(ef->restrict_domid) != EVTCHN_ANY_DOMID)
		return -EACCES;
	if (copy_from_user(&req, arg, size))
		return -EFAULT;

	if (names_its_port(cmd)) {
		down_write(&port_birth_lock);
		ret = locked_bind(ef, cmd, &req);
		up_write(&port_birth_lock);
	} else {
		down_read(&port_birth_lock);
		ret = locked_bind(ef, cmd, &req);
		up_read(&port_birth_lock);
	}
	return ret;
}

/**
 * evtchn_ports_ioctl() - every ioctl that deals with ports
 * @ef: the open file
 * @cmd: IOCTL_EVTCHN_*
 * @arg: its argument in the caller's memory
 *
 * Context: process, may sleep.
 * Return: 0, the new port for a bind, or a negative errno: -ENOSYS for a
 * command that does not exist, -EFAULT for a bad @arg, -EACCES for what
 * RESTRICT_DOMID forbids, -ENOTCONN for a port that this file does not hold,
 * -EISCONN and -EBUSY for a static port held by this file or by anyone else,
 * -ENOENT for one that does not exist, and what Xen answers.
 */
long evtchn_ports_ioctl(struct evtchn_file *ef, unsigned int cmd,
			void __user *arg)
{
	long ret;

	switch (cmd) {
	case IOCTL_EVTCHN_UNBIND:
		mutex_lock(&ef->bind_lock);
		ret = unbind(ef, arg);
		mutex_unlock(&ef->bind_lock);
		return ret;
	case IOCTL_EVTCHN_NOTIFY:
		mutex_lock(&ef->bind_lock);
		ret = notify(ef, arg);
		mutex_unlock(&ef->bind_lock);
		return ret;
	case IOCTL_EVTCHN_RESTRICT_DOMID:
		mutex_lock(&ef->bind_lock);
		ret = restrict_domid(ef, arg);
		mutex_unlock(&ef->bind_lock);
		return ret;
	default:
		return ioctl_bind(ef, cmd, arg);
	}
}

/**
 * evtchn_ports_unmask() - let ports receive their next event
 * @ef: the open file
 * @port: the ports; those it does not hold and those not masked are passed over
 * @nr: how many
 *
 * Context: process, may sleep.
 */
void evtchn_ports_unmask(struct evtchn_file *ef, const evtchn_port_t *port,
			 unsigned int nr)
{
	struct evtchn_port_user *pu;
	unsigned int i;

	mutex_lock(&ef->bind_lock);
	for (i = 0; i < nr; i++) {
		pu = xa_load(&ef->ports, port[i]);
		/*
		 * What the process found is not known here: an event is never
		 * called spurious, as that would slow down honest domains.
		 */
		if (pu)
			evtchn_chan_done(&pu->chan, EVTCHN_CHAN_PART0, true);
	}
	mutex_unlock(&ef->bind_lock);
}

/**
 * evtchn_ports_release() - unbind all that a file holds
 * @ef: a file that nobody uses any more
 *
 * Context: may sleep.
 */
void evtchn_ports_release(struct evtchn_file *ef)
{
	struct evtchn_port_user *pu;
	unsigned long port;

	mutex_lock(&ef->bind_lock);
	xa_for_each(&ef->ports, port, pu)
		unbind_port(ef, pu);
	mutex_unlock(&ef->bind_lock);
	xa_destroy(&ef->ports);
}
