# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: make shell gives a dom0 that answers, and ends with poweroff -f
# limit: 600
# tier: all
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

mkfifo typed
make -C "$TREE" shell < typed > screen 2>&1 &
shell=$!
exec {keys}> typed
for _ in $(seq 400); do
	grep -q "dom0 is ready" screen && break
	kill -0 $shell 2>/dev/null || break
	sleep 1
done
grep -q "dom0 is ready" screen || fail "no shell: $(tail -n 5 screen)"
sleep 3
step "typing"
echo 'echo answer-$((6 * 7)); modinfo -n xen-blkback; xl list' >&$keys
for _ in $(seq 60); do
	grep -q "Domain-0 .* r" screen && break
	sleep 1
done
echo "poweroff -f" >&$keys
wait $shell || fail "status $?: $(tail -n 5 screen)"
cat screen
grep -q answer-42 screen || fail "the shell does not answer"
grep -q updates/xen-blkback.ko screen || fail "not our driver"
grep -q "Domain-0 .* r" screen || fail "xl does not work"
