# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The debug kernels: built once from Debian's source, kept in the cache."""

import collections
import functools
import os
import re
import subprocess
import time

from . import packages, paths, ui

SOURCE = "linux-source-6.12"
# architecture, fragments and patches it is made of, options wanted without
# fail, steps that make takes (for the display of progress only)
Variant = collections.namedtuple("Variant", "arch files essential steps")
VARIANTS = {
    # for dom0, and for guests with our devices
    "pv": Variant("x86", ("debug.config", "pv.config"),
                  ("XEN_BACKEND", "VIRTIO_CONSOLE", "XEN_PV", "XEN_DOM0",
                   "XEN_BLKDEV_FRONTEND", "XEN_NETDEV_FRONTEND", "BRIDGE",
                   "EXT4_FS", "DM_FLAKEY", "KFENCE", "XEN_GNTDEV_DMABUF",
                   "UDMABUF", "DMABUF_HEAPS_SYSTEM", "DMABUF_DEBUG"), 2014),
    # for the unit tests: a program of the host
    "uml": Variant("um", ("debug.config", "uml.config", "uml.patch"),
                   ("KASAN", "KASAN_VMALLOC", "SOFTLOCKUP_DETECTOR",
                    "UML_TIME_TRAVEL_SUPPORT", "NULL_CHAN"), 988),
}
# A kernel without these would pass what it must not.
ESSENTIAL = ("PROVE_LOCKING", "UBSAN", "DEBUG_KMEMLEAK", "KUNIT",
             "KUNIT_DEBUGFS", "FAULT_INJECTION", "DEBUG_LIST",
             "DEBUG_OBJECTS", "DEBUG_ATOMIC_SLEEP", "MODULE_UNLOAD")
# Files of the build tree that external modules need, besides scripts/, and
# the lists of what is built in.
KEPT = (r".*\.h$|.*\.lds$|Makefile|Kbuild|Kconfig|Module.symvers$|\.config$|"
        r"modules\.(builtin|order|builtin\.modinfo)$")


class DebugKernel:
    """6.12 with everything that finds mistakes. Variants: see VARIANTS."""

    series = "debug"    # as a case's header and guest_start call it
    can_build = True

    def __init__(self, variant):
        self.name = variant
        self.variant = VARIANTS[variant]
        self.files = [os.path.join(paths.SELFTESTS, "kernel", name)
                      for name in self.variant.files]

    @functools.cached_property
    def identity(self):
        """Changes when the kernel does; known before it is built."""
        return "%s_%s_%s" % (
            packages.entry_name(SOURCE).split("/")[1], self.name,
            paths.short_hash(paths.file_hash(*self.files), KEPT))

    @functools.cached_property
    def root(self):
        """The trimmed build tree: vmlinux and all that M= needs."""
        folder = paths.cached("debug-kernel/" + self.identity, self._fill)
        paths.prune("debug-kernel", 4)
        return folder

    @property
    def kdir(self):
        return os.path.join(self.root, "tree")

    @functools.cached_property
    def release(self):
        with open(os.path.join(self.kdir,
                               "include/config/kernel.release")) as stream:
            return stream.read().strip()

    @property
    def make(self):
        """The beginning of a command that builds modules for it."""
        return make_command(self.kdir, self.variant.arch)

    @property
    def vmlinux(self):
        """The ELF image: Xen starts it, or the host as a program."""
        return os.path.join(self.root, "vmlinux")

    @property
    def modules(self):
        """Where modules.builtin and its like are."""
        return self.kdir

    def module_closure(self, _):
        """None: what a stock kernel has in modules is built in here."""
        return []

    def _fill(self, folder):
        [package] = packages.fetch(SOURCE)
        tree = os.path.join(folder, "tree")
        os.mkdir(tree)
        with ui.step("unpacking the kernel source"):
            subprocess.run(
                ["tar", "-C", tree, "--strip-components=1", "-xf",
                 os.path.join(package, "usr/src", SOURCE + ".tar.xz")],
                check=True)
        make = make_command(tree, self.variant.arch)
        for name in self.files:
            if name.endswith(".patch"):
                patch(tree, name)
        configure(tree, make,
                  [name for name in self.files if name.endswith(".config")],
                  ESSENTIAL + self.variant.essential)
        with ui.step("building the debug kernel '%s' (some minutes)" %
                     self.name):
            compile_tree(make, self.variant.steps)
        finish(folder, tree, self.variant.arch)


def make_command(tree, arch):
    return ["make", paths.JOBS, "-C", tree, "ARCH=" + arch]


def patch(tree, name):
    done = subprocess.run(["patch", "-p1", "--forward", "-i", name], cwd=tree,
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise ui.Failure("%s does not fit this source:\n%s" % (
            name, done.stdout))


def configure(tree, make, fragments, essential):
    wanted = os.path.join(tree, ".wanted-config")
    with open(wanted, "w") as out:
        for name in fragments:
            with open(name) as stream:
                out.write(stream.read())
    env = dict(os.environ, KCONFIG_ALLCONFIG=wanted)
    subprocess.run(make + ["-s", "allnoconfig"], env=env, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(tree, ".config")) as stream:
        got = set(re.findall(r"^CONFIG_(\w+)=y", stream.read(), re.M))
    missing = [name for name in essential if name not in got]
    if missing:
        raise ui.Failure("the debug kernel would lack " + " ".join(missing))


def compile_tree(make, steps):
    log = os.path.join(paths.BUILD, "debug-kernel.log")
    os.makedirs(paths.BUILD, exist_ok=True)
    with open(log, "w") as out:
        process = subprocess.Popen(make + ["vmlinux", "modules"],
                                   stdout=out, stderr=subprocess.STDOUT)
        while process.poll() is None:
            for _ in range(60):
                if process.poll() is None:
                    time.sleep(0.5)
            with open(log) as stream:
                done = sum(1 for line in stream if line.startswith("  "))
            ui.say("  %d steps done (%d %%)" % (
                done, min(99, 100 * done // steps)))
    if process.returncode:
        raise ui.Failure("the debug kernel does not build; see " + log)


def finish(folder, tree, arch):
    """Keep what boots and what external modules need; drop the rest."""
    subprocess.run(["strip", "-o", os.path.join(folder, "vmlinux"),
                    os.path.join(tree, "vmlinux")], check=True)
    for where, dirs, files in os.walk(tree):
        if where == tree:
            # built programs and generated headers are needed whole
            dirs[:] = [name for name in dirs
                       if name not in ("scripts", "include")]
        if os.path.relpath(where, tree) == "tools":
            dirs[:] = [name for name in dirs if name != "objtool"]
        for name in files:
            if not re.match(KEPT, name):
                os.unlink(os.path.join(where, name))
    # um has its headers in x86
    subprocess.run("rm -rf Documentation sound samples drivers/gpu; "
                   "find arch -mindepth 1 -maxdepth 1 -type d ! -name x86 "
                   "! -name %s -exec rm -rf {} +; "
                   "find . -type d -empty -delete" % arch,
                   shell=True, cwd=tree, check=True)
