// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A vif's MTU. A hotplug script or a person sets it, once; which frontends come
 * and go below it is not known to them.
 */

#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#include "netback.h"

/**
 * netback_mtu_change() - somebody sets the MTU
 * @dev: the net device
 * @mtu: within its bounds
 *
 * netif.h: without feature-sg a packet is one slot. A frame of XDP without frags is
 * one page.
 *
 * Context: under the RTNL.
 * Return: 0, or -EINVAL when the frontend, or an XDP program, cannot take packets that
 * large.
 */
int netback_mtu_change(struct net_device *dev, int mtu)
{
	struct netback_vif *vif = netdev_priv(dev);

	if (vif->connected && !vif->features.sg && mtu > ETH_DATA_LEN) {
		/* The frontend has no feature-sg. */
		netdev_info(dev, "mtu is %d, allowed is %u to %u\n", mtu,
			    dev->min_mtu, ETH_DATA_LEN);
		return -EINVAL;
	}
	if (!netback_xdp_takes_mtu(vif, NULL, mtu)) {
		netdev_info(dev,
			    "mtu is %d, XDP without frags takes %u to %lu\n",
			    mtu, dev->min_mtu,
			    NETBACK_XDP_LINEAR - VLAN_ETH_HLEN);
		return -EINVAL;
	}
	vif->cut_mtu = 0;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

/**
 * netback_mtu_fit() - have the MTU suit the frontend that connects
 * @vif: the vif, not yet connected, its features read
 *
 * One that can take less cuts it. It comes back with one that can take it: a boot
 * loader in the guest must not be the end of what the script has set.
 *
 * Context: under the RTNL; may sleep.
 */
void netback_mtu_fit(struct netback_vif *vif)
{
	unsigned int mtu = vif->dev->mtu;

	ASSERT_RTNL();
	if (vif->features.sg && vif->cut_mtu &&
	    !netback_xdp_takes_mtu(vif, NULL, vif->cut_mtu))
		return;
	if (!vif->features.sg && mtu > ETH_DATA_LEN) {
		if (!dev_set_mtu(vif->dev, ETH_DATA_LEN))
			vif->cut_mtu = mtu;
	} else if (vif->features.sg && vif->cut_mtu) {
		dev_set_mtu(vif->dev, vif->cut_mtu);
	}
}
