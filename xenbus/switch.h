/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A switch in debugfs for what costs too much to be always done: a look at the clock
 * for each request is dear in a PV domain. Off, it is a patched-out branch.
 *
 * switch.c: xbe_switch_add() xbe_switch_remove()
 * here:     xbe_switch_is_on() xbe_switch_since()
 */
#ifndef XEN_BACKENDS_XENBUS_SWITCH_H
#define XEN_BACKENDS_XENBUS_SWITCH_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/types.h>

struct dentry;

/**
 * struct xbe_switch - a switch of a module
 * @on: whether it is on
 * @since: when it was last switched on, as ktime_get_ns() has it
 * @name: of its file
 * @file: the file
 */
struct xbe_switch {
	struct static_key_false on;
	u64 since;
	const char *name;
	struct dentry *file;
};

/* One that is off; it must be a variable of the module, whose code it patches. */
#define XBE_SWITCH(_name)                                     \
	{                                                     \
		.on = STATIC_KEY_FALSE_INIT, .name = (_name), \
	}

/* A macro: the branch is patched by the address of the key. */
#define xbe_switch_is_on(sw) static_branch_unlikely(&(sw)->on)

/**
 * xbe_switch_since() - when a switch was last switched on
 * @sw: the switch
 *
 * What was stamped before is of a former time.
 *
 * Context: any.
 * Return: nanoseconds.
 */
static inline u64 xbe_switch_since(const struct xbe_switch *sw)
{
	return READ_ONCE(sw->since);
}

void xbe_switch_add(struct xbe_switch *sw);
void xbe_switch_remove(struct xbe_switch *sw);

#endif
