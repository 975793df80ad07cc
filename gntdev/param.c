// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Module parameters: what is out of range, and what is in force then. */

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "param.h"

/* More of a value than this is not repeated in the log. */
#define TEXT_MAX 64

/* Of a range in words, with two numbers. */
#define RANGE_MAX 32

static unsigned int greatest(const struct gnt_param *param)
{
	return param->most ? param->most() : param->max;
}

/* Says what was given, what is allowed and what is in force. */
static void tell(const struct kernel_param *kp, const char *text,
		 const char *range, const char *force)
{
	int len = text ? min_t(size_t, strcspn(text, "\n"), TEXT_MAX) : 0;

	pr_warn("%s: %s is \"%.*s\", allowed is %s; %s\n", module_name(kp->mod),
		kp->name, len, text ?: "", range, force);
}

/* A value that cannot be had. Returns what setting it returns. */
static int refuse(const struct kernel_param *kp, const char *text,
		  const char *range)
{
	/* Its parameters are read before its init function runs. */
	bool loading = kp->mod->state == MODULE_STATE_COMING;

	tell(kp, text, range,
	     loading ? "it has its default" : "it stays as it was");
	return loading ? 0 : -EINVAL;
}

/* A number that is too long for any type is one, and above any range. */
static int parse(const char *text, u64 *value)
{
	int err = text ? kstrtoull(text, 0, value) : -EINVAL;

	if (err != -ERANGE)
		return err;
	text += strspn(text, "0123456789");
	if (*text && strcmp(text, "\n"))
		return -EINVAL;
	*value = U64_MAX;
	return 0;
}

static int set_number(const char *text, const struct kernel_param *kp)
{
	const struct gnt_param *param = kp->arg;
	unsigned int most = greatest(param);
	char range[RANGE_MAX], force[RANGE_MAX];
	u64 value;

	snprintf(range, sizeof(range), "%u to %u", param->min, most);
	if (parse(text, &value) || value < param->min)
		return refuse(kp, text, range);
	if (value > most) {
		snprintf(force, sizeof(force), "it is %u now", most);
		tell(kp, text, range, force);
		value = most;
	}
	WRITE_ONCE(*param->value, value);
	return 0;
}

static int get_number(char *buf, const struct kernel_param *kp)
{
	const struct gnt_param *param = kp->arg;

	return sysfs_emit(buf, "%u\n",
			  param->in_force ? param->in_force() :
					    READ_ONCE(*param->value));
}

/* Without a value, too, it is for us to say what is wrong. */
const struct kernel_param_ops gnt_param_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = set_number,
	.get = get_number,
};
EXPORT_SYMBOL_NS_GPL(gnt_param_ops, XEN_BACKENDS);

static int set_flag(const char *text, const struct kernel_param *kp)
{
	bool *flag = kp->arg;
	bool value = true;

	if (text && kstrtobool(text, &value))
		return refuse(kp, text, "Y or N");
	WRITE_ONCE(*flag, value);
	return 0;
}

static int get_flag(char *buf, const struct kernel_param *kp)
{
	const bool *flag = kp->arg;

	return sysfs_emit(buf, "%c\n", READ_ONCE(*flag) ? 'Y' : 'N');
}

const struct kernel_param_ops gnt_param_flag_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = set_flag,
	.get = get_flag,
};
EXPORT_SYMBOL_NS_GPL(gnt_param_flag_ops, XEN_BACKENDS);
