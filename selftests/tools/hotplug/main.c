// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a hotplug script does for a block device or a file, and for an interface
 * in a bridge, as a program: Xen's own scripts take 6 to 8 seconds of each guest under
 * emulation. Cases about the scripts have them (guest_start scripts=stock).
 *
 * Called by the toolstack: hotplug add|remove|online|offline, XENBUS_PATH in the
 * environment, and of an interface vif.
 */

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <xenstore.h>

static struct xs_handle *store;
static const char *back;

static char *get(const char *name)
{
	unsigned int size;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", back, name);
	return xs_read(store, XBT_NULL, path, &size);
}

static void put(const char *name, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", back, name);
	if (!xs_write(store, XBT_NULL, path, value, strlen(value)))
		fprintf(stderr, "hotplug: cannot write %s\n", path);
}

/* As Xen's scripts tell the toolstack of it. */
static int bad(const char *format, ...)
{
	char text[256];
	va_list rest;

	va_start(rest, format);
	vsnprintf(text, sizeof(text), format, rest);
	va_end(rest);
	fprintf(stderr, "hotplug: %s\n", text);
	put("hotplug-error", text);
	put("hotplug-status", "error");
	return 1;
}

static int disk_add(void)
{
	char *params = get("params"), number[32];
	struct stat node;

	if (!params || stat(params, &node) ||
	    (!S_ISBLK(node.st_mode) && !S_ISREG(node.st_mode)))
		return bad("%s is no disk", params ? params : "params");
	snprintf(number, sizeof(number), "%x:%x", major(node.st_rdev),
		 minor(node.st_rdev));
	if (S_ISBLK(node.st_mode))
		put("physical-device", number);
	put("physical-device-path", params);
	put("hotplug-status", "connected");
	free(params);
	return 0;
}

/* The bridge's port: no ARP, no multicast, the address that leaves the bridge's
 * own alone, up. As vif-bridge does it.
 */
static int port_up(int control, const char *vif, const char *bridge)
{
	static const unsigned char address[] = { 0xfe, 0xff, 0xff,
						 0xff, 0xff, 0xff };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, IFNAMSIZ, "%s", vif);
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, address, sizeof(address));
	if (ioctl(control, SIOCSIFHWADDR, &request))
		return bad("%s: no address: %s", vif, strerror(errno));
	memset(&request.ifr_ifru, 0, sizeof(request.ifr_ifru));
	if (ioctl(control, SIOCGIFFLAGS, &request))
		return bad("%s: no flags: %s", vif, strerror(errno));
	request.ifr_flags |= IFF_NOARP | IFF_UP;
	request.ifr_flags &= ~IFF_MULTICAST;
	if (ioctl(control, SIOCSIFFLAGS, &request))
		return bad("%s is not up: %s", vif, strerror(errno));
	snprintf(request.ifr_name, IFNAMSIZ, "%s", bridge);
	request.ifr_ifindex = if_nametoindex(vif);
	if (ioctl(control, SIOCBRADDIF, &request))
		return bad("%s: not in %s: %s", vif, bridge, strerror(errno));
	put("hotplug-status", "connected");
	return 0;
}

static int port(const char *what)
{
	const char *vif = getenv("vif");
	int control = socket(AF_INET, SOCK_DGRAM, 0);
	char *bridge = get("bridge");

	if (!vif || control < 0)
		return bad("no vif");
	/* one that goes leaves its bridge by itself */
	if (!strcmp(what, "online"))
		return port_up(control, vif, bridge ? bridge : "xenbr0");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	back = getenv("XENBUS_PATH");
	store = xs_open(0);
	if (!back || !store) {
		fprintf(stderr, "hotplug: no XENBUS_PATH or no xenstore\n");
		return 1;
	}
	if (getenv("vif"))
		return port(what);
	return strcmp(what, "add") ? 0 : disk_add();
}
