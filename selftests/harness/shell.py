# SPDX-License-Identifier: GPL-2.0 OR MIT
"""An interactive dom0 on the terminal."""

import os
import subprocess

from . import packages, paths, qemu, ui
from .dom0 import boot_arguments
from .suite import Images


def run(drivers):
    packages.install_tools()
    built = Images(drivers)
    arguments = boot_arguments(built.kernel, built.initramfs, built.assets,
                               "mode=shell")
    os.makedirs(os.path.join(paths.BUILD, "tmp"), exist_ok=True)
    ui.say("starting; QEMU ends with Ctrl-A X")
    env = dict(os.environ, TMPDIR=os.path.join(paths.BUILD, "tmp"))
    with qemu.turn:
        return subprocess.run(
            ["qemu-system-x86_64", "-M", "q35", *qemu.MULTI_THREADED,
             "-m", "6144", "-smp", "2", "-nographic",
             "-nodefaults", "-no-reboot", "-serial", "mon:stdio"] + arguments,
            env=env).returncode
