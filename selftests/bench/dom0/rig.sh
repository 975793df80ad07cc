# SPDX-License-Identifier: GPL-2.0 OR MIT
# What the benchmark does in dom0: guests, network, measuring. All sides are
# treated alike; only what a file is reached through differs, see disks.sh.

. /selftests/lib/common.sh
. /selftests/bench/disks.sh

# --- guests

# bench_guest NAME DISKS VIFS ADDRESS [EXTRA]: DISKS are functions of disks.sh,
# with what follows a colon as their second argument, and become xvda, xvdb...
bench_guest() {
	local disk device_model= kind list= letters=abcd
	for kind in $2; do
		"disk_${kind%%:*}" "xvd${letters:0:1}" "${kind#*:}"
		list="$list $disk"
		letters=${letters:1}
	done
	guest_start "$1" memory=320 cpus=1 tsc=default \
		device_model="$device_model" \
		disks="$list" vifs="$3" address="$4" \
		extra="mitigations=off quiet ${*:5}"
	guest_wait_ready "$1"
}

end_guests() {
	local domain
	. /selftests/dom0/cleanup.sh
	destroy_guests || fail "a guest stays"
	no_nic
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

nic_is_there() {
	[ -e /sys/class/net/eth0 ]
}

nic_has_link() {
	[ "$(cat /sys/class/net/eth0/carrier)" = 1 ]
}

# An emulated NIC in the bridge; QEMU drops what it sends. Its driver is there
# for the one job only, for it looks at its link every two seconds.
net_nic() {
	nic_is_there && return 0
	run modprobe e1000e
	wait_until 10 nic_is_there || fail "no NIC"
	run ip link set eth0 master xenbr0 up
	wait_until 10 nic_has_link || fail "the NIC has no link"
	run bridge fdb replace 02:00:00:00:00:98 dev eth0 master static
}

no_nic() {
	nic_is_there || return 0
	run modprobe -r e1000e
}

# vif_of NAME
vif_of() {
	echo "vif$(guest_id "$1").0"
}

ours_is_loaded() {
	[ -e /sys/module/xenbus_be ]
}

# Two guests, joined by our vifs' XDP, or by the bridge where there is no such thing.
xdp_join() {
	in_guest g1 "echo $(read_key \
		"/local/domain/0/backend/vif/$(guest_id g2)/0/mac") > /tmp/mac"
	ours_is_loaded || return 0
	mountpoint -q /sys/fs/bpf || run mount -t bpf bpf /sys/fs/bpf
	rm -rf /sys/fs/bpf/join /sys/fs/bpf/maps
	run bpftool prog load /selftests/bpf/vif-join.o /sys/fs/bpf/join type xdp \
		pinmaps /sys/fs/bpf/maps
	join_one "$(vif_of g1)" "$(vif_of g2)"
	join_one "$(vif_of g2)" "$(vif_of g1)"
}

# join_one FROM TO
join_one() {
	local from to
	from=$(printf '%08x' "$(cat "/sys/class/net/$1/ifindex")")
	to=$(printf '%08x' "$(cat "/sys/class/net/$2/ifindex")")
	run ip link set dev "$1" nomaster
	run bpftool map update pinned /sys/fs/bpf/maps/joined \
		key hex "${from:6:2}" "${from:4:2}" "${from:2:2}" "${from:0:2}" \
		value hex "${to:6:2}" "${to:4:2}" "${to:2:2}" "${to:0:2}"
	run ip link set dev "$1" xdpdrv pinned /sys/fs/bpf/join
}

# All that the guest sends is dropped, and counted: by XDP, or at the earliest that
# nftables has.
xdp_drop() {
	if ours_is_loaded; then
		run ip link set dev "$(vif_of g1)" xdpdrv \
			obj /selftests/bpf/vif-firewall.o program firewall
	else
		run nft add table netdev bench
		run nft "add chain netdev bench in { type filter hook ingress \
			device \"$(vif_of g1)\" priority 0; }"
		run nft add rule netdev bench in counter drop
	fi
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
	for folder in /sys/class/net/vif* /sys/class/net/eth*; do
		for file in rx_packets rx_bytes tx_packets tx_bytes \
			    rx_dropped tx_dropped; do
			[ -e "$folder/statistics/$file" ] || continue
			echo "${folder##*/}.$file" \
				"$(< "$folder/statistics/$file")"
		done
	done
	qemu_statistics
	dropped
	ours
}

# What nftables and XDP have dropped.
dropped() {
	local folder
	if command -v nft > /dev/null && [ -e /sys/module/nf_tables ]; then
		nft list ruleset | awk '/counter packets/ { n += $3 }
			END { print "work.dropped", n + 0 }'
	fi
	for folder in /sys/class/net/vif*; do
		[ -e "$folder" ] || continue
		ethtool -S "${folder##*/}" | awk '/_xdp_drop:/ { n += $2 }
			END { print "work.dropped", n + 0 }'
	done
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
