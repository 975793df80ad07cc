# SPDX-License-Identifier: GPL-2.0 OR MIT
# Guests with fio's writers (jobs/verify.fio), whose checksums are compared in
# the guest and then from outside: what was written to a wrong place and is read
# back from there has the right one, too.

declare -A _persistent

# writers_start NAME PERSISTENT KEY=VALUE...: a guest with a disk for them, whose
# grants stay mapped (1) or not (0).
writers_start() {
	make_disk "$1" 32
	_persistent[$1]=$2
	guest_start "$1" disks="phy:$disk,xvda,w phy:/dev/vda,xvdz,r" \
		extra="xen_blkfront.feature_persistent=$2" "${@:3}"
}

# writers_work NAME RELEASE: they begin; uname must agree.
writers_work() {
	local key
	guest_wait_ready "$1" 300
	key=/local/domain/$(guest_id "$1")/device/vbd/51712/feature-persistent
	expect "feature-persistent of $1" "${_persistent[$1]}" \
		"$(read_key "$key")"
	guest_do "$1" "uname -r"
	[[ $answer == "$2".* ]] || fail "$1 has Linux $answer, not $2"
	guest_ask "$1" "mount_assets && verify_writers /dev/xvda"
}

# writers_judge NAME: waits for them; the guest ends.
writers_judge() {
	local id wrote
	guest_answer "$1" 300 || fail "$1: $answer"
	id=$(guest_id "$1")
	wrote=$answer
	figure "$1" "$wrote; $(vbd_stat "$id" 51712 rd_req) reads, \
$(vbd_stat "$id" 51712 wr_req) writes, $(vbd_stat "$id" 51712 f_req) flushes"
	guest_do "$1" "umount /assets"
	guest_end "$1"
	fio_outside "$1.img"
	did xen-blkback "$1: $wrote"
}
