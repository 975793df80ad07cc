// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A module that is loaded again under a connected frontend goes on as the guest
 * has set it: the guest would not do that again. It is a node of our own
 * directory, in hexadecimal, which the guest cannot write.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/interface/io/netif.h>

#include "xenbus/xenbus.h"
#include "hash.h"
#include "keep.h"

#define NODE "hash-config"

/**
 * struct kept - what is kept, all of it bytes
 * @algorithm: as in struct netback_hash_config
 * @flags: the same
 * @size: the same
 * @key: the same
 * @queue: the same
 */
struct kept {
	u8 algorithm;
	u8 flags;
	u8 size;
	u8 key[NETBACK_HASH_KEY_SIZE];
	u8 queue[NETBACK_HASH_ENTRIES];
};

/**
 * struct word - a node to be written
 * @dir: where
 * @node: its name
 * @text: its value
 */
struct word {
	const char *dir;
	const char *node;
	char text[];
};

static int write_word(struct xenbus_transaction xbt, void *arg)
{
	const struct word *word = arg;

	/* The toolstack may have removed the directory: do not bring it back. */
	if (xenbus_exists(xbt, word->dir, "state") != 1)
		return -ENOENT;
	return xenbus_write(xbt, word->dir, word->node, word->text);
}

/**
 * netback_keep_save() - leave bytes for the next module
 * @xbe: the backend device
 * @node: of its directory
 * @data: the bytes
 * @size: how many
 *
 * Without memory or xenstore the next module begins with nothing set.
 *
 * Context: the device's work; may sleep.
 */
void netback_keep_save(struct xbe_device *xbe, const char *node,
		       const void *data, size_t size)
{
	struct word *word =
		kzalloc(struct_size(word, text, 2 * size + 1), GFP_KERNEL);

	if (!word)
		return;
	word->dir = xbe->xdev->nodename;
	word->node = node;
	bin2hex(word->text, data, size);
	xbe_transact(write_word, word);
	kfree(word);
}

/**
 * netback_keep_load() - read what an earlier module has left
 * @xbe: the backend device
 * @node: of its directory
 * @data: filled on success only
 * @size: bytes of @data
 *
 * Context: the device's work; may sleep.
 * Return: whether there was as much, and nothing else.
 */
bool netback_keep_load(struct xbe_device *xbe, const char *node, void *data,
		       size_t size)
{
	char *text = xenbus_read(XBT_NIL, xbe->xdev->nodename, node, NULL);
	bool found;

	if (IS_ERR(text))
		return false;
	found = strlen(text) == 2 * size && !hex2bin(data, text, size);
	kfree(text);
	return found;
}

/**
 * netback_keep_write() - leave word of what is set
 * @xbe: the backend device
 * @hash: its hash, started
 *
 * Context: the device's work; may sleep.
 */
void netback_keep_write(struct xbe_device *xbe, const struct netback_hash *hash)
{
	const struct netback_hash_config *now = hash->now;
	struct kept kept = {
		.algorithm = now->algorithm,
		.flags = now->flags,
		.size = now->size,
	};

	memcpy(kept.key, now->key, sizeof(kept.key));
	memcpy(kept.queue, now->queue, sizeof(kept.queue));
	netback_keep_save(xbe, NODE, &kept, sizeof(kept));
}

/* By the calls that the guest has: what it may not set is not set here. */
static void set(struct netback_hash *hash, const struct kept *kept)
{
	u32 queue[NETBACK_HASH_ENTRIES];
	unsigned int i;

	for (i = 0; i < NETBACK_HASH_ENTRIES; i++)
		queue[i] = kept->queue[i];
	/* Flags can be set with an algorithm only, which may be none by now. */
	netback_hash_set_algorithm(hash,
				   XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ);
	netback_hash_set_flags(hash, kept->flags);
	netback_hash_set_algorithm(hash, kept->algorithm);
	netback_hash_set_key(hash, kept->key, sizeof(kept->key));
	netback_hash_set_mapping_size(hash, kept->size);
	netback_hash_set_mapping(hash, queue, kept->size, 0);
	netback_hash_commit(hash);
	netback_hash_settle(hash);
}

/**
 * netback_keep_read() - set what an earlier module has left word of
 * @xbe: the backend device
 * @hash: its hash, started, nothing set
 *
 * Context: the device's work; may sleep.
 */
void netback_keep_read(struct xbe_device *xbe, struct netback_hash *hash)
{
	struct kept kept;

	if (netback_keep_load(xbe, NODE, &kept, sizeof(kept)))
		set(hash, &kept);
}
