/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * XDP on a vif: programs that see what the guest sends before the stack does, and
 * frames that programs elsewhere send to the guest.
 *
 * A vif has room for two: the policy, which its key xdp-pin names and which runs first,
 * and the program that somebody attaches to the net device. A packet is the second
 * one's when the first one passes it.
 *
 * What a program sees is what would be on a wire: checksums are filled in, and what a
 * guest leaves to be segmented is segmented. Only where all programs take frames of
 * several pieces (section "xdp.frags") it comes whole, its checksum blank.
 *
 * xdp.c:         netback_xdp_bpf() netback_xdp_set_policy() netback_xdp_takes_mtu()
 *                netback_xdp_exit() netback_xdp_read() netback_xdp_show()
 * xdp-run.c:     netback_xdp_begin() netback_xdp_packet() netback_xdp_end()
 * xdp-segment.c: netback_xdp_segment()
 * xdp-skb.c:     netback_xdp_skb()
 * xdp-xmit.c:    netback_xdp_send() netback_xdp_xmit()
 * xdp-pin.c:     netback_pin_read() netback_pin_changed()
 */
#ifndef XEN_BACKENDS_NETBACK_XDP_H
#define XEN_BACKENDS_NETBACK_XDP_H

#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>

struct bpf_prog;
struct net_device;
struct netback_packet;
struct netback_queue;
struct netback_vif;
struct netdev_bpf;
struct seq_file;
struct xdp_buff;
struct xdp_frame;

/**
 * enum netback_xdp_result - what became of a packet
 * @NETBACK_XDP_PASS: it went to the stack
 * @NETBACK_XDP_DROP: it was dropped, as the program wanted
 * @NETBACK_XDP_TX: it goes back to the guest
 * @NETBACK_XDP_REDIRECT: it went elsewhere
 * @NETBACK_XDP_ERROR: it was dropped: the program failed, what it wanted could not be
 *	done, or the packet is none that it can be shown
 * @NETBACK_XDP_RESULTS: how many there are
 */
enum netback_xdp_result {
	NETBACK_XDP_PASS,
	NETBACK_XDP_DROP,
	NETBACK_XDP_TX,
	NETBACK_XDP_REDIRECT,
	NETBACK_XDP_ERROR,
	NETBACK_XDP_RESULTS
};

/**
 * struct netback_xdp_counters - what became of a queue's packets
 * @nr: packets, by &enum netback_xdp_result
 * @sync: for readers on 32-bit machines
 *
 * The queue's tx poll writes, anybody reads.
 */
struct netback_xdp_counters {
	u64_stats_t nr[NETBACK_XDP_RESULTS];
	struct u64_stats_sync sync;
};

/**
 * struct netback_xdp - the programs of a vif
 * @policy: the one that the vif's key names; changed under the RTNL, read by polls
 * @prog: the one attached to the net device; the same
 * @room: packets are copied to pages of their own with room around them; written under
 *	the RTNL. On before a program is seen, so that each packet that a program sees
 *	has it
 * @cuts: one of them takes frames of one piece only; written under the RTNL
 */
struct netback_xdp {
	struct bpf_prog __rcu *policy;
	struct bpf_prog __rcu *prog;
	bool room;
	bool cuts;
};

/**
 * struct netback_pin - the key that names the policy; of the device's work
 * @path: what it was when it was last read, NULL for none
 * @complained: it was wrong
 */
struct netback_pin {
	char *path;
	bool complained;
};

/**
 * struct netback_xdp_run - the packets of a batch and the programs that see them
 * @queue: whose guest has sent them
 * @policy: the programs, as they were at its beginning
 * @prog: the same
 * @frags: they take frames of several pieces
 * @redirected: frames wait to be flushed
 * @list: what goes to the stack and not to GRO
 * @nr: packets, by &enum netback_xdp_result
 */
struct netback_xdp_run {
	struct netback_queue *queue;
	struct bpf_prog *policy;
	struct bpf_prog *prog;
	bool frags;
	bool redirected;
	struct list_head *list;
	unsigned int nr[NETBACK_XDP_RESULTS];
};

/* xdp.c */
int netback_xdp_bpf(struct net_device *dev, struct netdev_bpf *bpf);
void netback_xdp_set_policy(struct netback_vif *vif, struct bpf_prog *prog);
bool netback_xdp_takes_mtu(const struct netback_vif *vif,
			   const struct bpf_prog *prog, unsigned int mtu);
void netback_xdp_exit(struct netback_vif *vif);
void netback_xdp_read(const struct netback_xdp_counters *from, u64 *to);
void netback_xdp_show(struct netback_vif *vif, struct seq_file *m);

/* xdp-run.c */
bool netback_xdp_begin(struct netback_xdp_run *run, struct netback_queue *queue,
		       struct list_head *list);
void netback_xdp_packet(struct netback_xdp_run *run,
			struct netback_packet *packet);
void netback_xdp_end(struct netback_xdp_run *run);

/* xdp-segment.c */
int netback_xdp_segment(struct netback_queue *queue,
			struct netback_packet *packet, struct sk_buff **list);
bool netback_xdp_lay(struct netback_queue *queue, struct sk_buff *segment,
		     struct xdp_buff *xdp);

/* xdp-skb.c */
struct sk_buff *netback_xdp_skb(const struct xdp_buff *xdp, bool pooled);

/* xdp-xmit.c */
void netback_xdp_send(struct netback_vif *vif, struct sk_buff *skb);
int netback_xdp_xmit(struct net_device *dev, int nr, struct xdp_frame **frames,
		     u32 flags);

/* xdp-pin.c */
int netback_pin_read(struct netback_vif *vif);
void netback_pin_changed(struct netback_vif *vif);

#endif
