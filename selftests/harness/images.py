# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Images: dom0's initramfs, the guests' initramfs, root disk and assets."""

import functools
import gzip
import os
import subprocess

from . import bpf, cpio, fio, packages, paths, sysroot, ui
from .kernels import module_name
from .modules import helpers, test_module

# What dom0 gets under either choice of drivers.
DOM0_MODULES = (
    "virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "ext4",
    "crc32c_generic", "bridge", "loop", "dm_mod", "dm_snapshot", "dm_flakey",
    "dm_log_writes", "null_blk", "brd", "xen_privcmd", "xenfs",
    "xen_blkfront", "xen_netfront", "nls_utf8", "tun", "veth", "8021q")
# The drivers in question, in the order they are loaded.
INTREE = ("xen_evtchn", "xen_gntdev", "xen_gntalloc", "xen_blkback",
          "xen_netback")
OURS = ("xenbus_be",) + INTREE
GUEST_MODULES = ("xen_blkfront", "xen_netfront", "ext4", "crc32c_generic",
                 "xen_evtchn", "xen_gntdev", "xen_gntalloc", "pktgen")
# QEMU's disk backend, qemu-img, and the libraries that only they need
QDISK_PACKAGES = (
    "qemu-system-xen", "qemu-utils", "qemu-system-data", "libglib2.0-0",
    "libjpeg62-turbo", "libpixman-1-0", "libspice-server1", "libusb-1.0-0",
    "libffi8", "libgstreamer-plugins-base1.0-0", "libgstreamer1.0-0",
    "liblz4-1", "libopus0", "liborc-0.4-0", "libsasl2-2", "libstdc++6",
    "libdw1", "libunwind8", "libbz2-1.0", "libaio1", "libgnutls30",
    "libhogweed6", "libnettle8", "libnuma1", "liburing2", "libidn2-0",
    "libp11-kit0", "libtasn1-6", "libunistring2",
)
# programs of selftests/tools that guests have as well
GUEST_HELPERS = ("agent", "vchan", "devices", "xdp")
# Too large for dom0's memory: on the assets disk, with their libraries.
QDISK_PROGRAMS = ("usr/libexec/xen-qemu-system-i386", "usr/bin/qemu-img")
DOM0_PROGRAMS = (
    "bin/bash", "bin/stat", "bin/readlink", "bin/kmod", "usr/bin/flock",
    "sbin/losetup", "bin/ip", "sbin/bridge", "sbin/ethtool", "sbin/mke2fs",
    "sbin/e2fsck", "sbin/blockdev", "sbin/dmsetup", "usr/bin/xenstore",
    "usr/sbin/bpftool")
XEN_PROGRAMS = ("xl", "xenstored", "oxenstored", "xenconsoled", "xenconsole",
                "xentop", "xen-init-dom0", "libxl-save-helper", "lsevtchn",
                "xenstore-control", "xen-diag")
XENSTORE_LINKS = ("read", "write", "rm", "ls", "list", "exists", "chmod",
                  "watch")
ROOT_DISK_MIB = 256


@functools.lru_cache(maxsize=None)
def hypervisor():
    """The hypervisor as the ELF file that QEMU's multiboot wants."""
    package = "xen-hypervisor-%s-amd64" % sysroot.XEN
    name = "xen/" + os.path.basename(packages.entry_name(package))

    def fill(folder):
        [root] = packages.fetch(package)
        packed = os.path.join(root, "boot/xen-%s-amd64.gz" % sysroot.XEN)
        with gzip.open(packed) as stream:
            paths.write_atomic(os.path.join(folder, "xen"), stream.read())
    return os.path.join(paths.cached(name, fill), "xen")


def add_xenstore(tree):
    sysroot.add_program(tree, "usr/bin/xenstore",
                        sysroot.find("usr/bin/xenstore"))
    for verb in XENSTORE_LINKS:
        tree.link("usr/bin/xenstore-" + verb, "xenstore")


def add_modules(tree, kernel, names):
    """Stock modules and their closure, at their usual places."""
    for path in kernel.module_closure(names):
        tree.file("usr/lib/modules/%s/%s" % (kernel.release, path),
                  os.path.join(kernel.modules, path))


def add_depmod(tree, kernel):
    """modules.dep and friends for the modules that are in the tree."""
    base = "usr/lib/modules/" + kernel.release
    with paths.scratch_dir("depmod") as folder:
        staged = cpio.Tree()
        staged.nodes = {name: node for name, node in tree.nodes.items()
                        if name.startswith(base)}
        for name in ("modules.builtin", "modules.order",
                     "modules.builtin.modinfo"):
            staged.file(base + "/" + name, os.path.join(kernel.modules, name))
        staged.unpack(folder)
        os.symlink("usr/lib", os.path.join(folder, "lib"))
        subprocess.run(["depmod", "-b", folder, kernel.release], check=True)
        tree.folder(base, os.path.join(folder, base))


def packages_used():
    """The names of all that images hold files of."""
    return (*sysroot.PACKAGES, *QDISK_PACKAGES, *fio.PACKAGES, "ncurses-base",
            "libxen-dev", "libbpf-dev", "grub-xen-host")


def dom0_base(kernel, modules=DOM0_MODULES):
    """All of dom0 that the choice of drivers does not change, as a Tree."""
    tree = cpio.Tree()
    sysroot.add_base(tree)
    for program in DOM0_PROGRAMS:
        target = "usr/bin/" + os.path.basename(program)
        sysroot.add_program(tree, target, sysroot.find(program))
    for applet in ("modprobe", "insmod", "rmmod", "lsmod", "depmod",
                   "modinfo"):
        tree.link("usr/bin/" + applet, "kmod")
    tree.link("usr/bin/mkfs.ext4", "mke2fs")
    for program in XEN_PROGRAMS:
        source = sysroot.find(sysroot.XEN_BIN + program)
        sysroot.add_program(tree, sysroot.XEN_BIN + program, source)
        tree.link("usr/sbin/" + program, "/" + sysroot.XEN_BIN + program)
    add_xenstore(tree)
    # pthread_cancel loads this one by name
    sysroot.add_library(tree, "libgcc_s.so.1")
    tree.folder("etc/xen", os.path.dirname(sysroot.find("etc/xen/xl.conf")))
    for folder in ("var/lib/xen", "var/log/xen", "var/lock", "var/run/xen",
                   "proc/xen"):
        tree.directory(folder)
    tree.file("etc/mke2fs.conf", sysroot.find("etc/mke2fs.conf"))
    tree.folder("etc/terminfo", os.path.dirname(os.path.dirname(
        _terminfo())))
    add_modules(tree, kernel, modules)
    return tree


def _terminfo():
    [root] = packages.fetch("ncurses-base")
    return os.path.join(root, "lib/terminfo/v/vt100")


def add_drivers(tree, kernel, drivers, module_folder):
    """The drivers in question: in-tree ones, or ours and nothing else."""
    if drivers == "intree":
        add_modules(tree, kernel, INTREE)
        return
    for name in sorted(os.listdir(module_folder)):
        if name.endswith(".ko"):
            tree.file("usr/lib/modules/%s/updates/%s" % (kernel.release, name),
                      os.path.join(module_folder, name))


def add_selftests(tree):
    """Init, agent, cases with the scripts of frontends, and selftests/lib with
    every program it can call: the same in each image of dom0, the benchmark's
    too."""
    for name in ("dom0", "lib", "cases", "frontends"):
        tree.folder("selftests/" + name, os.path.join(paths.SELFTESTS, name))
    tree.link("init", "/selftests/dom0/init")
    add_hotplug(tree)
    for program in helpers():
        sysroot.add_program(
            tree, "selftests/bin/" + os.path.basename(program), program)
    tree.folder("selftests/samples", os.path.join(paths.TREE, "samples"))
    for name, path in bpf.objects().items():
        tree.file("selftests/bpf/" + name, path)


def add_hotplug(tree):
    """The product's scripts, where make hotplug_install puts them."""
    folder = os.path.join(paths.TREE, "hotplug")
    for name in sorted(os.listdir(folder)):
        tree.file("etc/xen/scripts/" + name, os.path.join(folder, name))


def dom0_tree(kernel, drivers, module_folder, tree=None):
    """All that is in dom0 for one run."""
    tree = tree or dom0_base(kernel)
    add_drivers(tree, kernel, drivers, module_folder)
    for name in ("testdisk", "testnet"):
        tree.file("usr/lib/modules/%s/updates/%s.ko" % (kernel.release, name),
                  test_module(name, kernel))
    check_drivers(tree, drivers)
    add_depmod(tree, kernel)
    add_selftests(tree)
    return tree


def dom0_initramfs(tree, name):
    """Write dom0's initramfs for one run into the build folder."""
    target = os.path.join(paths.BUILD, name)
    os.makedirs(paths.BUILD, exist_ok=True)
    paths.write_atomic(target, tree.cpio())
    return target


def check_drivers(tree, drivers):
    """With our drivers none of the in-tree ones may be in the image."""
    for path in tree.nodes:
        if path.endswith(".ko") and module_name(path) in INTREE:
            ours = "/updates/" in path
            if ours != (drivers == "ours"):
                raise ui.Failure("wrong driver in the image: " + path)


def guest_tree(kernel, modules=GUEST_MODULES, ours=None):
    """A guest's initramfs. `ours` is a folder with our drivers, if it has them
    in place of the kernel's own."""
    tree = cpio.Tree()
    sysroot.add_base(tree)
    sysroot.add_program(tree, "usr/bin/bash", sysroot.find("bin/bash"))
    add_xenstore(tree)
    for program in helpers():
        if os.path.basename(program) in GUEST_HELPERS:
            sysroot.add_program(
                tree, "usr/bin/" + os.path.basename(program), program)
    if ours:
        add_drivers(tree, kernel, "ours", ours)
        tree.file("usr/lib/modules/%s/updates/testbuf.ko" % kernel.release,
                  test_module("testbuf", kernel))
    else:
        add_modules(tree, kernel, modules)
    if kernel.can_build:
        tree.file("usr/lib/modules/%s/updates/xen-loadgen.ko" %
                  kernel.release, test_module("loadgen", kernel))
    add_depmod(tree, kernel)
    tree.folder("guest", os.path.join(paths.SELFTESTS, "guest"))
    tree.file("guest/leaks.sh", os.path.join(paths.SELFTESTS, "lib/leaks.sh"))
    tree.link("init", "/guest/init")
    return tree


def qdisk_tree():
    """QEMU's disk backend for a folder of its own, LD_LIBRARY_PATH in it."""
    sysroot.use(*QDISK_PACKAGES)
    tree = cpio.Tree()
    for program in QDISK_PROGRAMS:
        sysroot.add_program(tree, "bin/" + os.path.basename(program),
                            sysroot.find(program))
    # opened by name even where no screen is asked for
    tree.folder("share/keymaps", os.path.dirname(
        sysroot.find("usr/share/qemu/keymaps/en-us")))
    return tree


def pvgrub():
    """GRUB as a PV guest's kernel."""
    sysroot.use("grub-xen-host")
    return sysroot.find("usr/lib/grub-xen/grub-x86_64-xen.bin")


def assets(kernel, tree, others=()):
    """A disk image with the guests' kernel, initramfs, root disk, QEMU, fio.

    `others` are further kernels and initramfs, for guest_start's kernel=.
    """
    archive = tree.cpio()
    folders = {"qdisk": qdisk_tree(), "fio": fio.tree()}
    grub = pvgrub()
    more = {other: its.cpio() for other, its in others}
    name = "assets/%s_%s" % (kernel.release, paths.short_hash(
        archive, *(part.cpio() for part in folders.values()),
        kernel.identity, *more.values(), *(other.identity for other in more),
        paths.file_hash(grub), ROOT_DISK_MIB, 3))

    def fill(folder):
        with ui.step("building the guest images"):
            content = os.path.join(folder, "content")
            os.mkdir(content)
            _root_disk(tree, content)
            _guest_kernel(content, "", kernel, archive)
            for other, its in more.items():
                _guest_kernel(content, "-" + other.series, other, its)
            os.link(grub, os.path.join(content, "grub-xen"))
            for label, part in folders.items():
                part.unpack(os.path.join(content, label))
            make_ext4(os.path.join(folder, "assets.img"), 768, content)
            for entry in os.listdir(content):
                if entry.startswith("vmlinux"):
                    os.unlink(os.path.join(content, entry))
    folder = paths.cached(name, fill)
    paths.prune("assets", 4)
    return folder


def _guest_kernel(content, suffix, kernel, archive):
    os.link(kernel.vmlinux, os.path.join(content, "vmlinux" + suffix))
    paths.write_atomic(os.path.join(content, "guest%s.cpio" % suffix), archive)


def _root_disk(tree, content):
    with paths.scratch_dir("rootfs") as folder:
        tree.unpack(folder)
        make_ext4(os.path.join(content, "root.img"), ROOT_DISK_MIB, folder)


def make_ext4(image, mib, folder):
    open(image, "wb").close()
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-L",
                    os.path.basename(image).split(".")[0], "-E",
                    "lazy_itable_init=1,root_owner=0:0", "-d", folder, image,
                    "%dM" % mib], check=True)
