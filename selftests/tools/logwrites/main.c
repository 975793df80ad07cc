// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Replays what dm-log-writes has logged onto a copy of the disk, from one
 * moment worth a look to the next: after a flush, or at a mark.
 *
 * A log begins with a sector about itself. For each entry a sector follows
 * that says what it is, and the data if it is a write; a mark has its text in
 * that sector. A write is logged when it is known to be durable: after the
 * flush that covered it has completed, and before that flush's own entry.
 * Sources: Documentation/admin-guide/device-mapper/log-writes.rst of the
 * kernel, and drivers/md/dm-log-writes.c for the numbers.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x6a736677736872ULL
#define VERSION 1
#define FLUSH 1
#define FUA 2
#define DISCARD 4
#define MARK 8
#define SECTOR_MIN 512
#define SECTOR_MAX 4096
/* Of one write: far more than any block device takes at once. */
#define BYTES_MAX (64 << 20)

struct super {
	uint64_t magic;
	uint64_t version;
	uint64_t entries;
	uint32_t sector_size;
};

struct entry {
	uint64_t sector;
	uint64_t sectors;
	uint64_t flags;
	uint64_t length; /* of a mark's text */
};

struct replay {
	int log;
	int disk;
	uint64_t disk_size; /* bytes */
	uint64_t entries;
	unsigned int sector_size;
	off_t where; /* in the log */
	uint64_t next; /* the entry that is there */
	uint64_t writes; /* replayed by this call */
	uint64_t through; /* those of them that went through the cache */
	char text[SECTOR_MAX];
};

static int complain(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "wrong");
	return -1;
}

static int read_log(struct replay *replay, void *to, size_t size, off_t where)
{
	ssize_t got;

	errno = 0;
	got = pread(replay->log, to, size, where);
	return got == (ssize_t)size ? 0 : complain("the log is too short");
}

static int read_super(struct replay *replay)
{
	struct super super;

	if (read_log(replay, &super, sizeof(super), 0))
		return -1;
	replay->entries = le64toh(super.entries);
	replay->sector_size = le32toh(super.sector_size);
	replay->where = replay->sector_size;
	if (le64toh(super.magic) != MAGIC || le64toh(super.version) != VERSION)
		return complain("no log of version 1: its header is");
	if (replay->sector_size < SECTOR_MIN ||
	    replay->sector_size > SECTOR_MAX)
		return complain("the log's sector size is");
	return 0;
}

static int read_entry(struct replay *replay, struct entry *entry)
{
	char *sector = replay->text;

	if (read_log(replay, sector, replay->sector_size, replay->where))
		return -1;
	memcpy(entry, sector, sizeof(*entry));
	entry->sector = le64toh(entry->sector);
	entry->sectors = le64toh(entry->sectors);
	entry->flags = le64toh(entry->flags);
	entry->length = le64toh(entry->length);
	errno = 0;
	if (entry->length > replay->sector_size - sizeof(*entry) - 1 ||
	    (entry->length && !(entry->flags & MARK)))
		return complain("the length of an entry's text is");
	memmove(sector, sector + sizeof(*entry), entry->length);
	sector[entry->length] = '\0';
	return 0;
}

static uint64_t data_size(const struct replay *replay,
			  const struct entry *entry)
{
	return entry->flags & (DISCARD | MARK) ?
		       0 :
		       entry->sectors * replay->sector_size;
}

/* A discard leaves zeros: so do the disks that this is used with. */
static int apply(struct replay *replay, const struct entry *entry)
{
	uint64_t size = entry->sectors * replay->sector_size;
	uint64_t where = entry->sector * replay->sector_size;
	void *data;
	int err = 0;

	errno = 0;
	if (entry->sectors > BYTES_MAX / replay->sector_size ||
	    where > replay->disk_size || size > replay->disk_size - where)
		return complain("the place of a write is");
	data = calloc(1, size ?: 1);
	if (!data)
		return complain("no memory");
	if (!(entry->flags & DISCARD))
		err = read_log(replay, data, size,
			       replay->where + replay->sector_size);
	if (!err && pwrite(replay->disk, data, size, where) != (ssize_t)size)
		err = complain("cannot write");
	free(data);
	replay->writes += !!size;
	replay->through += size && entry->flags & FUA;
	return err;
}

/* Goes on to the next entry, replaying this one or not. */
static int step(struct replay *replay, struct entry *entry, bool replaying)
{
	if (read_entry(replay, entry))
		return -1;
	if (replaying && !(entry->flags & MARK) && apply(replay, entry))
		return -1;
	replay->where += replay->sector_size + data_size(replay, entry);
	replay->next++;
	return 0;
}

static int run(struct replay *replay, uint64_t from)
{
	struct entry entry = { 0 };
	const char *what = "end";

	while (replay->next < from && replay->next < replay->entries)
		if (step(replay, &entry, false))
			return -1;
	while (replay->next < replay->entries && *what == 'e') {
		if (step(replay, &entry, true))
			return -1;
		if (entry.flags & MARK)
			what = "mark";
		else if (entry.flags & FLUSH)
			what = "flush";
	}
	printf("%llu %llu %llu %s %s\n", (unsigned long long)replay->next,
	       (unsigned long long)replay->writes,
	       (unsigned long long)replay->through, what,
	       *what == 'm' ? replay->text : "");
	return 0;
}

int main(int argc, char **argv)
{
	static struct replay replay;
	struct stat status;

	if (argc != 4) {
		fprintf(stderr,
			"usage: %s LOG DISK ENTRY\n"
			"Replays onto DISK from ENTRY, 0 being the first, to the next flush or mark.\n"
			"Prints: ENTRY to go on from, writes replayed, those with FUA, flush|mark|end, the mark.\n",
			argv[0]);
		return 2;
	}
	replay.log = open(argv[1], O_RDONLY);
	replay.disk = open(argv[2], O_WRONLY);
	if (replay.log < 0 || replay.disk < 0 || fstat(replay.disk, &status))
		return complain("cannot open the log or the disk") ? 1 : 0;
	replay.disk_size = status.st_size;
	if (read_super(&replay) || run(&replay, strtoull(argv[3], NULL, 10)))
		return 1;
	return 0;
}
