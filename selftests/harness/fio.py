# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Debian's fio without the storage clusters it can also talk to.

It is linked with the client libraries of Ceph, Gluster, RDMA and others: a
hundred megabytes that no job here calls. They are replaced by one library
that has their names and aborts when called.
"""

import os
import re
import subprocess

from . import cpio, packages, paths, sysroot, ui

PACKAGES = ("fio", "libaio1", "libnuma1")
KEPT = ("libnuma.so.1", "libz.so.1", "libm.so.6", "libaio.so.1", "libc.so.6")


def _symbols(path, undefined):
    done = subprocess.run(["readelf", "--dyn-syms", "-W", path], text=True,
                          capture_output=True, check=True)
    found = set()
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) >= 8 and (fields[6] == "UND") == undefined:
            found.add((fields[7].split("@")[0], fields[4]))
    return found


def _stub(missing):
    target = os.path.join(paths.BUILD, "absent.so")
    os.makedirs(paths.BUILD, exist_ok=True)
    source = "void abort(void);\n" + "".join(
        "void %s(void) { abort(); }\n" % name for name in sorted(missing))
    done = subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-fno-builtin",
                           "-x", "c", "-", "-o", target], input=source,
                          text=True, capture_output=True)
    if done.returncode:
        raise ui.Failure("no library in place of Ceph's:\n" + done.stderr)
    return target


def add(tree):
    """Put fio and what it really uses into an image."""
    sysroot.use(*PACKAGES)
    program = sysroot.find("usr/bin/fio")
    done = subprocess.run(["readelf", "-d", program], capture_output=True,
                          text=True, check=True)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout)
    missing = {name for name, binding in _symbols(program, True)
               if binding == "GLOBAL"}
    for name in KEPT:
        missing -= {known for known, _ in _symbols(
            os.path.realpath(sysroot.library(name)), False)}
        sysroot.add_library(tree, name)
    stub = _stub(missing)
    for name in needed:
        if name not in KEPT:
            tree.file("usr/lib/x86_64-linux-gnu/" + name, stub, 0o755)
    tree.file("usr/bin/fio", program, 0o755)


def tree():
    """fio and its jobs for a folder of its own, LD_LIBRARY_PATH in it."""
    found = cpio.Tree()
    add(found)
    found.folder("jobs", os.path.join(paths.SELFTESTS, "jobs"))
    return found


def version():
    return packages.version("fio")
