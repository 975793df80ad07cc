// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The hash of packets into a guest. There are two configurations: packets see
 * one, changes go into the other, and a commit has them change places. So no
 * change needs memory, and none can be seen half done.
 */

#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/page.h>
#include <xen/interface/xen.h>
#include <xen/interface/io/netif.h>

#include "hash.h"

#define ALL_TYPES                                                            \
	(XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP | \
	 XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

/* The owner's view, with what it has set and not yet committed. */
static const struct netback_hash_config *latest(const struct netback_hash *hash)
{
	return hash->changed ? hash->next : hash->now;
}

static struct netback_hash_config *change(struct netback_hash *hash)
{
	if (!hash->changed)
		*hash->next = *hash->now;
	hash->changed = true;
	return hash->next;
}

/**
 * netback_hash_start() - nothing is hashed, but may be set
 * @hash: one that is stopped
 * @nr_queues: queues of the vif, 1 or more
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM and it stays stopped.
 */
int netback_hash_start(struct netback_hash *hash, unsigned int nr_queues)
{
	hash->now = kzalloc(sizeof(*hash->now), GFP_KERNEL);
	hash->next = kzalloc(sizeof(*hash->next), GFP_KERNEL);
	if (!hash->now || !hash->next) {
		netback_hash_stop(hash);
		return -ENOMEM;
	}
	hash->changed = false;
	hash->unsettled = false;
	hash->nr_queues = nr_queues;
	return 0;
}

/**
 * netback_hash_stop() - forget all that was set
 * @hash: started or stopped
 *
 * Context: may sleep.
 */
void netback_hash_stop(struct netback_hash *hash)
{
	if (rcu_access_pointer(hash->active))
		hash->unsettled = true;
	RCU_INIT_POINTER(hash->active, NULL);
	netback_hash_settle(hash);
	kfree(hash->now);
	kfree(hash->next);
	hash->now = NULL;
	hash->next = NULL;
	hash->changed = false;
}

/**
 * netback_hash_get_flags() - the types of hash there are
 * @hash: one that is started
 * @flags: set on success: XEN_NETIF_CTRL_HASH_TYPE_*
 *
 * Context: the owner's.
 * Return: XEN_NETIF_CTRL_STATUS_*; netif.h wants an algorithm to be set before.
 */
u32 netback_hash_get_flags(const struct netback_hash *hash, u32 *flags)
{
	if (latest(hash)->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	*flags = ALL_TYPES;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/**
 * netback_hash_set_algorithm() - set the algorithm
 * @hash: one that is started
 * @algorithm: XEN_NETIF_CTRL_HASH_ALGORITHM_*; any other number is refused
 *
 * Key, flags and mapping stay, as with in-tree.
 *
 * Context: the owner's.
 * Return: XEN_NETIF_CTRL_STATUS_*.
 */
u32 netback_hash_set_algorithm(struct netback_hash *hash, u32 algorithm)
{
	if (algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_NONE &&
	    algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	change(hash)->algorithm = algorithm;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/**
 * netback_hash_set_flags() - set which packets are hashed
 * @hash: one that is started
 * @flags: XEN_NETIF_CTRL_HASH_TYPE_*; with other bits they are refused
 *
 * Context: the owner's.
 * Return: XEN_NETIF_CTRL_STATUS_*; netif.h wants an algorithm to be set before.
 */
u32 netback_hash_set_flags(struct netback_hash *hash, u32 flags)
{
	if (flags & ~ALL_TYPES ||
	    latest(hash)->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	change(hash)->flags = flags;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/**
 * netback_hash_set_key() - set the key
 * @hash: one that is started
 * @key: the key
 * @size: bytes of it; zeros follow. 0: all hashes will be 0
 *
 * Context: the owner's.
 * Return: XEN_NETIF_CTRL_STATUS_*: BUFFER_OVERFLOW above
 * NETBACK_HASH_KEY_SIZE.
 */
u32 netback_hash_set_key(struct netback_hash *hash, const u8 *key, u32 size)
{
	struct netback_hash_config *next;

	if (size > NETBACK_HASH_KEY_SIZE)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	next = change(hash);
	memset(next->key, 0, sizeof(next->key));
	memcpy(next->key, key, size);
	netback_toeplitz_set(&next->toeplitz, next->key);
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/**
 * netback_hash_set_mapping_size() - begin a mapping, which is of zeros
 * @hash: one that is started
 * @size: entries; 0 for none. Above NETBACK_HASH_ENTRIES it is refused
 *
 * Context: the owner's.
 * Return: XEN_NETIF_CTRL_STATUS_*.
 */
u32 netback_hash_set_mapping_size(struct netback_hash *hash, u32 size)
{
	struct netback_hash_config *next;

	if (size > NETBACK_HASH_ENTRIES)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	next = change(hash);
	next->size = size;
	memset(next->queue, 0, sizeof(next->queue));
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/**
 * netback_hash_set_mapping() - set entries of the mapping, all or none
 * @hash: one that is started
 * @queue: @nr numbers of queues; the guest's, but it cannot change them now
 * @nr: how many
 * @at: the first entry to be set
 *
 * Context: the owner's.
 * Return: XEN_NETIF_CTRL_STATUS_*: BUFFER_OVERFLOW when there can be no so large
 * mapping, INVALID_PARAMETER when it is not so large, or a queue is not there.
 */
u32 netback_hash_set_mapping(struct netback_hash *hash, const u32 *queue,
			     u32 nr, u32 at)
{
	u32 size = latest(hash)->size;
	struct netback_hash_config *next;
	u32 i;

	if (nr > NETBACK_HASH_ENTRIES)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	/* Their sum may wrap (XSA-270). */
	if (at > size || nr > size - at)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	for (i = 0; i < nr; i++)
		if (queue[i] >= hash->nr_queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	next = change(hash);
	for (i = 0; i < nr; i++)
		next->queue[at + i] = queue[i];
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/**
 * netback_hash_commit() - let packets see what was set
 * @hash: one that is started; netback_hash_settle() must be called before more
 *	is set
 *
 * Context: the owner's.
 */
void netback_hash_commit(struct netback_hash *hash)
{
	struct netback_hash_config *to = hash->next;
	bool hashes;

	if (!hash->changed)
		return;
	hashes = to->algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_NONE &&
		 to->flags;
	rcu_assign_pointer(hash->active, hashes ? to : NULL);
	hash->next = hash->now;
	hash->now = to;
	hash->changed = false;
	hash->unsettled = true;
}

/**
 * netback_hash_settle() - wait until no packet sees what was before
 * @hash: the hash
 *
 * Context: the owner's; sleeps for a grace period after a commit that changed
 * something.
 */
void netback_hash_settle(struct netback_hash *hash)
{
	if (!hash->unsettled)
		return;
	synchronize_rcu();
	hash->unsettled = false;
}

/**
 * netback_hash_frame() - hash a packet
 * @hash: the hash, started or stopped
 * @frame: its first bytes, from the Ethernet header on
 * @len: how many: all of it, or NETBACK_FLOW_HEAD
 * @hashed: filled; not valid when the guest does not want a hash of it
 *
 * Context: any.
 * Return: whether it is valid.
 */
bool netback_hash_frame(const struct netback_hash *hash, const u8 *frame,
			unsigned int len, struct netback_hashed *hashed)
{
	const struct netback_hash_config *by;
	struct netback_flow flow;

	hashed->valid = false;
	rcu_read_lock();
	by = rcu_dereference(hash->active);
	if (by && netback_flow_read(&flow, frame, len, by->flags)) {
		hashed->value = netback_toeplitz_hash(&by->toeplitz, flow.input,
						      flow.len);
		hashed->type = flow.type;
		hashed->queue = by->size ? by->queue[hashed->value % by->size] :
					   hashed->value % hash->nr_queues;
		hashed->valid = true;
	}
	rcu_read_unlock();
	return hashed->valid;
}
