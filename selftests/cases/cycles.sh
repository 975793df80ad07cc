# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: many vbds and vifs created, connected, used and gone leave nothing
# limit: 600
# budget: 50
# rounds: 20 200

. /selftests/lib/common.sh

# The next device of the same name is put there as soon as the last one says
# Closed, as a hasty toolstack would: a driver must not miss it while it is
# still busy with the last one's end.

rounds=$ROUNDS
# memory comes and goes with whatever else runs; 200 rounds have 2 MiB
slack=$((256 + 9 * rounds))
make_disk disk 8
modprobe -r xen-blkfront xen-netfront 2>/dev/null
step "warming up"
run /selftests/bin/frontend vbd 5 51952 "$disk"
run /selftests/bin/frontend vif 5 7 -
sleep 1
take_stock before
step "$rounds vbds, and $rounds vifs meanwhile"
begin=$SECONDS
{
	/selftests/bin/frontend vif $rounds 7 - &&
		figure "seconds for $rounds vifs" $((SECONDS - begin))
} > vifs 2>&1 &
vifs=$!
run /selftests/bin/frontend vbd $rounds 51952 "$disk"
figure "seconds for $rounds vbds" $((SECONDS - begin))
wait $vifs || fail "vifs: $(tail -n 5 vifs)"
sleep 2
take_stock after
compare_stock before after $slack
