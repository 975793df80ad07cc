/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Module parameters that never keep a module from loading.
 *
 * param.c: gnt_param_ops gnt_param_flag_ops
 */
#ifndef XEN_BACKENDS_GNTDEV_PARAM_H
#define XEN_BACKENDS_GNTDEV_PARAM_H

#include <linux/moduleparam.h>

/**
 * struct gnt_param - a number that is a module parameter
 * @value: where it is, and before it is given, its default; written with
 *	WRITE_ONCE(), and at any time where the parameter's file can be written
 * @min: the least it may be
 * @max: the greatest there can be; not looked at if there is @most
 * @most: gives what @max cannot, as only the running machine knows; or NULL.
 *	Called before the module's init function, too; may sleep
 * @in_force: gives what the parameter's file is to show, where @value says nothing
 *	until one is given; or NULL
 *
 * What module_param_cb() is given with &gnt_param_ops::
 *
 *	static unsigned int limit = 64;
 *	static struct gnt_param limit_param = { .value = &limit, .max = 1024 };
 *	module_param_cb(limit, &gnt_param_ops, &limit_param, 0644);
 */
struct gnt_param {
	unsigned int *value;
	unsigned int min;
	unsigned int max;
	unsigned int (*most)(void);
	unsigned int (*in_force)(void);
};

/*
 * For a struct gnt_param. A number above the range, of any length, stands for all
 * there is: it is taken as the greatest. What is below the range or no number is
 * refused: a write to the parameter's file fails with EINVAL, and a module that is
 * loaded with it has the default. The log has the module, the parameter, its
 * value, what is allowed and what is in force.
 */
extern const struct kernel_param_ops gnt_param_ops;

/*
 * For a bool, which is what module_param_cb() is given: Y, N and all else that
 * kstrtobool() knows; without a value it is Y. Refused is as above.
 */
extern const struct kernel_param_ops gnt_param_flag_ops;

#endif
