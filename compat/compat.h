/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Every difference between kernel versions, and nothing else. Force-included
 * before each source file, so that no product source tests a version.
 */
#ifndef XEN_BACKENDS_COMPAT_H
#define XEN_BACKENDS_COMPAT_H

#include <linux/version.h>


#endif
