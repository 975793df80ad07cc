// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * TCG plugin: how often each translation block ran on each CPU. Everything
 * else (functions, hypercalls, instructions) follows from that on the host,
 * see counts.py.
 *
 * It counts from one marker instruction to another, which programs/meter
 * executes: an idle machine skips from timer to timer, so that whatever waits
 * for the host meanwhile would add ticks by the host's speed.
 *
 * Counting is dear: blocks are translated with it only from the first marker
 * on, whose run is lost, to the line "rest".
 *
 * QEMU passes fd=NUMBER, one end of a socket. The line "dump" is answered by a
 * line "CPU ADDRESS LENGTH COUNT" for each block that ran, then "end"; the line
 * "rest" by "end".
 *
 * Debian ships no qemu-plugin.h; these are the parts of version 1 in use.
 */

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"

#define EXPORTED __attribute__((visibility("default")))
#define MAX_CPUS 4
#define BUCKETS 262144 /* 64 - 46 bits of a hash */
#define NO_REGISTERS 0

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*simple_fn)(uint64_t id);
typedef void (*translated_fn)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*executed_fn)(unsigned int cpu, void *data);

void qemu_plugin_reset(uint64_t id, simple_fn call);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated_fn call);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  executed_fn call, int flags,
					  void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    executed_fn call, int flags,
					    void *data);

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
/* Between the markers; written by the CPU that executes them. */
static bool counting;
/* Whether blocks are translated with a call of executed(). */
static bool ready;
/* That they should not; written by obey(). */
static bool rest;
static uint64_t plugin;

static void translated(uint64_t id, struct qemu_plugin_tb *tb);

static void start_again(uint64_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
}

/* Has all blocks translated anew. A CPU's thread must ask for that. */
static void set_ready(bool value)
{
	if (ready == value)
		return;
	ready = value;
	counting = false;
	qemu_plugin_reset(plugin, start_again);
}

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	if (counting && cpu < MAX_CPUS)
		block->count[cpu]++;
	else if (__atomic_load_n(&rest, __ATOMIC_RELAXED))
		set_ready(false);
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

static void forget(void)
{
	struct block *block;
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < BUCKETS; i++)
		for (block = buckets[i]; block; block = block->next)
			memset(block->count, 0, sizeof(block->count));
	pthread_mutex_unlock(&lock);
}

/* @data: the last byte of the marker. */
static void marked(unsigned int cpu, void *data)
{
	(void)cpu;
	counting = (intptr_t)data == MARKER_BEGIN;
	if (!counting)
		return;
	forget();
	__atomic_store_n(&rest, false, __ATOMIC_RELAXED);
	set_ready(true);
}

static void look_for_marker(struct qemu_plugin_insn *insn)
{
	const unsigned char *data = qemu_plugin_insn_data(insn);
	intptr_t which;

	if (qemu_plugin_insn_size(insn) != MARKER_LENGTH ||
	    memcmp(data, MARKER_START, MARKER_LENGTH - 1))
		return;
	which = data[MARKER_LENGTH - 1];
	qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, NO_REGISTERS,
					       (void *)which);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, length = qemu_plugin_tb_n_insns(tb);
	struct block *block;

	(void)id;
	for (i = 0; i < length; i++)
		look_for_marker(qemu_plugin_tb_get_insn(tb, i));
	if (!ready)
		return;
	pthread_mutex_lock(&lock);
	block = find_or_add(qemu_plugin_tb_vaddr(tb), length);
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

static void dump(FILE *out)
{
	struct block *block;
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < BUCKETS; i++)
		for (block = buckets[i]; block; block = block->next)
			print_block(out, block);
	pthread_mutex_unlock(&lock);
}

static void *obey(void *data)
{
	int fd = (int)(intptr_t)data;
	FILE *in = fdopen(fd, "r"), *out = fdopen(fd, "w");
	char line[64];

	while (in && out && fgets(line, sizeof(line), in)) {
		if (!strcmp(line, "dump\n"))
			dump(out);
		else if (!strcmp(line, "rest\n"))
			__atomic_store_n(&rest, true, __ATOMIC_RELAXED);
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
	plugin = id;
	start_again(id);
	return 0;
}
