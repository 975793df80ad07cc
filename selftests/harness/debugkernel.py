# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The debug kernel: built once from Debian's source, kept in the cache."""

import functools
import os
import re
import subprocess
import time

from . import packages, paths, ui

SOURCE = "linux-source-6.12"
# what it is for -> the fragments that make it
VARIANTS = {"kasan": ("debug.config", "kasan.config"),
            "pv": ("debug.config", "pv.config")}
# Wanted without fail; a kernel without them would pass what it must not.
OF_VARIANT = {"kasan": ("KASAN",),
              "pv": ("XEN_PV", "XEN_DOM0", "XEN_BLKDEV_FRONTEND",
                     "XEN_NETDEV_FRONTEND", "BRIDGE", "EXT4_FS", "DM_FLAKEY",
                     "KFENCE", "XEN_GNTDEV_DMABUF", "UDMABUF",
                     "DMABUF_HEAPS_SYSTEM", "DMABUF_DEBUG")}
ESSENTIAL = ("PROVE_LOCKING", "UBSAN", "DEBUG_KMEMLEAK", "KUNIT",
             "KUNIT_DEBUGFS", "FAULT_INJECTION", "XEN_BACKEND",
             "DEBUG_ATOMIC_SLEEP", "MODULE_UNLOAD", "VIRTIO_CONSOLE")
# Files of the build tree that external modules need, besides scripts/, and
# the lists of what is built in.
KEPT = (r".*\.h$|.*\.lds$|Makefile|Kbuild|Kconfig|Module.symvers$|\.config$|"
        r"modules\.(builtin|order|builtin\.modinfo)$")
# for the progress display only
OBJECTS_IN_ALL = {"kasan": 1150, "pv": 2014}


class DebugKernel:
    """6.12 with everything that finds mistakes. Variants: see VARIANTS."""

    series = "debug"    # as a case's header and guest_start call it

    def __init__(self, variant):
        self.variant = variant
        self.fragments = [os.path.join(paths.SELFTESTS, "kernel", name)
                          for name in VARIANTS[variant]]

    @functools.cached_property
    def name(self):
        """Changes when the kernel does; known before it is built."""
        return "%s_%s_%s" % (
            packages.entry_name(SOURCE).split("/")[1], self.variant,
            paths.short_hash(paths.file_hash(*self.fragments), KEPT))

    @functools.cached_property
    def root(self):
        """The trimmed build tree: bzImage, vmlinux, all that M= needs."""
        folder = paths.cached("debug-kernel/" + self.name, self._fill)
        paths.prune("debug-kernel", 4)
        return folder

    @property
    def identity(self):
        return self.name

    @property
    def kdir(self):
        return os.path.join(self.root, "tree")

    @functools.cached_property
    def release(self):
        with open(os.path.join(self.kdir,
                               "include/config/kernel.release")) as stream:
            return stream.read().strip()

    @property
    def vmlinux(self):
        """The ELF image, for Xen."""
        return os.path.join(self.root, "vmlinux")

    @property
    def modules(self):
        """Where modules.builtin and its like are."""
        return self.kdir

    def module_closure(self, _):
        """None: what a stock kernel has in modules is built in here."""
        return []

    @property
    def bzimage(self):
        return os.path.join(self.root, "bzImage")

    def _fill(self, folder):
        [package] = packages.fetch(SOURCE)
        tree = os.path.join(folder, "tree")
        os.mkdir(tree)
        with ui.step("unpacking the kernel source"):
            subprocess.run(
                ["tar", "-C", tree, "--strip-components=1", "-xf",
                 os.path.join(package, "usr/src", SOURCE + ".tar.xz")],
                check=True)
        configure(tree, self.fragments,
                  ESSENTIAL + OF_VARIANT[self.variant])
        with ui.step("building the debug kernel '%s' (six to ten minutes)" %
                     self.variant):
            compile_tree(tree, OBJECTS_IN_ALL[self.variant])
        finish(folder, tree)


def configure(tree, fragments, essential):
    wanted = os.path.join(tree, ".wanted-config")
    with open(wanted, "w") as out:
        for name in fragments:
            with open(name) as stream:
                out.write(stream.read())
    env = dict(os.environ, KCONFIG_ALLCONFIG=wanted)
    subprocess.run(["make", "-s", "-C", tree, "allnoconfig"], env=env,
                   check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(os.path.join(tree, ".config")) as stream:
        got = set(re.findall(r"^CONFIG_(\w+)=y", stream.read(), re.M))
    missing = [name for name in essential if name not in got]
    if missing:
        raise ui.Failure("the debug kernel would lack " + " ".join(missing))


def compile_tree(tree, objects):
    log = os.path.join(paths.BUILD, "debug-kernel.log")
    os.makedirs(paths.BUILD, exist_ok=True)
    with open(log, "w") as out:
        process = subprocess.Popen(
            ["make", paths.JOBS, "-C", tree, "bzImage", "modules"],
            stdout=out, stderr=subprocess.STDOUT)
        while process.poll() is None:
            for _ in range(60):
                if process.poll() is None:
                    time.sleep(0.5)
            with open(log) as stream:
                done = sum(1 for line in stream if line.startswith("  "))
            ui.say("  %d objects built (%d %%)" % (
                done, min(99, 100 * done // objects)))
    if process.returncode:
        raise ui.Failure("the debug kernel does not build; see " + log)


def finish(folder, tree):
    """Keep what boots and what external modules need; drop the rest."""
    os.link(os.path.join(tree, "arch/x86/boot/bzImage"),
            os.path.join(folder, "bzImage"))
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
    subprocess.run("rm -rf Documentation sound samples drivers/gpu; "
                   "find arch -mindepth 1 -maxdepth 1 -type d ! -name x86 "
                   "-exec rm -rf {} +; find . -type d -empty -delete",
                   shell=True, cwd=tree, check=True)
