# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: vbds connected while an allocation fails, one of many: all is unwound
# limit: 600
# budget: 110
# rounds: 2 13
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$

# A round is a vbd connected, read and ended, in which a single allocation fails:
# the Nth. Those of kernel threads are counted, as the driver works in them, and
# of xenwatch, which calls its probe, in rounds of their own. How a round ends does
# not matter: what it leaves behind does.

. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

autoprobe=/sys/bus/xen/drivers_autoprobe
tool=/selftests/bin/frontend
debug=/sys/kernel/debug
number=52000
declare -A ended=([connected]=0 [refused]=0) counted=()
injected=0 rounds=0

# subject PATTERN YES: whether allocations of threads of such names can fail
subject() {
	local folder name
	for folder in /proc/[0-9]*; do
		# read is no program: there are a hundred threads
		read -r name < "$folder/comm" || continue
		[[ $name != $1 ]] || echo "$2" > "$folder/make-it-fail"
	done
} 2>/dev/null

prepare() {
	local folder
	for folder in $debug/failslab $debug/fail_page_alloc; do
		[ -d $folder ] || fail "no $folder: not the debug kernel"
		echo 0 > $folder/probability
		echo 1 > $folder/task-filter
		echo 0 > $folder/ignore-gfp-wait
		echo 0 > $folder/verbose
	done
	echo 0 > $folder/ignore-gfp-highmem
	echo 0 > $folder/min-order
}

# try KIND NTH NODE: a round in which the NTH allocation fails. The kernel goes on
# counting from round to round, and has the next multiple of the interval fail.
try() {
	local folder=$debug/$1 how=connected
	counted[$1]=$((${counted[$1]:-0} + $2))
	echo "${counted[$1]}" > $folder/interval
	echo 1 > $folder/times
	echo 100 > $folder/probability
	timeout 20 $tool vbd 1 $number "$3" || how=refused
	echo 0 > $folder/probability
	echo "$1 $2 $3: $how, $(cat $folder/times) left"
	[ "$(cat $folder/times)" != 0 ] || injected=$((injected + 1))
	rounds=$((rounds + 1))
	ended[$how]=$((${ended[$how]} + 1))
	remove_keys "/local/domain/0/device/vbd/$number"
	remove_keys "/local/domain/0/backend/vbd/0/$number"
	remove_keys "/local/domain/0/error/backend/vbd/0/$number"
	backends_gone "vbd-0-$number"
}

leaks_clear
make_disk disk 16
make_disk store 64
run mke2fs -q -F -t ext4 -O ^has_journal -E lazy_itable_init=1 "$disk"
mkdir store
# a thread that writes inode tables until it is done would be counted
run mount -t ext4 -o noatime,noinit_itable "$disk" store
file=$PWD/store/direct.img
run truncate -s 16M "$file"
disk=$(losetup -j disk.img | cut -d: -f1)
echo 0 > $autoprobe
run $tool vbd 2 $number "$disk"
run $tool vbd 2 $number "$file"
sync
prepare
sleep 1
take_stock before

step "allocations of the driver's own threads fail"
subject kworker\* 1
subject kthreadd 1
for n in $(seq 0 "$ROUNDS"); do
	nth=$((1 + n * 156 / ROUNDS))
	try failslab $nth "$disk"
	try failslab $((nth + 6)) "$file"
	[ $((n % 2)) != 0 ] || try fail_page_alloc $((n / 2 + 1)) "$disk"
	[ $((n % 4)) != 3 ] || step "$rounds rounds, $injected failures"
done
subject kworker\* 0
subject kthreadd 0

step "allocations of xenwatch fail"
subject xenwatch 1
# whichever they hit, nothing may be left behind; most are of xenbus itself, which
# looks again, and of kmemleak, which has some in store
tries=$((ROUNDS / 2 + 3))
for n in $(seq $tries); do
	try failslab $(((2 * n - 1) * 138 / (2 * tries))) "$disk"
done
subject xenwatch 0
figure "rounds, allocations that failed" "$rounds, $injected"
figure "connected, refused" "${ended[connected]}, ${ended[refused]}"
[ $injected -ge $((rounds / 2)) ] || fail "hardly an allocation failed"
[ ${ended[refused]} -ge $((rounds / 5)) ] || fail "hardly a vbd was refused"

step "all is well afterwards"
run $tool vbd 2 $number "$disk"
run $tool vbd 2 $number "$file"
sleep 1
take_stock after
compare_stock before after 2048
run umount store
echo 1 > $autoprobe
leaks_none
