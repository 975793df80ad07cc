// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What /dev/testdisk is told, and what it says. */

#include "frontend.h"
#include "testdisk.h"

#include <errno.h>

#define PARAMETERS "/sys/module/testdisk/parameters/"

int testdisk_set(const char *name, int value)
{
	char path[PATH_SIZE];
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d", value) < 0)
		err = -EIO;
	if (file && fclose(file))
		err = -EIO;
	if (err)
		fprintf(stderr, "cannot write %s\n", path);
	return err;
}

int testdisk_get(const char *name)
{
	char path[PATH_SIZE];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "r");
	if (file && fscanf(file, "%d", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

/* So many times; 0 is until it is healed. */
int testdisk_fail(enum testdisk_kind kind, int error, int times)
{
	int err = testdisk_set("failing", kind);

	err = err ?: testdisk_set("times", times);
	return err ?: testdisk_set("error", error);
}

int testdisk_slow(enum testdisk_kind kind, int milliseconds)
{
	return testdisk_set("slow", kind) ?:
					    testdisk_set("slow_ms", milliseconds);
}

int testdisk_heal(void)
{
	int err = testdisk_set("slow_ms", 0);

	err = testdisk_set("error", 0) ?: err;
	return testdisk_set("times", 0) ?: err;
}
