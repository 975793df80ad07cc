// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What ethtool is told of an interface. */

#include "wire.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 1024

static int ask(const struct wire *wire, void *command)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err;

	memcpy(request.ifr_name, wire->name, sizeof(request.ifr_name));
	request.ifr_data = command;
	err = ioctl(fd, SIOCETHTOOL, &request);
	close(fd);
	return err;
}

/* The figure of a name; -1 when there is none of it. */
static long figure(struct wire *wire, const char *name)
{
	struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + MOST * ETH_GSTRING_LEN);
	struct ethtool_stats *stats =
		calloc(1, sizeof(*stats) + MOST * sizeof(stats->data[0]));
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	long found = -1;
	unsigned int i;

	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	stats->cmd = ETHTOOL_GSTATS;
	wire_expect(wire, "driver", ask(wire, &info), 0);
	wire_expect(wire, "figures are few", info.n_stats <= MOST, 1);
	if (info.n_stats <= MOST && !ask(wire, names) && !ask(wire, stats))
		for (i = 0; i < names->len; i++)
			if (!strcmp((char *)names->data + i * ETH_GSTRING_LEN,
				    name))
				found = stats->data[i];
	free(names);
	free(stats);
	return found;
}

void wire_figures(struct wire *wire)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	static const char *const names[] = {
		"rx_gso_checksum_fixup", "tx_zerocopy_sent",
		"tx_zerocopy_success",	 "tx_zerocopy_fail",
		"tx_frag_overflow",	 NULL
	};
	unsigned int i;

	for (i = 0; names[i]; i++)
		wire_expect(wire, names[i], figure(wire, names[i]), 0);
	wire_expect(wire, "packets of the queue",
		    figure(wire, "queue_0_tx_packets"),
		    wire_statistic(wire, "statistics/rx_packets"));
	wire_expect(wire, "refused by it", figure(wire, "queue_0_tx_errors"),
		    wire_statistic(wire, "statistics/rx_errors"));
	wire_expect(wire, "packets into the guest",
		    figure(wire, "queue_0_rx_packets"),
		    wire_statistic(wire, "statistics/tx_packets"));
	wire_expect(wire, "dropped", figure(wire, "queue_0_rx_drops"),
		    wire_statistic(wire, "statistics/tx_dropped"));
	wire_expect(wire, "no such figure", figure(wire, "queue_99_rx_drops"),
		    -1);
	wire_expect(wire, "rings", ask(wire, &ring), 0);
	wire_expect(wire, "slots", ring.rx_pending + ring.tx_pending, 512);
	wire_expect(wire, "channels", ask(wire, &channels), 0);
	wire_expect(wire, "one of them", channels.combined_count, 1);
}
