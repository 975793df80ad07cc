# SPDX-License-Identifier: GPL-2.0 OR MIT
# The end of a dom0: no guests, no daemons, no modules.

unload_modules() {
	local module
	backends_gone 'v[bi][df]-*'
	killall xenconsoled xenstored xl 2>/dev/null
	wait_until 10 _daemons_gone || fail "the Xen daemons do not end"
	umount /proc/xen 2>/dev/null
	for module in xen-netback xen-blkback xen-gntalloc xen-gntdev \
		      xen-evtchn; do
		run rmmod "$module"
	done
	if [ -e /sys/module/xenbus_be ]; then
		run rmmod xenbus-be
	fi
	! grep -E '^(xenbus_be|xen_(netback|blkback|evtchn|gnt))' \
		/proc/modules || fail "modules stay"
}

_daemons_gone() {
	! pidof xenstored xenconsoled > /dev/null
}
