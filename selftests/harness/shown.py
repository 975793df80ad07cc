# SPDX-License-Identifier: GPL-2.0 OR MIT
"""What has been shown, and on what: one cache entry for each pass.

An entry is named by a hash of all that decided the pass: the product's sources,
kernel, hypervisor, QEMU, the test and the harness. make check-all does not run
again what has one, so that it can be cut off and go on.
"""

import functools
import json
import os
import subprocess
import time

from . import images, packages, paths, qemu, sysroot, ui

FOLDER = "shown"
KEPT = 4000     # entries; older ones are dropped
PRODUCT = paths.FOLDERS + ("Kbuild", "Makefile", "hotplug", "samples")
# Of selftests/: what runs no case of another kind.
APART = ("bench", "cases", "mutants", "unit")
# All that any test looks at.
WHOLE = PRODUCT + ("selftests", "Documentation", "README.md", "dkms.conf",
                   ".clang-format")


def _files(name):
    full = os.path.join(paths.TREE, name)
    if os.path.isfile(full):
        return [full]
    if not os.path.isdir(full):
        raise ui.Failure("the tree has no " + name)
    return [os.path.join(where, file)
            for where, dirs, files in os.walk(full) for file in files
            if not where.endswith("__pycache__")]


def hash_now(*names):
    """Of files and folders of the tree: their names and contents."""
    files = sorted(file for name in names for file in _files(name))
    return paths.short_hash(*(os.path.relpath(file, paths.TREE)
                              for file in files), paths.file_hash(*files))


# As they were when they were first asked for: a run is of one tree.
tree_hash = functools.lru_cache(maxsize=None)(hash_now)


_changed = []    # when it was first seen


def unchanged():
    """Whether the tree is still what the run began with; once it is not, no
    more: images may have been built of either."""
    if not _changed and tree_hash(*WHOLE) != hash_now(*WHOLE):
        _changed.append(time.time())
        ui.say("the tree has changed since this run began: what passes from "
               "here on is not noted as shown")
    return not _changed


def product():
    return tree_hash(*PRODUCT)


def harness():
    return tree_hash(*(os.path.join("selftests", name) for name in
                       sorted(os.listdir(paths.SELFTESTS))
                       if name not in APART and name != "__pycache__"))


@functools.lru_cache(maxsize=None)
def machine():
    """Versions of what runs below all cases, and in their images."""
    names = ["xen-hypervisor-%s-amd64" % sysroot.XEN, *images.packages_used()]
    packages.look_up(*names)
    return [packages.version(name) for name in names] + \
        qemu.version()


class Entry:
    """One thing that can be shown; `parts` are what it depends on besides the
    product, the harness and the machine."""

    def __init__(self, name, *parts):
        self.name = name
        self.path = paths.cache_path(os.path.join(FOLDER, "%s_%s" % (
            name.replace("/", "-"),
            paths.short_hash(name, product(), harness(), *machine(),
                             *parts))))
        # the run is of the tree as it is now, or earlier
        tree_hash(*WHOLE)

    def earlier(self):
        """{"when": ..., "seconds": ...} of the pass, or None."""
        try:
            with open(self.path) as stream:
                return json.load(stream)
        except (OSError, ValueError):
            return None

    def passed(self, seconds):
        if not unchanged():
            return
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        paths.write_atomic(self.path, json.dumps({
            "when": time.strftime("%Y-%m-%d %H:%M"),
            "seconds": round(seconds or 0, 1)}).encode())


def prune():
    if os.path.isdir(paths.cache_path(FOLDER)):
        paths.prune(FOLDER, KEPT)


def add_earlier(report, entry, again):
    """Whether it need not be run: then the report says when it was shown."""
    known = None if again else entry.earlier()
    if known:
        report.add(entry.name, True, known["seconds"], earlier=known["when"])
    return bool(known)


def show(entries):
    """The lines of make shown."""
    rows, missing = [], 0
    for entry in entries:
        known = entry.earlier()
        missing += not known
        rows.append("%-34s %s" % (entry.name, "shown %s in %.0f s" % (
            known["when"], known["seconds"]) if known else "NOT SHOWN"))
    rows.append("%d of %d are shown on this tree; make check-all runs the "
                "rest" % (len(rows) - missing, len(rows)))
    return rows
