// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A guest with many disks is destroyed while what is below them answers no more:
 * xenwatch goes on for all others, and no thread of the kernel sleeps so that
 * the kernel would complain of it.
 */

#include "blkif.h"
#include "dead.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 32
#define STEP 16 /* between device numbers */
#define NOTICE_US 500000
#define LOOKS 20
#define LOOK_US 100000
#define MOST_SECONDS 2 /* from one device to the next, under emulation */

struct dead {
	struct share share[MOST];
	struct blk blk[MOST];
	unsigned int nr;
};

static int connect_all(struct dead *dead, struct xs_handle *store,
		       const char *node, unsigned int number,
		       unsigned int count)
{
	int err = 0;

	for (; dead->nr < count && !err; dead->nr++) {
		unsigned int i = dead->nr;

		err = share_open(&dead->share[i]);
		err = err   ?:
			      blk_connect(&dead->blk[i], &dead->share[i], store,
					  node, number + i * STEP);
	}
	return err;
}

static void put_reads(struct dead *dead)
{
	unsigned int i;

	for (i = 0; i < dead->nr; i++) {
		blk_put_transfer(&dead->blk[i], BLKIF_OP_READ, 0);
		blk_push(&dead->blk[i]);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Of another guest, as it were; a device that xenwatch has to make and end. */
static int another_goes_on(struct xs_handle *store, const char *node,
			   struct share *share, unsigned int number)
{
	double begin = now();
	struct blk blk = { .share = share };
	int err = blk_create(&blk, store, node, number);

	device_erase(&blk.dev);
	printf("another device: %.1f s\n", now() - begin);
	if (!err && now() - begin > MOST_SECONDS) {
		fprintf(stderr, "xenwatch was held\n");
		err = -ETIMEDOUT;
	}
	return err;
}

/* "PID (NAME) STATE ...": whether it is of these drivers and sleeps so. */
static bool is_stuck(const char *pid)
{
	char path[PATH_SIZE], line[256] = "", *name, *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = 0;
	fclose(file);
	name = strchr(line, '(');
	end = strrchr(line, ')');
	if (!name || !end || end[1] != ' ' || end[2] != 'D')
		return false;
	*end = 0;
	fprintf(stderr, "%s sleeps uninterruptibly\n", name + 1);
	return true;
}

static bool any_is_stuck(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool stuck = false;

	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			stuck |= is_stuck(entry->d_name);
	if (proc)
		closedir(proc);
	return stuck;
}

/* Each time, not now and then: a thread may wait for a lock for a moment. */
static int none_is_stuck(void)
{
	unsigned int i;

	for (i = 0; i < LOOKS; i++) {
		if (!any_is_stuck())
			return 0;
		usleep(LOOK_US);
	}
	return -EBUSY;
}

static int destroy(struct dead *dead, struct xs_handle *store, const char *node,
		   unsigned int number)
{
	unsigned int i;
	int err;

	put_reads(dead);
	usleep(NOTICE_US);
	for (i = 0; i < dead->nr; i++)
		device_erase(&dead->blk[i].dev);
	err = another_goes_on(store, node, &dead->share[0], number - STEP);
	usleep(NOTICE_US);
	return err ?: none_is_stuck();
}

static int let_go(struct dead *dead)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < dead->nr; i++) {
		struct blk *blk = &dead->blk[i];

		err = device_wait_gone("vbd", blk->dev.number) ?: err;
		share_unbind(blk->share);
		share_free(blk->share, blk->page);
		share_free(blk->share, blk->sring);
		share_close(&dead->share[i]);
	}
	return err;
}

/* NODE is a device of the device mapper, by the name "dead". */
int dead_disks(struct xs_handle *store, const char *node, unsigned int number,
	       unsigned int count)
{
	struct dead *dead = calloc(1, sizeof(*dead));
	int err;

	if (!dead || count > MOST)
		return -ENOMEM;
	err = connect_all(dead, store, node, number, count);
	err = err ?: system("dmsetup suspend --nolockfs dead");
	err = err ?: destroy(dead, store, node, number);
	err = system("dmsetup resume dead") ?: err;
	err = let_go(dead) ?: err;
	free(dead);
	return err;
}
