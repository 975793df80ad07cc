# SPDX-License-Identifier: GPL-2.0 OR MIT
# What backends count, read from where tools read it.

# vbd_stat DOMID DEVID NAME, for example: vbd_stat 1 51712 rd_req
vbd_stat() {
	cat "/sys/bus/xen-backend/devices/vbd-$1-$2/statistics/$3"
}

vif_stat() {
	cat "/sys/class/net/vif$1.$2/statistics/$3"
}

# Reports all statistics of a guest's devices as figures.
figures_of_guest() {
	local id=$1 folder name
	for folder in /sys/bus/xen-backend/devices/vbd-"$id"-*; do
		for name in rd_req wr_req f_req rd_sect wr_sect; do
			[ -e "$folder/statistics/$name" ] || continue
			figure "$(basename "$folder") $name" \
				"$(cat "$folder/statistics/$name")"
		done
	done
	for folder in /sys/class/net/vif"$id".*; do
		for name in rx_packets rx_bytes tx_packets tx_bytes; do
			[ -e "$folder/statistics/$name" ] || continue
			figure "$(basename "$folder") $name" \
				"$(cat "$folder/statistics/$name")"
		done
	done
}

# Reports what the product counts in debugfs, whatever that is.
figures_of_debugfs() {
	local root=/sys/kernel/debug/xen-backends file line
	[ -d $root ] || return 0
	find $root -type f | sort | while read -r file; do
		head -n 40 "$file" 2>/dev/null | while read -r line; do
			figure "${file#$root/}" "$line"
		done
	done
}
