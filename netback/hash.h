/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The hash of packets into a guest: what the guest has set, and what becomes of
 * a packet by it.
 *
 * hash.c: netback_hash_start() netback_hash_stop()
 *         netback_hash_get_flags() netback_hash_set_algorithm()
 *         netback_hash_set_flags() netback_hash_set_key()
 *         netback_hash_set_mapping_size() netback_hash_set_mapping()
 *         netback_hash_commit() netback_hash_settle() netback_hash_frame()
 * here:   netback_hash_skb()
 */
#ifndef XEN_BACKENDS_NETBACK_HASH_H
#define XEN_BACKENDS_NETBACK_HASH_H

#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include "flow.h"
#include "toeplitz.h"

/* Most entries of a mapping; in-tree's limit, and what Windows uses. */
#define NETBACK_HASH_ENTRIES 128

/**
 * struct netback_hash_config - what a guest has set
 * @algorithm: XEN_NETIF_CTRL_HASH_ALGORITHM_*
 * @flags: XEN_NETIF_CTRL_HASH_TYPE_*
 * @key: with zeros behind what the guest gave
 * @toeplitz: @key made ready
 * @size: entries of the mapping, 0 to NETBACK_HASH_ENTRIES; with 0 the queue is
 *	the hash modulo their number
 * @queue: the mapping; each is below the number of queues
 */
struct netback_hash_config {
	u32 algorithm;
	u32 flags;
	u8 key[NETBACK_HASH_KEY_SIZE];
	struct netback_toeplitz toeplitz;
	u32 size;
	u8 queue[NETBACK_HASH_ENTRIES];
};

/**
 * struct netback_hash - the hash of a vif
 * @active: what packets are hashed by: it does not change while they can see it
 *	(CVE-2024-49936). NULL: they are not
 * @now: all that is set, also while nothing is hashed; NULL while stopped
 * @next: a second one. While @changed, the same with the changes to come
 * @changed: something was set since the last netback_hash_commit()
 * @unsettled: packets may still see what is in @next
 * @nr_queues: queues of the vif, 1 or more
 *
 * All but @active is the owner's, which serialises its calls.
 */
struct netback_hash {
	struct netback_hash_config __rcu *active;
	struct netback_hash_config *now;
	struct netback_hash_config *next;
	bool changed;
	bool unsettled;
	unsigned int nr_queues;
};

/**
 * struct netback_hashed - a packet's hash
 * @value: the hash
 * @queue: the queue that it goes to
 * @type: _XEN_NETIF_CTRL_HASH_TYPE_*
 * @valid: there is one
 */
struct netback_hashed {
	u32 value;
	u16 queue;
	u8 type;
	bool valid;
};

int netback_hash_start(struct netback_hash *hash, unsigned int nr_queues);
void netback_hash_stop(struct netback_hash *hash);
u32 netback_hash_get_flags(const struct netback_hash *hash, u32 *flags);
u32 netback_hash_set_algorithm(struct netback_hash *hash, u32 algorithm);
u32 netback_hash_set_flags(struct netback_hash *hash, u32 flags);
u32 netback_hash_set_key(struct netback_hash *hash, const u8 *key, u32 size);
u32 netback_hash_set_mapping_size(struct netback_hash *hash, u32 size);
u32 netback_hash_set_mapping(struct netback_hash *hash, const u32 *queue,
			     u32 nr, u32 at);
void netback_hash_commit(struct netback_hash *hash);
void netback_hash_settle(struct netback_hash *hash);
bool netback_hash_frame(const struct netback_hash *hash, const u8 *frame,
			unsigned int len, struct netback_hashed *hashed);

/* Apart: the compiler clears what is on the stack, which nobody needs without a hash. */
static inline bool netback_hash_head(const struct netback_hash *hash,
				     const struct sk_buff *skb,
				     struct netback_hashed *hashed)
{
	u8 head[NETBACK_FLOW_HEAD];
	unsigned int len = min_t(unsigned int, skb->len, sizeof(head));
	const u8 *frame = skb_header_pointer(skb, 0, len, head);

	return frame && netback_hash_frame(hash, frame, len, hashed);
}

/**
 * netback_hash_skb() - hash a packet of the stack's
 * @hash: the hash, started or stopped
 * @skb: the packet, its data from the Ethernet header on
 * @hashed: filled; not valid when the guest does not want a hash of it
 *
 * Context: any.
 * Return: whether it is valid.
 */
static inline bool netback_hash_skb(const struct netback_hash *hash,
				    const struct sk_buff *skb,
				    struct netback_hashed *hashed)
{
	hashed->valid = false;
	return unlikely(rcu_access_pointer(hash->active)) &&
	       netback_hash_head(hash, skb, hashed);
}

#endif
