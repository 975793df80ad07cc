/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_TESTDISK_H
#define FRONTEND_TESTDISK_H

#define TESTDISK "/dev/testdisk"

/* of its parameters "failing" and "slow" */
enum testdisk_kind {
	TESTDISK_ALL,
	TESTDISK_READS,
	TESTDISK_WRITES,
	TESTDISK_FLUSHES,
	TESTDISK_DURABLE,
	TESTDISK_EMPTY,
};

int testdisk_set(const char *name, int value);
int testdisk_get(const char *name);
int testdisk_fail(enum testdisk_kind kind, int error, int times);
int testdisk_slow(enum testdisk_kind kind, int milliseconds);
int testdisk_heal(void);

#endif
