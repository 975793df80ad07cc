// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * TCG plugin: how often each translation block ran on each CPU. Everything
 * else (functions, hypercalls, instructions) follows from that on the host,
 * see counts.py.
 *
 * QEMU passes fd=NUMBER, one end of a socket. Commands are lines: "reset",
 * answered by "end", and "dump", answered by a line "CPU ADDRESS LENGTH COUNT"
 * for each block that ran, then "end". They are sent while the domain that is
 * measured waits, so nothing is counted meanwhile that matters.
 *
 * Debian ships no qemu-plugin.h; these are the parts of version 1 in use.
 */

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))
#define MAX_CPUS 4
#define BUCKETS 262144 /* 64 - 46 bits of a hash */
#define NO_REGISTERS 0

struct qemu_plugin_tb;
typedef void (*translated_fn)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*executed_fn)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated_fn call);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  executed_fn call, int flags,
					  void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

EXPORTED int qemu_plugin_version = 1;

/* A block is known by its place and length; icount cuts some short. */
struct block {
	struct block *next;
	uint64_t address;
	uint64_t length;
	uint64_t count[MAX_CPUS];
};

static struct block *buckets[BUCKETS];
/* Protects the lists; the counts belong to the CPU's thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	if (cpu < MAX_CPUS)
		block->count[cpu]++;
}

static struct block *find_or_add(uint64_t address, uint64_t length)
{
	uint64_t hash = (address * 31 + length) * UINT64_C(0x9e3779b97f4a7c15);
	struct block **head = &buckets[hash >> 46];
	struct block *block;

	for (block = *head; block; block = block->next)
		if (block->address == address && block->length == length)
			return block;
	block = calloc(1, sizeof(*block));
	if (!block)
		abort();
	block->address = address;
	block->length = length;
	block->next = *head;
	*head = block;
	return block;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct block *block;

	(void)id;
	pthread_mutex_lock(&lock);
	block = find_or_add(qemu_plugin_tb_vaddr(tb),
			    qemu_plugin_tb_n_insns(tb));
	pthread_mutex_unlock(&lock);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, NO_REGISTERS, block);
}

static void print_block(FILE *out, const struct block *block)
{
	unsigned int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (block->count[cpu])
			fprintf(out, "%u %" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
				cpu, block->address, block->length,
				block->count[cpu]);
}

/* Prints all blocks to @out, or forgets what was counted when it is NULL. */
static void walk(FILE *out)
{
	struct block *block;
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < BUCKETS; i++)
		for (block = buckets[i]; block; block = block->next)
			if (out)
				print_block(out, block);
			else
				memset(block->count, 0, sizeof(block->count));
	pthread_mutex_unlock(&lock);
}

static void *obey(void *data)
{
	int fd = (int)(intptr_t)data;
	FILE *in = fdopen(fd, "r"), *out = fdopen(fd, "w");
	char line[64];

	while (in && out && fgets(line, sizeof(line), in)) {
		if (!strcmp(line, "reset\n"))
			walk(NULL);
		else if (!strcmp(line, "dump\n"))
			walk(out);
		fputs("end\n", out);
		fflush(out);
	}
	return NULL;
}

EXPORTED int qemu_plugin_install(uint64_t id, const void *info, int argc,
				 char **argv)
{
	pthread_t thread;
	int fd = -1;

	(void)info;
	if (argc == 1)
		sscanf(argv[0], "fd=%d", &fd);
	if (fd < 0 || pthread_create(&thread, NULL, obey, (void *)(intptr_t)fd))
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
