// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A guest goes while somebody in the kernel holds on to its net device, which then
 * cannot be freed: xenwatch goes on for all others.
 */

#include "kept.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HOLD "/sys/module/testnet/parameters/hold"
#define LET_GO "echo > " HOLD " 2> /dev/null"
/* Not for ever, where xenwatch waits for it; the kernel complains after ten. */
#define HELD_SECONDS 9
#define MOST_SECONDS 7 /* from one device to the next, under emulation */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Of another guest, as it were; one that xenwatch has to make and end. */
static int another_goes_on(struct xs_handle *store, unsigned int number)
{
	double begin = now();
	struct share share;
	struct wire wire;
	int err, ended;

	err = share_open(&share);
	if (err)
		return err;
	err = wire_open(&wire, &share, store, number);
	ended = wire_close(&wire);
	share_close(&share);
	printf("another interface: %.1f s\n", now() - begin);
	if (!err && !ended && now() - begin > MOST_SECONDS) {
		fprintf(stderr, "xenwatch was held\n");
		return -ETIMEDOUT;
	}
	return err ?: ended;
}

static int hold(const struct wire *wire)
{
	char command[160];

	snprintf(command, sizeof(command),
		 "echo %s > " HOLD " && { sleep %d; " LET_GO "; } &",
		 wire->name, HELD_SECONDS);
	return system(command) || system("sleep 0.3") ? -EIO : 0;
}

int kept_interface(struct share *share, struct xs_handle *store,
		   const char *node, unsigned int number)
{
	struct wire wire;
	int err, ended;

	(void)node;
	err = wire_open(&wire, share, store, number);
	err = err ?: hold(&wire);
	device_erase(&wire.net.dev);
	err = err ?: another_goes_on(store, number + 1);
	if (system(LET_GO))
		err = err ?: -EIO;
	ended = device_wait_gone("vif", number);
	wire_free(&wire);
	err = err ?: ended;
	if (err)
		return err;
	/* another of its name can be made */
	err = wire_open(&wire, share, store, number);
	ended = wire_close(&wire);
	return err ?: ended;
}
