# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a guest saved and restored, and moved within its host, while it writes
# limit: 400
# budget: 70
# rounds: 1 2

# Moved: saved into a pipe that is restored from at once: the new domain asks for
# the disks when the old one has hardly given them back, as in a migration. `xl
# migrate` itself copies memory that is written meanwhile; Debian's hypervisor
# answers EOPNOTSUPP to that for a PV guest (no shadow paging), and a PVH guest
# dies of a triple fault when QEMU emulates what it needs.

. /selftests/lib/common.sh
. /selftests/lib/writer.sh

step "a guest that writes to a block device and to a file"
writer_start pv

for round in $(seq "$ROUNDS"); do
	step "saved and restored, round $round"
	old=$id
	sleep $round
	run timeout 120 xl save g1 g1.save
	guest_id g1 && fail "the guest is still there"
	backends_gone "v[bi][df]-$old-*"
	run timeout 120 xl restore g1.save
	rm g1.save
	moved "$old"
done

step "moved"
old=$id
uuid=$(read_key "$(read_key "/local/domain/$id/vm")/uuid")
sed "s/^name = .*/name = \"g1-incoming\"\nuuid = \"$uuid\"/" g1.cfg > incoming.cfg
mkfifo pipe
timeout 120 xl save g1 pipe 2> saved &
saving=$!
run timeout 120 xl restore incoming.cfg pipe
wait $saving || fail "not saved: $(cat saved)"
run xl rename g1-incoming g1
moved "$old"

step "what was written is right"
writer_end 3
