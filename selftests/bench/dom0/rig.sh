# SPDX-License-Identifier: GPL-2.0 OR MIT
# What the benchmark does in dom0: back ends' lower sides, guests, measuring.
# The in-tree drivers and ours are treated alike; only what a file is reached
# through may differ, and the host says that.

. /selftests/lib/common.sh

# --- disks: each makes its device once and sets $disk

disk_null() {
	disk=/dev/nullb0
	[ -e $disk ] && return
	run modprobe null_blk queue_mode=2 irqmode=0 gb=4
}

# null_blk has discard and a cache to flush only for what it keeps in memory,
# and only configfs says so.
disk_memory() {
	local folder=/sys/kernel/config/nullb/nullb1 setting
	disk=/dev/nullb1
	[ -e $disk ] && return
	disk_null
	disk=/dev/nullb1
	mount -t configfs configfs /sys/kernel/config
	run mkdir $folder
	for setting in size=1024 memory_backed=1 discard=1 cache_size=16 \
		       queue_mode=2 irqmode=0 index=1 power=1; do
		echo "${setting#*=}" > "$folder/${setting%%=*}" ||
			fail "null_blk: $setting"
	done
	[ -e $disk ] || fail "no $disk"
}

# A written file in ext4 on memory, reached through a loop device.
disk_file_loop() {
	disk=$(losetup -n -O NAME -j /mnt/file)
	[ -n "$disk" ] && return
	run modprobe brd rd_nr=1 rd_size=$((200 * 1024))
	run mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 \
		/dev/ram0
	run mount -t ext4 /dev/ram0 /mnt
	run dd if=/dev/zero of=/mnt/file bs=1M count=128
	sync
	disk=$(losetup -f --show --direct-io=on /mnt/file) ||
		fail "no loop device"
}

# --- guests

# bench_guest NAME DISKS VIFS ADDRESS [EXTRA]: DISKS are functions above, and
# become xvda, xvdb...
bench_guest() {
	local disk kind list= letters=abcd
	for kind in $2; do
		"disk_$kind"
		list="$list phy:$disk,xvd${letters:0:1},w"
		letters=${letters:1}
	done
	guest_start "$1" memory=320 cpus=1 \
		disks="$list" vifs="$3" address="$4" \
		extra="mitigations=off quiet ${*:5}"
	guest_wait_ready "$1"
}

end_guests() {
	local domain
	. /selftests/dom0/cleanup.sh
	destroy_guests || fail "a guest stays"
}

# in_guest NAME COMMAND: preparation, not measured.
in_guest() {
	local id
	id=$(guest_id "$1") || fail "no guest $1"
	/selftests/bench/meter prepare "$id" "${*:2}" || fail "$1: ${*:2}"
}

# --- network

# What answers guests in dom0.
net_servers() {
	run ip link set xenbr0 address 02:00:00:00:00:01
	pidof network > /dev/null ||
		/selftests/bench/network serve 7 9>&- > /dev/null 2>&1 &
}

# An interface in the bridge that drops what it is given.
net_sink() {
	[ -e /sys/class/net/dummy0 ] && return
	modprobe dummy numdummies=0
	run ip link add dummy0 address 02:00:00:00:00:99 type dummy
	run ip link set dummy0 master xenbr0 up
	run bridge fdb replace 02:00:00:00:00:98 dev dummy0 master static
}

# The guest gets packets for an address that it has not, so that it drops them
# after it has counted them.
net_neighbour() {
	run ip neigh replace 10.77.0.99 dev xenbr0 lladdr "$(read_key \
		"/local/domain/0/backend/vif/$(guest_id g1)/0/mac")"
}

# --- measuring

# What the backends and dom0's devices did, as NAME VALUE; all disks summed.
statistics() {
	raw_statistics | awk '{ sum[$1] += $2 }
		END { for (name in sum) printf "%s %d\n", name, sum[name] }'
}

raw_statistics() {
	local file folder
	for folder in /sys/bus/xen-backend/devices/vbd-*; do
		for file in rd_req wr_req f_req ds_req rd_sect wr_sect; do
			[ -e "$folder/statistics/$file" ] || continue
			echo "vbd.$file $(< "$folder/statistics/$file")"
		done
	done
	for folder in /sys/class/net/vif* /sys/class/net/dummy*; do
		for file in rx_packets rx_bytes tx_packets tx_bytes \
			    rx_dropped tx_dropped; do
			[ -e "$folder/statistics/$file" ] || continue
			echo "${folder##*/}.$file" \
				"$(< "$folder/statistics/$file")"
		done
	done
	ours
}

# What our drivers count besides, summed over queues.
ours() {
	local root=/sys/kernel/debug/xen-backends
	[ -d $root ] || return
	find $root -type f | sort | while read -r file; do
		awk -v name="ours.${file##*/}" -F ': ' \
			'$2 ~ /^[0-9]+$/ { sum[$1] += $2 }
			END { for (key in sum) print name "." key, sum[key] }' \
			"$file"
	done
}

# differences BEFORE AFTER: figures of what has changed.
differences() {
	awk 'NR == FNR { before[$1] = $2; next }
	     $2 != before[$1] { print "figure " $1 "=" $2 - before[$1] }' \
		"$1" "$2" >&9
}

# measured METER-ARGUMENTS...: statistics around it are outside the marks.
measured() {
	statistics > before
	/selftests/bench/meter "$@" > result 2>&1
	cat result
	statistics > after
	differences before after
	awk '$1 == "cpu" { print "figure cpu=" $2 }' result >&9
	work_done < result
	grep -q '^status 4' result && skip "not offered by the backend"
	grep -q '^status 0' result || fail "work failed: $(tail -n 3 result)"
}

# work_done: words NAME=NUMBER of what a guest or a program printed.
work_done() {
	awk '{ for (i = 1; i <= NF; i++)
		if ($i ~ /^[a-z_]+=[0-9]+$/) print "figure work." $i }' >&9
}

# measure_guest NAME COMMAND...
measure_guest() {
	local id
	id=$(guest_id "$1") || fail "no guest $1"
	measured guest "$id" ". /guest/work; ${*:2}"
}

# measure_local NAME BEFORE AFTER COMMAND...: the work is dom0's; the guest
# does BEFORE, and says in AFTER what it saw.
measure_local() {
	in_guest "$1" ". /guest/work; $2"
	measured local - "${*:4}"
	in_guest "$1" ". /guest/work; $3" > seen
	cat seen
	work_done < seen
}

# measure_dom0 COMMAND...: no guest takes part.
measure_dom0() {
	measured local - "$*"
}

# --- to the host

# send FILE...: of the folder with our logs, by the second channel.
send() {
	. /selftests/dom0/devices.sh
	local archive=/tmp/.bench.tar
	tar -C $log -cf $archive "$@"
	echo "log bench $(stat -c %s $archive)" >&9
	cat $archive > "$(port_device bulk)"
	rm -f $archive
}

# of dom0's kernel with the modules it has now, and of Xen
fetch_symbols() {
	cp /proc/kallsyms $log/kallsyms
	cp /proc/xen/xensyms $log/xensyms
	send kallsyms xensyms
	rm -f $log/kallsyms $log/xensyms
}

fetch_logs() {
	dmesg > $log/dmesg
	cp /log/consoles/* /var/log/xen/* $log/ 2>/dev/null
	send .
}
