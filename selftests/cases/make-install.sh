# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: make, make modules_install and make hotplug_install, into a root of its own
# limit: 600
# budget: 60
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

root=$PWD/root
modules="xenbus-be xen-evtchn xen-gntdev xen-gntalloc xen-blkback xen-netback"
release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	"$KDIR/include/generated/utsrelease.h")
# modprobe's own answer: which file of the root it would load
found() {
	/sbin/modinfo -b "$root" -k "$release" -n "$1"
}

step "without headers there is a message, not a failed build"
! make -C "$TREE" KDIR=/nowhere > said 2>&1 || fail "built without headers"
grep -q "no kernel headers in /nowhere: install .* set KDIR=" said ||
	fail "$(cat said)"
! grep "utsrelease.h" said || fail "what matters does not stand alone"

step "make"
run make -C "$TREE" KDIR="$KDIR" > /dev/null
export KDIR

step "make modules_install: ours are preferred to those in the kernel's folder"
mkdir -p "$root/lib/modules/$release/kernel"
for module in $modules; do
	cp "$TREE/build/$release/$module.ko" \
		"$root/lib/modules/$release/kernel/"
done
for name in modules.order modules.builtin; do
	touch "$root/lib/modules/$release/$name"
done
run make -C "$TREE" modules_install INSTALL_MOD_PATH="$root" > /dev/null
for module in $modules; do
	expect "what modprobe $module loads" \
		"$root/lib/modules/$release/updates/$module.ko" \
		"$(found $module)"
done

step "make hotplug_install"
run make -C "$TREE" hotplug_install DESTDIR="$root" > /dev/null
for script in "$TREE"/hotplug/*; do
	installed=$root/etc/xen/scripts/$(basename "$script")
	run cmp "$script" "$installed"
	expect "whether $(basename "$script") can be run" \
		"$([ -x "$script" ] && echo yes)" \
		"$([ -x "$installed" ] && echo yes)"
done
run "$root/etc/xen/scripts/reload-backend" --help

step "what lists and what there is to run"
"$SELFTESTS/run" list > list || fail "selftests/run list fails"
grep -q "^make-install " list || fail "the list lacks this case"
grep -q "^name  *tier  *budget  *what" list || fail "the list has no header"
! "$SELFTESTS/run" nonsense > said 2>&1 || fail "nonsense is a case"
grep -q "no case of the name nonsense" said || fail "$(cat said)"
"$SELFTESTS/run" unload > said 2>&1 || fail "a case: $(tail -n 3 said)"
grep -q "^ok 1 unload" said || fail "the case did not run"
"$SELFTESTS/run" unit where > said || fail "unit where: $(tail -n 3 said)"
grep -q "^ok .*unit/blkback-where/" said || fail "no test of blkback-where"
make -C "$TREE" shown > said || fail "make shown fails"
grep -Eq "^make-install +(shown|NOT SHOWN)" said || fail "$(tail -n 3 said)"
