// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The policy of a vif: a pinned XDP program that the key xdp-pin in the backend's
 * directory names. It is there before the guest's first packet is looked at, and is
 * looked up again by each connection, and when the key changes. A vif whose policy is
 * not to be had is not connected: without it the guest would have more than was meant.
 */

#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "netback.h"

static const char *why_not(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENOTDIR:
		return "nothing is there; pin a program with bpftool first";
	case -EACCES:
		return "that is nothing that was pinned";
	case -EPERM:
		return "names of pins have no dots";
	case -EINVAL:
		return "that is no XDP program for a net device of any kind";
	case -EOPNOTSUPP:
		return "this kernel has no BPF";
	default:
		return "the program cannot be had";
	}
}

/* What the kernel asks of one that is attached by netlink. */
static bool is_for_any_device(const struct bpf_prog *prog)
{
	return !compat_prog_is_bound(prog) &&
	       prog->expected_attach_type != BPF_XDP_DEVMAP &&
	       prog->expected_attach_type != BPF_XDP_CPUMAP;
}

static struct bpf_prog *get(const char *path)
{
	struct bpf_prog *prog;

	if (*path != '/')
		return ERR_PTR(-ENOENT);
	prog = bpf_prog_get_type_path(path, BPF_PROG_TYPE_XDP);
	if (!IS_ERR(prog) && !is_for_any_device(prog)) {
		bpf_prog_put(prog);
		return ERR_PTR(-EINVAL);
	}
	return prog;
}

static int set(struct netback_vif *vif, struct bpf_prog *prog)
{
	unsigned int mtu = vif->dev->mtu;

	if (prog && !netback_xdp_takes_mtu(vif, prog, mtu)) {
		xbe_error(vif->xbe, -EINVAL,
			  "mtu is %u, xdp-pin without frags takes %u to %lu",
			  mtu, vif->dev->min_mtu,
			  NETBACK_XDP_LINEAR - VLAN_ETH_HLEN);
		bpf_prog_put(prog);
		return -EINVAL;
	}
	netback_xdp_set_policy(vif, prog);
	return 0;
}

/* The error may be another's by now: of a broken ring, for one. */
static void clear_error(struct netback_vif *vif)
{
	if (vif->pin.complained && !READ_ONCE(vif->carrier.broken))
		xbe_error_clear(vif->xbe);
	vif->pin.complained = false;
}

/* @path is kept; NULL where there is no key. */
static int take(struct netback_vif *vif, char *path)
{
	struct bpf_prog *prog = path ? get(path) : NULL;
	int err = PTR_ERR_OR_ZERO(prog);

	kfree(vif->pin.path);
	vif->pin.path = path;
	if (err) {
		xbe_error(vif->xbe, err, "%s/xdp-pin is \"%.128s\": %s",
			  vif->xbe->xdev->nodename, path, why_not(err));
	} else {
		rtnl_lock();
		err = set(vif, prog);
		rtnl_unlock();
	}
	if (err)
		vif->pin.complained = true;
	else
		clear_error(vif);
	return err;
}

/* Return: the key, NULL where there is none, or an error pointer, reported. */
static char *read_key(struct netback_vif *vif)
{
	const char *dir = vif->xbe->xdev->nodename;
	char *path = xenbus_read(XBT_NIL, dir, "xdp-pin", NULL);

	if (!IS_ERR(path))
		return path;
	if (PTR_ERR(path) == -ENOENT)
		return NULL;
	xbe_error(vif->xbe, PTR_ERR(path), "cannot read %s/xdp-pin", dir);
	return path;
}

/**
 * netback_pin_read() - set the policy that the vif's key names
 * @vif: a vif that is being connected
 *
 * Looked up in any case: another program may be pinned there by now.
 *
 * Context: the device's work; may sleep.
 * Return: 0; or a negative errno, reported, when there is a key and no such program.
 */
int netback_pin_read(struct netback_vif *vif)
{
	char *path = read_key(vif);

	return IS_ERR(path) ? PTR_ERR(path) : take(vif, path);
}

/**
 * netback_pin_changed() - the key may have changed
 * @vif: a vif that is connected
 *
 * With one that is wrong the policy stays what it was, and that is reported, once.
 *
 * Context: the device's work; may sleep.
 */
void netback_pin_changed(struct netback_vif *vif)
{
	char *path = read_key(vif);

	if (IS_ERR(path))
		return;
	if (!strcmp(path ?: "", vif->pin.path ?: "") &&
	    !path == !vif->pin.path) {
		kfree(path);
		return;
	}
	take(vif, path);
}
