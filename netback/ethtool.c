// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What ethtool is told of a vif: statistics by in-tree's names, rings, channels, and how
 * long packets may wait for each other, which it may change.
 */

#include <linux/ethtool.h>

#include "netback.h"

/*
 * Of the in-tree driver. Those of its mapped packets are always 0 here, where all
 * is copied; who reads them finds them nevertheless.
 */
static const char vif_names[][ETH_GSTRING_LEN] = {
	"rx_gso_checksum_fixup", "tx_zerocopy_sent", "tx_zerocopy_success",
	"tx_zerocopy_fail",	 "tx_frag_overflow",
};

static const char queue_names[][ETH_GSTRING_LEN - sizeof("queue_00_")] = {
	"tx_packets", "tx_bytes", "tx_errors",	  "tx_drops",	"tx_polls",
	"rx_packets", "rx_bytes", "rx_errors",	  "rx_drops",	"rx_polls",
	"xdp_pass",   "xdp_drop", "xdp_redirect", "xdp_errors", "xdp_tx",
};

static int get_sset_count(struct net_device *dev, int set)
{
	const struct netback_vif *vif = netdev_priv(dev);

	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(vif_names) +
	       vif->max_queues * ARRAY_SIZE(queue_names);
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	const struct netback_vif *vif = netdev_priv(dev);
	unsigned int i, queue;

	if (set != ETH_SS_STATS)
		return;
	memcpy(data, vif_names, sizeof(vif_names));
	data += sizeof(vif_names);
	for (queue = 0; queue < vif->max_queues; queue++)
		for (i = 0; i < ARRAY_SIZE(queue_names); i++)
			ethtool_sprintf(&data, "queue_%u_%s", queue,
					queue_names[i]);
}

static u64 *put_sums(u64 *data, const struct netback_sums *sums)
{
	*data++ = sums->packets;
	*data++ = sums->bytes;
	*data++ = sums->errors;
	*data++ = sums->drops;
	*data++ = sums->polls;
	return data;
}

static u64 *put_xdp(u64 *data, const struct netback_xdp_counters *from)
{
	u64 nr[NETBACK_XDP_RESULTS];

	netback_xdp_read(from, nr);
	*data++ = nr[NETBACK_XDP_PASS];
	*data++ = nr[NETBACK_XDP_DROP];
	*data++ = nr[NETBACK_XDP_REDIRECT];
	*data++ = nr[NETBACK_XDP_ERROR];
	*data++ = nr[NETBACK_XDP_TX];
	return data;
}

/* Directions are the guest's in the names of queues, as in debugfs. */
static void get_stats(struct net_device *dev, struct ethtool_stats *stats,
		      u64 *data)
{
	const struct netback_vif *vif = netdev_priv(dev);
	struct netback_sums sums;
	unsigned int i;

	memset(data, 0, sizeof(*data) * ARRAY_SIZE(vif_names));
	for (i = 0; i < vif->max_queues; i++)
		data[0] += READ_ONCE(vif->queue[i].tx.fixups);
	data += ARRAY_SIZE(vif_names);
	for (i = 0; i < vif->max_queues; i++) {
		netback_stats_read(&vif->queue[i].tx.counters, &sums);
		data = put_sums(data, &sums);
		netback_stats_rx(&vif->queue[i].rx, &sums);
		data = put_sums(data, &sums);
		data = put_xdp(data, &vif->queue[i].tx.xdp);
	}
}

static void get_ringparam(struct net_device *dev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = NETBACK_RING;
	ring->tx_max_pending = NETBACK_RING;
	ring->rx_pending = NETBACK_RING;
	ring->tx_pending = NETBACK_RING;
}

static void get_channels(struct net_device *dev,
			 struct ethtool_channels *channels)
{
	const struct netback_vif *vif = netdev_priv(dev);

	channels->max_combined = vif->max_queues;
	channels->combined_count = dev->real_num_tx_queues;
}

/* Received is what the host receives: what the guest sends. */
static int get_coalesce(struct net_device *dev, struct ethtool_coalesce *to,
			struct kernel_ethtool_coalesce *kernel_to,
			struct netlink_ext_ack *extack)
{
	const struct netback_vif *vif = netdev_priv(dev);

	to->rx_coalesce_usecs = vif->coalesce_us;
	return 0;
}

static_assert(NETBACK_COALESCE_MAX_US == 1000);

static int set_coalesce(struct net_device *dev, struct ethtool_coalesce *from,
			struct kernel_ethtool_coalesce *kernel_from,
			struct netlink_ext_ack *extack)
{
	struct netback_vif *vif = netdev_priv(dev);

	if (from->rx_coalesce_usecs > NETBACK_COALESCE_MAX_US) {
		NL_SET_ERR_MSG(extack, "rx-usecs may be 0 to 1000");
		return -EINVAL;
	}
	WRITE_ONCE(vif->coalesce_us, from->rx_coalesce_usecs);
	return 0;
}

const struct ethtool_ops netback_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
	.get_ringparam = get_ringparam,
	.get_channels = get_channels,
	.get_coalesce = get_coalesce,
	.set_coalesce = set_coalesce,
};
