// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Load for a vif: bursts of frames out, counting of packets in. */

#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <xen/page.h>

#include "net.h"

#define MAX_SECONDS 86400
#define DRAIN_SECONDS 5
#define DISCARD_PORT 9
#define UDP_HEADERS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define TCP_HEADERS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))
#define MAX_FRAME 65535
#define FILLING 0xa5
#define BROADCAST 0xffffffffffffull

/*
 * Bursts of packets that arrive may have an end that is no whole burst: after
 * this time without one the run looks for itself.
 */
#define RX_LOOK_JIFFIES (HZ / 10)

enum { TX, RX };

static const char *const op_words[] = { "tx", "rx", NULL };

/**
 * struct net_line - what a line says
 * @op: TX or RX
 * @size: bytes of a frame
 * @burst: frames of a burst; for RX, packets that one event tells of
 * @count: frames
 * @dst: destination address
 * @ethertype: of frames; 0 sends UDP and counts all that arrives
 * @gso: bytes of a segment, 0 for frames that are not to be segmented
 * @timeout: seconds, 0 for never
 */
struct net_line {
	u64 op;
	u64 size;
	u64 burst;
	u64 count;
	u64 dst;
	u64 ethertype;
	u64 gso;
	u64 timeout;
};

static int read_line(struct lg_net *net, char *text, struct net_line *line)
{
	static const struct lg_arg args[] = {
		LG_ARG(struct net_line, op, .words = op_words,
		       .required = true),
		LG_ARG(struct net_line, size, .min = ETH_HLEN, .max = MAX_FRAME,
		       .def = 64),
		LG_ARG(struct net_line, burst, .min = 1, .max = LG_NET_RING,
		       .def = 1, .all = "full"),
		LG_ARG(struct net_line, count, .min = 1, .max = U32_MAX,
		       .required = true),
		LG_ARG(struct net_line, dst, .mac = true, .def = BROADCAST),
		LG_ARG(struct net_line, ethertype, .max = U16_MAX),
		LG_ARG(struct net_line, gso, .max = U16_MAX),
		LG_ARG(struct net_line, timeout, .max = MAX_SECONDS),
	};

	return lg_line_parse(net->dev, text, args, ARRAY_SIZE(args), line);
}

/* Slots that a frame takes. */
static unsigned int slots_of(const struct net_line *line)
{
	return DIV_ROUND_UP(line->size, XEN_PAGE_SIZE) + !!line->gso;
}

static int check_size(struct lg_net *net, const struct net_line *line)
{
	unsigned int headers = ETH_HLEN;

	if (line->gso)
		headers = TCP_HEADERS + 1;
	else if (!line->ethertype)
		headers = UDP_HEADERS;
	if (line->size < headers) {
		dev_err(&net->dev->xdev->dev,
			"size is %llu, allowed for such frames is %u to %u\n",
			line->size, headers, MAX_FRAME);
		return -EINVAL;
	}
	return 0;
}

static void *start_frame(struct lg_net *net, const struct net_line *line,
			 void *at, u16 proto)
{
	struct ethhdr *eth = at;

	u64_to_ether_addr(line->dst, eth->h_dest);
	ether_addr_copy(eth->h_source, net->mac);
	eth->h_proto = htons(proto);
	return eth + 1;
}

/* To everybody, from nobody: no host has a reason to answer. */
static void *put_ip(const struct net_line *line, void *at, u8 proto)
{
	struct iphdr *ip = at;

	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tot_len = htons(line->size - ETH_HLEN),
		.ttl = 64,
		.protocol = proto,
		.daddr = htonl(INADDR_BROADCAST),
	};
	ip->check = ip_fast_csum(ip, ip->ihl);
	return ip + 1;
}

static void put_udp(const struct net_line *line, void *at)
{
	*(struct udphdr *)at = (struct udphdr){
		.source = htons(DISCARD_PORT),
		.dest = htons(DISCARD_PORT),
		.len = htons(line->size - ETH_HLEN - sizeof(struct iphdr)),
	};
}

/* The checksum is blank: what stands there covers the pseudo header only. */
static void put_tcp(const struct net_line *line, void *at)
{
	unsigned int len = line->size - ETH_HLEN - sizeof(struct iphdr);

	*(struct tcphdr *)at = (struct tcphdr){
		.source = htons(DISCARD_PORT),
		.dest = htons(DISCARD_PORT),
		.doff = sizeof(struct tcphdr) / 4,
		.ack = 1,
		.check = ~csum_tcpudp_magic(0, htonl(INADDR_BROADCAST), len,
					    IPPROTO_TCP, 0),
	};
}

static void write_frame(struct lg_net *net, const struct net_line *line,
			unsigned int page)
{
	void *at = page_address(net->tx_pages.page[page].page);

	if (line->gso) {
		at = start_frame(net, line, at, ETH_P_IP);
		put_tcp(line, put_ip(line, at, IPPROTO_TCP));
	} else if (line->ethertype) {
		start_frame(net, line, at, line->ethertype);
	} else {
		at = start_frame(net, line, at, ETH_P_IP);
		put_udp(line, put_ip(line, at, IPPROTO_UDP));
	}
}

/* The frame at a place of a burst has pages of its own, written once. */
static struct lg_net_frame frame_at(const struct net_line *line,
				    unsigned int place)
{
	return (struct lg_net_frame){
		.page = place * DIV_ROUND_UP(line->size, XEN_PAGE_SIZE),
		.bytes = line->size,
		.gso_size = line->gso,
	};
}

static void write_frames(struct lg_net *net, const struct net_line *line)
{
	unsigned int i;

	for (i = 0; i < LG_NET_RING; i++)
		memset(page_address(net->tx_pages.page[i].page), FILLING,
		       XEN_PAGE_SIZE);
	for (i = 0; i < line->burst; i++)
		write_frame(net, line, frame_at(line, i).page);
}

/* Return: 0, or -EPROTO; a response that says error is counted. */
static int take_answers(struct lg_net *net)
{
	struct lg_counts *counts = &net->dev->run.counts;
	unsigned int bytes;
	int got, status;

	while ((got = lg_net_tx_take(net, &bytes, &status)) > 0) {
		counts->responses++;
		if (status < 0)
			counts->errors++;
		else
			counts->bytes += bytes;
	}
	return got;
}

static int tx_burst(struct lg_net *net, const struct net_line *line,
		    unsigned int nr, unsigned long deadline)
{
	struct lg_counts *counts = &net->dev->run.counts;
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		struct lg_net_frame frame = frame_at(line, i);

		lg_net_tx_put(net, &frame);
	}
	counts->requests += nr * slots_of(line);
	lg_net_tx_push(net);
	err = lg_run_wait(net->dev, lg_net_tx_answered, net, deadline);
	if (!err)
		err = take_answers(net);
	if (!err)
		counts->packets += nr;
	return err;
}

/* What a run that ended early left in flight must not be there for the next. */
static int drain(struct lg_net *net)
{
	if (!net->tx_inflight)
		return 0;
	wait_event_timeout(net->dev->wait,
			   READ_ONCE(net->dev->gone) || lg_net_tx_answered(net),
			   DRAIN_SECONDS * HZ);
	if (READ_ONCE(net->dev->gone))
		return -ENODEV;
	if (take_answers(net))
		return -EPROTO;
	if (!net->tx_inflight)
		return 0;
	dev_err(&net->dev->xdev->dev, "%u tx slots are not answered\n",
		net->tx_inflight);
	return -EBUSY;
}

static int run_tx(struct lg_net *net, struct net_line *line)
{
	unsigned long deadline = lg_run_deadline(line->timeout);
	u64 left = line->count;
	int err;

	err = check_size(net, line);
	if (!err)
		err = drain(net);
	if (err)
		return err;
	/* So many frames of several slots fit the ring. */
	line->burst = min_t(u64, line->burst, LG_NET_RING / slots_of(line));
	write_frames(net, line);
	lg_run_watch(net->dev, &net->tx_chan);
	while (left && !err) {
		unsigned int nr = min(left, line->burst);

		err = tx_burst(net, line, nr, deadline);
		left -= nr;
		cond_resched();
	}
	if (err == -EINTR || err == -ETIMEDOUT)
		drain(net);
	if (!err && net->dev->run.counts.errors)
		err = -EIO;
	return err;
}

/**
 * struct rx_wait - what an rx run waits for
 * @net: the vif
 * @nr: responses
 */
struct rx_wait {
	struct lg_net *net;
	unsigned int nr;
};

static bool rx_ready(void *arg)
{
	const struct rx_wait *wait = arg;
	const struct lg_net *net = wait->net;

	return READ_ONCE(net->rx.sring->rsp_prod) - net->rx.rsp_cons >=
	       wait->nr;
}

static void count_packet(struct lg_counts *counts, const struct net_line *line,
			 const struct lg_net_packet *packet)
{
	counts->responses += packet->slots;
	if (packet->bad) {
		counts->errors++;
	} else if (!line->ethertype || packet->proto == line->ethertype) {
		counts->packets++;
		counts->bytes += packet->bytes;
	}
}

/* Return: responses to wait for, 0 when the run is done, or -EPROTO. */
static int rx_take(struct lg_net *net, const struct net_line *line)
{
	struct lg_counts *counts = &net->dev->run.counts;
	struct lg_net_packet packet;
	int got = 0, nr;

	mutex_lock(&net->rx_lock);
	do {
		while (counts->packets < line->count &&
		       (got = lg_net_rx_take(net, &packet)) > 0)
			count_packet(counts, line, &packet);
		nr = min(line->burst, line->count - counts->packets);
		counts->requests +=
			LG_NET_RING - (net->rx.req_prod_pvt - net->rx.rsp_cons);
		lg_net_rx_post(net);
	} while (nr && !got && lg_net_rx_want(net, nr));
	mutex_unlock(&net->rx_lock);
	return nr && got ? got : nr;
}

static int rx_until(struct lg_net *net, const struct net_line *line)
{
	unsigned long deadline = lg_run_deadline(line->timeout);
	struct rx_wait wait = { .net = net };
	unsigned long look;
	int nr, err;

	for (;;) {
		nr = rx_take(net, line);
		if (nr <= 0)
			return nr;
		wait.nr = nr;
		look = jiffies + RX_LOOK_JIFFIES;
		err = lg_run_wait(net->dev, rx_ready, &wait, look | 1);
		if (err == -ETIMEDOUT && deadline &&
		    time_after(jiffies, deadline))
			return err;
		if (err && err != -ETIMEDOUT)
			return err;
		cond_resched();
	}
}

/* Before and after it what comes is consumed by net.c, uncounted. */
static int run_rx(struct lg_net *net, const struct net_line *line)
{
	int err;

	WRITE_ONCE(net->rx_run, true);
	flush_work(&net->rx_idle);
	lg_run_watch(net->dev, lg_net_rx_chan(net));
	err = rx_until(net, line);
	WRITE_ONCE(net->rx_run, false);
	schedule_work(&net->rx_idle);
	if (!err && net->dev->run.counts.errors)
		err = -EIO;
	return err;
}

/**
 * lg_net_run() - do what a line says
 * @dev: a connected vif
 * @text: the line; changed
 *
 * Context: may sleep.
 * Return: 0 when all was done and no response says error; -EIO when one does;
 * -EPROTO, -ENODEV, -EINTR, -ETIMEDOUT, -EINVAL.
 */
int lg_net_run(struct lg_device *dev, char *text)
{
	struct lg_net *net = dev->priv;
	struct net_line line;
	int err;

	err = read_line(net, text, &line);
	if (err)
		return err;
	return line.op == TX ? run_tx(net, &line) : run_rx(net, &line);
}
