// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The policy of a vif: a pinned XDP program that the key xdp-pin in the backend's
 * directory names. It is there before the guest's first packet is looked at, and is
 * looked up again by each connection. A vif whose policy is not to be had is not
 * connected: without it the guest would have more than was meant.
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

/**
 * netback_pin_read() - set the policy that the vif's key names
 * @vif: a vif that is not connected
 *
 * Context: the device's work; may sleep.
 * Return: 0; or a negative errno, reported, when there is a key and no such program.
 */
int netback_pin_read(struct netback_vif *vif)
{
	const char *dir = vif->xbe->xdev->nodename;
	struct bpf_prog *prog = NULL;
	char *path;
	int err;

	path = xenbus_read(XBT_NIL, dir, "xdp-pin", NULL);
	if (IS_ERR(path) && PTR_ERR(path) != -ENOENT) {
		xbe_error(vif->xbe, PTR_ERR(path), "cannot read %s/xdp-pin",
			  dir);
		return PTR_ERR(path);
	}
	if (!IS_ERR(path)) {
		prog = get(path);
		err = PTR_ERR_OR_ZERO(prog);
		if (err)
			xbe_error(vif->xbe, err, "%s/xdp-pin is \"%.128s\": %s",
				  dir, path, why_not(err));
		kfree(path);
		if (err)
			return err;
	}
	rtnl_lock();
	err = set(vif, prog);
	rtnl_unlock();
	return err;
}
