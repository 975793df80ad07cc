# SPDX-License-Identifier: GPL-2.0 OR MIT
# What is done after each case, so that the next finds dom0 as after boot.

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
	local domain tries=0
	for domain in $(guests_alive); do
		timeout 20 xl destroy "$domain"
	done
	while [ -n "$(guests_alive)" ]; do
		tries=$((tries + 1))
		[ $tries -gt 50 ] && return 1
		sleep 0.2
	done
}

# Mounts, mapped and loop devices and files that a case left behind.
drop_storage() {
	local entry
	awk '$2 ~ "^/tmp/" { print $2 }' /proc/mounts | sort -r |
		while read -r entry; do umount "$entry"; done
	[ ! -e /dev/mapper/control ] || DM_DISABLE_UDEV=1 dmsetup remove_all
	losetup -D
	# the memory of a RAM disk goes with its module
	rmmod brd 2>/dev/null
	rm -rf "/tmp/$1"
}

clean_up() {
	local status=0
	# without the daemons nothing of Xen can be asked any more
	pidof xenstored > /dev/null || { drop_storage "$1"; return 0; }
	destroy_guests || status=1
	unpin_dom0 || status=1
	killall httpd nc 2>/dev/null
	drop_storage "$1" || status=1
	return $status
}
