// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The XDP programs of a vif: put in, taken out, counted. */

#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "netback.h"

/**
 * netback_xdp_takes_mtu() - whether a program can see the packets of an MTU
 * @vif: the vif
 * @prog: a program, or NULL for those that it has
 * @mtu: the MTU
 *
 * Context: under the RTNL.
 * Return: false when one that takes frames of one piece only would have to see larger
 * ones.
 */
bool netback_xdp_takes_mtu(const struct netback_vif *vif,
			   const struct bpf_prog *prog, unsigned int mtu)
{
	if (mtu + VLAN_ETH_HLEN <= NETBACK_XDP_LINEAR)
		return true;
	return prog ? prog->aux->xdp_has_frags : !vif->xdp.cuts;
}

static bool cuts(const struct netback_vif *vif)
{
	const struct bpf_prog *policy = rtnl_dereference(vif->xdp.policy);
	const struct bpf_prog *attached = rtnl_dereference(vif->xdp.prog);

	return (policy && !policy->aux->xdp_has_frags) ||
	       (attached && !attached->aux->xdp_has_frags);
}

static void put_in(struct netback_vif *vif, struct bpf_prog __rcu **slot,
		   struct bpf_prog *prog)
{
	struct bpf_prog *old = rtnl_dereference(*slot);

	if (prog && !vif->xdp.room) {
		WRITE_ONCE(vif->xdp.room, true);
		/* No poll has packets without the room any more. */
		synchronize_net();
	}
	rcu_assign_pointer(*slot, prog);
	/* A poll that still runs it has softirqs off: it goes later. */
	if (old)
		bpf_prog_put(old);
	WRITE_ONCE(vif->xdp.cuts, cuts(vif));
	if (!rcu_access_pointer(vif->xdp.policy) &&
	    !rcu_access_pointer(vif->xdp.prog))
		WRITE_ONCE(vif->xdp.room, false);
}

static int attach(struct netback_vif *vif, struct bpf_prog *prog,
		  struct netlink_ext_ack *extack)
{
	const struct net_device *dev = vif->dev;

	if (prog && !netback_xdp_takes_mtu(vif, prog, dev->mtu)) {
		NL_SET_ERR_MSG(extack, "MTU too large for XDP without frags");
		netdev_info(dev,
			    "mtu is %u, XDP without frags takes %u to %lu\n",
			    dev->mtu, dev->min_mtu,
			    NETBACK_XDP_LINEAR - VLAN_ETH_HLEN);
		return -EINVAL;
	}
	put_in(vif, &vif->xdp.prog, prog);
	return 0;
}

/**
 * netback_xdp_bpf() - attach a program to the net device, or detach it
 * @dev: the net device
 * @bpf: what is wanted; the program is the vif's once this succeeds
 *
 * Context: under the RTNL; may sleep.
 * Return: 0 or a negative errno.
 */
int netback_xdp_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	return attach(netdev_priv(dev), bpf->prog, bpf->extack);
}

/**
 * netback_xdp_set_policy() - set what sees all packets first
 * @vif: the vif
 * @prog: the program, the vif's from here on, or NULL
 *
 * Context: under the RTNL; may sleep.
 */
void netback_xdp_set_policy(struct netback_vif *vif, struct bpf_prog *prog)
{
	put_in(vif, &vif->xdp.policy, prog);
}

/**
 * netback_xdp_exit() - let go of the policy
 * @vif: a vif whose net device is not registered any more: that has detached the other
 *	program
 *
 * Context: may sleep.
 */
void netback_xdp_exit(struct netback_vif *vif)
{
	rtnl_lock();
	netback_xdp_set_policy(vif, NULL);
	rtnl_unlock();
	kfree(vif->pin.path);
}

/**
 * netback_xdp_read() - read what became of a queue's packets
 * @from: the counters
 * @to: NETBACK_XDP_RESULTS of them are filled
 *
 * Context: any.
 */
void netback_xdp_read(const struct netback_xdp_counters *from, u64 *to)
{
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(&from->sync);
		for (i = 0; i < NETBACK_XDP_RESULTS; i++)
			to[i] = u64_stats_read(&from->nr[i]);
	} while (u64_stats_fetch_retry(&from->sync, start));
}

static void show(struct seq_file *m, const char *name,
		 const struct bpf_prog *prog)
{
	if (prog)
		seq_printf(m, "%s: %u%s\n", name, prog->aux->id,
			   prog->aux->xdp_has_frags ? " frags" : "");
}

/**
 * netback_xdp_show() - the numbers of a vif's programs, as bpftool has them
 * @vif: the vif
 * @m: its file in debugfs
 *
 * Context: may sleep.
 */
void netback_xdp_show(struct netback_vif *vif, struct seq_file *m)
{
	rcu_read_lock();
	show(m, "xdp_policy", rcu_dereference(vif->xdp.policy));
	show(m, "xdp_program", rcu_dereference(vif->xdp.prog));
	rcu_read_unlock();
}
