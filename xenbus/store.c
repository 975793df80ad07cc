// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Transactions with xenstore: whole, or not at all. */

#include <linux/errno.h>
#include <linux/export.h>

#include "internal.h"

/* One is undone by any write beside it, and a guest can cause those. */
#define MAX_TRIES 32

/**
 * xbe_transact() - do something to xenstore in one transaction
 * @fn: reads and writes; called again when another writer came between, so it
 *	begins anew each time. Returns 0 to commit or a negative errno to abort
 * @arg: handed to @fn
 *
 * Context: may sleep.
 * Return: 0, what @fn returned, or the errno of the transaction: -EAGAIN when
 * it was beaten 32 times.
 */
int xbe_transact(int (*fn)(struct xenbus_transaction xbt, void *arg), void *arg)
{
	struct xenbus_transaction xbt;
	unsigned int tries;
	int err = -EAGAIN;

	for (tries = 0; tries < MAX_TRIES && err == -EAGAIN; tries++) {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;
		err = fn(xbt, arg);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			return err;
		}
		err = xenbus_transaction_end(xbt, 0);
	}
	return err;
}
EXPORT_SYMBOL_NS_GPL(xbe_transact, XEN_BACKENDS);
