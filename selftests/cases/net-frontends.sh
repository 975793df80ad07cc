# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: frontends of vifs other than Linux's, played by scripts, connect, work and close
# limit: 240
# budget: 45
# drivers: both

. /selftests/lib/common.sh

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before

scripts=/selftests/frontends
# in-tree passes all multicasts that dom0 itself sends, drops what has a tag and a
# checksum to be filled in, and has no carrier before there are slots
if [ ! -d /sys/module/xenbus_be ]; then
	scripts=/run/net-frontends
	mkdir -p $scripts
	for script in /selftests/frontends/vif-*; do
		sed -e '/^receive .* nothing$/d' -e '/^send tcp .* vlan=/d' \
			-e 's/^receive .* late$/post 256/' \
			"$script" > "$scripts/${script##*/}"
	done
fi

# play SCRIPT...: one device, which each of them finds as the one before left it
number=40
play() {
	step "$*"
	run /selftests/bin/frontend play-vif 1 $number - \
		"${@/#/$scripts/vif-}"
	number=$((number + 1))
	played=$((${played:-0} + $#))
}

# in-tree leaves what waits unanswered
if [ -d /sys/module/xenbus_be ]; then
	play minios-busy linux
fi

step "firmware and boot loaders, and what they start"
play ipxe linux
play ipxe xenvif-7 xenvif xenvif
play ipxe freebsd
play minios netbsd

step "those that begin on a new device"
play xenvif-eject
play vmdp vmdp
play openbsd
play illumos
play unikraft unikraft
play mirage
play nanos
figure "scripts played" "$played"

sleep 1
take_stock after
compare_stock before after 1024
echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6
