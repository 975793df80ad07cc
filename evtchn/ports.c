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
 * was just given and has yet to bind. Nobody waits for user memory with it, nor
 * with a bind_lock, which is taken inside.
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

/* What a call is asked for, read before any lock is taken. */
union request {
	struct ioctl_evtchn_bind_virq virq;
	struct ioctl_evtchn_bind_interdomain interdomain;
	struct ioctl_evtchn_bind_unbound_port unbound;
#ifdef IOCTL_EVTCHN_BIND_STATIC
	struct ioctl_evtchn_bind fixed;
#endif
	struct ioctl_evtchn_unbind unbind;
	struct ioctl_evtchn_notify notify;
	struct ioctl_evtchn_restrict_domid restriction;
};

static long bind_virq(struct evtchn_file *ef, const union request *req)
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

static long bind_interdomain(struct evtchn_file *ef, const union request *req)
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

static long bind_unbound(struct evtchn_file *ef, const union request *req)
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

static long bind_static(struct evtchn_file *ef, const union request *req)
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

static long unbind(struct evtchn_file *ef, const union request *req)
{
	evtchn_port_t port = req->unbind.port;
	struct evtchn_port_user *pu;

	if (port >= xen_evtchn_nr_channels())
		return -EINVAL;
	pu = xa_load(&ef->ports, port);
	if (!pu)
		return -ENOTCONN;
	unbind_port(ef, pu);
	evtchn_ring_forget(&ef->ring, port);
	return 0;
}

static long notify(struct evtchn_file *ef, const union request *req)
{
	struct evtchn_port_user *pu = xa_load(&ef->ports, req->notify.port);

	if (!pu)
		return -ENOTCONN;
	evtchn_chan_notify(&pu->chan);
	return 0;
}

static long restrict_domid(struct evtchn_file *ef, const union request *req)
{
	domid_t domid = req->restriction.domid;

	if (ef->restrict_domid != EVTCHN_ANY_DOMID)
		return -EACCES;
	if (domid == 0 || domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	WRITE_ONCE(ef->restrict_domid, domid);
	return 0;
}

/* The size of a call's argument; 0 for a call that does not exist. */
static size_t request_size(unsigned int cmd)
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
	case IOCTL_EVTCHN_UNBIND:
		return sizeof(struct ioctl_evtchn_unbind);
	case IOCTL_EVTCHN_NOTIFY:
		return sizeof(struct ioctl_evtchn_notify);
	case IOCTL_EVTCHN_RESTRICT_DOMID:
		return sizeof(struct ioctl_evtchn_restrict_domid);
	default:
		return 0;
	}
}

static long do_call(struct evtchn_file *ef, unsigned int cmd,
		    const union request *req)
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
	case IOCTL_EVTCHN_UNBIND:
		return unbind(ef, req);
	case IOCTL_EVTCHN_NOTIFY:
		return notify(ef, req);
	case IOCTL_EVTCHN_RESTRICT_DOMID:
		return restrict_domid(ef, req);
	default:
		return -ENOSYS;
	}
}

static long locked_call(struct evtchn_file *ef, unsigned int cmd,
			const union request *req)
{
	long ret;

	mutex_lock(&ef->bind_lock);
	ret = do_call(ef, cmd, req);
	mutex_unlock(&ef->bind_lock);
	return ret;
}

/* With port_birth_lock as the call needs it. */
static long ordered_call(struct evtchn_file *ef, unsigned int cmd,
			 const union request *req)
{
	long ret;

	switch (cmd) {
#ifdef IOCTL_EVTCHN_BIND_STATIC
	case IOCTL_EVTCHN_BIND_STATIC:
		down_write(&port_birth_lock);
		ret = locked_call(ef, cmd, req);
		up_write(&port_birth_lock);
		return ret;
#endif
	case IOCTL_EVTCHN_BIND_VIRQ:
	case IOCTL_EVTCHN_BIND_INTERDOMAIN:
	case IOCTL_EVTCHN_BIND_UNBOUND_PORT:
		down_read(&port_birth_lock);
		ret = locked_call(ef, cmd, req);
		up_read(&port_birth_lock);
		return ret;
	default:
		return locked_call(ef, cmd, req);
	}
}

/*
 * Whether a restricted file is refused the call whatever its argument is: these
 * say so before they look at a bad one.
 */
static bool never_restricted(unsigned int cmd)
{
	return cmd != IOCTL_EVTCHN_BIND_INTERDOMAIN &&
	       cmd != IOCTL_EVTCHN_UNBIND && cmd != IOCTL_EVTCHN_NOTIFY;
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
	size_t size = request_size(cmd);
	union request req;

	if (!size)
		return -ENOSYS;
	if (never_restricted(cmd) &&
	    READ_ONCE(ef->restrict_domid) != EVTCHN_ANY_DOMID)
		return -EACCES;
	/*
	 * The argument may lie in memory that does not come for as long as
	 * somebody likes. Who waits for it has no lock: binds of a file wait for
	 * its bind_lock with port_birth_lock in hand, and all other binds for
	 * them as soon as one names its port.
	 */
	if (copy_from_user(&req, arg, size))
		return -EFAULT;
	return ordered_call(ef, cmd, &req);
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
