# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: dkms install and remove, in a Debian root made for it
# limit: 1800
# tier: all
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

root=$PWD/root
sources=/etc/apt/sources.list.d/debian.sources
[ -e $sources ] || sources=/etc/apt/sources.list
name=xen-backends/0.1.0

in_root() {
	chroot "$root" "$@"
}

which_blkback() {
	in_root modinfo -k "$release" -n xen-blkback
}

command -v mmdebstrap > /dev/null ||
	run apt-get -qq install -y --no-install-recommends mmdebstrap

step "a Debian 12 root with dkms and the kernel's headers"
# where lists are past their date, the machine's own apt is told to bear it
run mmdebstrap -q --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
	--aptopt='APT::Install-Recommends "false"' \
	--include=dkms,linux-headers-amd64,kmod bookworm "$root" $sources
release=$(basename "$root"/lib/modules/*-amd64)
step "an in-tree module of the same name, for Linux $release"
modules=$root/lib/modules/$release
mkdir -p "$modules/kernel/drivers/block/xen-blkback"
# of another kernel, maybe: it is never loaded
built=$(ls "$TREE"/build/*/xen-blkback.ko | head -n 1)
run cp "$built" "$modules/kernel/drivers/block/xen-blkback/"
run in_root depmod "$release"
stock=$(which_blkback) || fail "no module"

step "dkms install"
mkdir "$root/usr/src/xen-backends-0.1.0"
tar -C "$TREE" --exclude=./build --exclude=./.git -cf - . |
	tar -C "$root/usr/src/xen-backends-0.1.0" -xf - || fail "no copy"
run in_root dkms install $name -k "$release"
in_root dkms status | grep "$name, $release.*: installed" ||
	fail "dkms status: $(in_root dkms status)"
ours=$(which_blkback) || fail "no module"
[[ $ours == */updates/* ]] || fail "modprobe would load $ours"
for module in xenbus-be xen-evtchn xen-gntdev xen-gntalloc xen-netback; do
	run in_root modinfo -k "$release" -n $module
done

step "dkms remove"
run in_root dkms remove $name --all
expect "what modprobe loads again" "$stock" "$(which_blkback)"
rm -rf "$root"
