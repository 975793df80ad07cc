# SPDX-License-Identifier: GPL-2.0 OR MIT
"""User Mode Linux: boots a kernel that is a program, without any machine."""

import os
import resource
import select
import subprocess
import tempfile
import time

from . import paths, qemu

PARAMETERS = ("mem=256M", "time-travel", "oops=panic", "panic_on_warn=1",
              "softlockup_panic=1", "hung_task_panic=1", "kunit.enable=1",
              "kmemleak=on", "loglevel=7")
# of <linux/personality.h>
ADDR_NO_RANDOMIZE = 0x0040000


def _child():
    qemu.die_with_parent()
    # a panic aborts it, and a core file is of no use
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # up to a GiB that the break is moved by would be memory for kmemleak to
    # look at; where this is not allowed it only takes longer
    qemu.LIBC.personality(ADDR_NO_RANDOMIZE)


def boot(kernel, initramfs, console, limit):
    """Boot a kernel; yields each line that a process in it writes to /dev/tty1
    until the kernel or the time is at its end.

    A verdict comes from there alone: the console, a file, has what anybody
    prints.
    """
    place = os.path.join(paths.BUILD, "tmp")
    os.makedirs(place, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield from _run(
            [kernel.vmlinux, *PARAMETERS, "initrd=" + initramfs,
             "uml_dir=" + folder], folder, console,
            time.monotonic() + limit)


def _run(command, folder, console, deadline):
    ours, theirs = os.pipe()
    channels = ["con=null", "con0=null,fd:1", "con1=null,fd:%d" % theirs]
    with open(console, "wb") as output:
        process = subprocess.Popen(
            command + channels, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, preexec_fn=_child, pass_fds=[theirs],
            # where the file is that is the kernel's memory
            env=dict(os.environ, TMPDIR=folder))
    os.close(theirs)
    try:
        yield from _lines(ours, deadline)
    finally:
        # its processes end with it
        process.kill()
        process.wait()
        os.close(ours)


def _lines(descriptor, deadline):
    pending = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return
        ready, _, _ = select.select([descriptor], [], [], left)
        data = os.read(descriptor, 65536) if ready else b""
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace").rstrip("\r")
