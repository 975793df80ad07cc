# SPDX-License-Identifier: GPL-2.0 OR MIT
# What is done after each case, so that the next finds dom0 as after boot. A program
# takes a twentieth of a second under emulation: what there is to do is looked for
# without any.

guests_alive() {
	xenstore-list /local/domain 2>/dev/null | grep -vx 0
}

# See dom0_apart() in lib/guest.sh.
unpin_dom0() {
	[ -e /run/dom0-apart ] || return 0
	rm /run/dom0-apart
	xl vcpu-pin Domain-0 all all
}

destroy_guests() {
	local domain= tries=0
	for domain in $(guests_alive); do
		timeout 20 xl destroy "$domain"
	done
	[ -n "$domain" ] || return 0
	while [ -n "$(guests_alive)" ]; do
		tries=$((tries + 1))
		[ $tries -gt 50 ] && return 1
		sleep 0.2
	done
}

# unmount_below FOLDER: the last first, as they may be on each other
unmount_below() {
	local where mounted=() at
	while read -r _ where _; do
		[[ $where != "$1"/* ]] || mounted+=("$where")
	done < /proc/mounts
	for ((at = ${#mounted[@]} - 1; at >= 0; at--)); do
		umount "${mounted[at]}"
	done
}

# Mounts, mapped and loop devices and files that a case left behind.
drop_storage() {
	unmount_below /tmp
	! compgen -G "/sys/block/dm-*" > /dev/null ||
		DM_DISABLE_UDEV=1 dmsetup remove_all
	! compgen -G "/sys/block/loop*/loop" > /dev/null || losetup -D
	# the memory of a RAM disk goes with its module
	[ ! -e /sys/module/brd ] || rmmod brd
	rm -rf "/tmp/$1"
}

clean_up() {
	local status=0
	# without the daemons nothing of Xen can be asked any more
	pidof xenstored > /dev/null || { drop_storage "$1"; return 0; }
	destroy_guests || status=1
	unpin_dom0 || status=1
	[ ! -e "/tmp/$1/www" ] || killall httpd nc
	drop_storage "$1" || status=1
	return $status
}
