# SPDX-License-Identifier: GPL-2.0 OR MIT
# Used by dom0's init: the out-of-band channel, daemons, assets, the bridge.

# What loader has mounted already is left.
mount_first() {
	[ ! -e /proc/self ] || return 0
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs dev /dev
}

# Finds a virtio port of QEMU by its name; without udev there are no links.
port_device() {
	local name
	for name in /sys/class/virtio-ports/*/name; do
		[ "$(cat "$name")" = "$1" ] || continue
		echo "/dev/$(basename "$(dirname "$name")")"
		return 0
	done
	return 1
}

# The control channel is file descriptor 9 of everything started by init.
open_channel() {
	local port tries=0
	# loader has it open, and a port has one opener
	[ ! -e /proc/self/fd/9 ] || return 0
	while ! port=$(port_device control); do
		tries=$((tries + 1))
		if [ $tries -gt 50 ]; then
			exec 9>/dev/null
			return 1
		fi
		usleep 100000
	done
	exec 9<>"$port"
}

progress() {
	echo "progress $*" >&9
	echo "init: $*"
}

problem() {
	echo "problem $*" >&9
	echo "init: problem: $*"
}

start_daemons() {
	local tries=0 store=
	mount -t xenfs xenfs /proc/xen || return 1
	if grep -q store=oxenstored /proc/cmdline; then
		store=oxenstored
	fi
	"${store:-xenstored}" --pid-file /run/xen/xenstored.pid || return 1
	until xenstore-read / >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -gt 100 ] && return 1
		usleep 100000
	done
	xen-init-dom0 || return 1
	xenconsoled --log=guest --log-dir=/log/consoles \
		--pid-file=/run/xen/xenconsoled.pid
}

mount_assets() {
	mkdir -p /assets
	mount -t ext4 -o ro,noload /dev/vda /assets
}

start_network() {
	ip link set lo up
	ip link add name xenbr0 type bridge &&
		ip addr add 10.77.0.1/24 dev xenbr0 &&
		ip link set xenbr0 up
}
