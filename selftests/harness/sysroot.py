# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The userland of dom0 and of guests: unpacked packages, library closure."""

import functools
import os
import re
import subprocess

from . import packages, ui

XEN = "4.17"
BUSYBOX = "busybox-static"
PACKAGES = (
    BUSYBOX, "bash", "coreutils", "util-linux", "mount", "kmod", "iproute2",
    "ethtool", "e2fsprogs", "xen-utils-" + XEN, "xen-utils-common", "xenstore-utils",
    "libc6", "libgcc-s1", "libtinfo6", "libncurses6", "libyajl2", "zlib1g",
    "liblzma5", "libzstd1", "libssl3", "libselinux1", "libpcre2-8-0",
    "libattr1", "libacl1", "libgmp10", "libsmartcols1", "libmount1",
    "libblkid1", "libuuid1", "libcom-err2", "libext2fs2", "libss2", "libbpf1",
    "libelf1", "libmnl0", "libbsd0", "libmd0", "libcap2", "libdb5.3",
    "libtirpc3", "libgssapi-krb5-2", "libkrb5-3", "libk5crypto3",
    "libkrb5support0", "libkeyutils1", "libxtables12", "libfdt1", "libudev1",
    "libxencall1", "libxendevicemodel1", "libxenevtchn1",
    "libxenforeignmemory1", "libxengnttab1", "libxenhypfs1",
    "libxenmisc" + XEN, "libxenstore4", "libxentoolcore1", "libxentoollog1",
    "libnl-3-200", "libnl-route-3-200", "dmsetup", "libdevmapper1.02.1",
    "bpftool",
)
LIBRARY_FOLDERS = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu",
                   "usr/lib/xen-%s/lib" % XEN, "lib64", "usr/lib")
XEN_BIN = "usr/lib/xen-%s/bin/" % XEN


_more = []


def use(*names):
    """Look for programs and libraries in further packages, too."""
    _more.extend(name for name in names if name not in _more)
    roots.cache_clear()
    library.cache_clear()


@functools.lru_cache(maxsize=None)
def roots():
    return packages.fetch(*PACKAGES, *_more)


def find(path):
    """The file of some package at a path, usr-merged or not."""
    path = path.lstrip("/")
    for root in roots():
        for candidate in (path, path.removeprefix("usr/"), "usr/" + path):
            full = os.path.join(root, candidate)
            if os.path.exists(full):
                return full
    raise ui.Failure("no package holds " + path)


@functools.lru_cache(maxsize=None)
def _needed(full):
    done = subprocess.run(["readelf", "-d", full], capture_output=True,
                          text=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout)


@functools.lru_cache(maxsize=None)
def library(name):
    for folder in LIBRARY_FOLDERS:
        for root in roots():
            full = os.path.join(root, folder, name)
            if os.path.exists(full):
                return full
    raise ui.Failure("no package holds library " + name)


def xen_folders(libraries):
    """Where the Xen libraries are that these need in turn. The linker looks for
    them, and a machine without Xen's packages has them nowhere else."""
    found, left = set(), list(libraries)
    while left:
        full = os.path.realpath(left.pop())
        for name in _needed(full):
            if name.startswith("libxen") and library(name) not in found:
                found.add(library(name))
                left.append(library(name))
    return sorted({os.path.dirname(os.path.realpath(full)) for full in found})


def add_library(tree, name):
    target = "usr/lib/x86_64-linux-gnu/" + name
    if target in tree.nodes:
        return
    tree.file(target, os.path.realpath(library(name)), 0o755)
    for other in _needed(os.path.realpath(library(name))):
        add_library(tree, other)


def add_program(tree, target, source):
    """A program of the host file system with the libraries it needs."""
    full = os.path.realpath(source)
    tree.file(target, full, 0o755)
    with open(full, "rb") as stream:
        if stream.read(4) != b"\x7fELF":
            return
    for name in _needed(full):
        add_library(tree, name)


def add_base(tree):
    """Folders, busybox under all its names, loader, device nodes."""
    for name in ("bin", "sbin", "lib", "lib64"):
        tree.directory("usr/" + name)
        tree.link(name, "usr/" + name)
    tree.link("usr/lib64/ld-linux-x86-64.so.2",
              "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
    for name in ("proc", "sys", "dev", "run", "tmp", "mnt", "root", "etc"):
        tree.directory(name)
    tree.device("dev/console", 5, 1)
    tree.device("dev/null", 1, 3, 0o666)
    [package] = packages.fetch(BUSYBOX)
    busybox = os.path.join(package, "bin/busybox")
    tree.file("usr/bin/busybox", busybox, 0o755)
    done = subprocess.run([busybox, "--list"], capture_output=True, text=True,
                          check=True)
    for applet in done.stdout.split():
        if applet != "busybox":
            tree.link("usr/bin/" + applet, "busybox")
    # where the kernel looks for it
    tree.link("usr/sbin/modprobe", "../bin/modprobe")
    tree.data("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    tree.data("etc/group", b"root:x:0:\n")
