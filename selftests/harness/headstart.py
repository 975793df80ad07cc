# SPDX-License-Identifier: GPL-2.0 OR MIT
"""A dom0 that has booted as far as nothing that is tested is in it, in a file.

Xen and the kernel take most of a boot, and are the same for every tree: boots go
on from there, and are given the drivers, the cases and their programs, which
make the difference. Disks and the network card have no driver before that.
"""

import os
import time

from . import cpio, dom0, images, paths, qemu, snapshot, ui

PARAMETERS = "mode=agent drivers=later"
HANDED_OVER = 60    # seconds that it may take
KEPT = 3            # states, of some hundred MiB each


def base_tree(kernel):
    """What is in dom0 before it is handed the rest."""
    tree = images.dom0_base(kernel)
    images.add_depmod(tree, kernel)
    tree.folder("selftests/dom0", os.path.join(paths.SELFTESTS, "dom0"))
    tree.link("init", "/selftests/dom0/loader")
    return tree


def rest_of(whole, base):
    """What a tree has that another has not, or has otherwise."""
    rest = cpio.Tree()
    rest.nodes = {path: node for path, node in whole.nodes.items()
                  if base.nodes.get(path) != node}
    return rest


class HeadStart:
    """The state for a kernel, made where the cache has none, and `rest`, the
    archive of what is handed over."""

    def __init__(self, kernel, whole, assets):
        base = base_tree(kernel)
        self.kernel = kernel
        self.assets = assets
        self.rest = rest_of(whole, base).cpio()
        archive = base.cpio()
        self.folder = paths.cached("states/%s_%s" % (
            kernel.release, paths.short_hash(
                archive, kernel.identity, paths.file_hash(images.hypervisor()),
                qemu.version(), *qemu.MULTI_THREADED, dom0.XEN_ARGS,
                dom0.DOM0_ARGS, PARAMETERS)),
            lambda folder: self._fill(folder, archive))
        paths.prune("states", KEPT)

    def _arguments(self, folder):
        return dom0.boot_arguments(self.kernel,
                                   os.path.join(folder, "initramfs"),
                                   self.assets, PARAMETERS)

    def _fill(self, folder, archive):
        paths.write_atomic(os.path.join(folder, "initramfs"), archive)
        with ui.step("booting dom0 once, for others to go on from there"):
            boot = dom0.Dom0(log_folder=folder, kind=snapshot.Machine,
                             arguments=self._arguments(folder))
            boot.start("waiting")
            boot.machine.save(os.path.join(folder, "state"))
            boot.machine.stop()

    def dom0(self, log_folder):
        """A boot that goes on from the state."""
        return Late(self, log_folder)


class Late(dom0.Dom0):
    def __init__(self, start, log_folder):
        super().__init__(log_folder=log_folder, kind=snapshot.Machine,
                         arguments=start._arguments(start.folder),
                         machine={"state": os.path.join(start.folder,
                                                        "state")})
        self.rest = start.rest

    def begin(self):
        super().begin()
        self.machine.resume()
        # what a file is dated is compared with what this machine has dated
        self.machine.send("take %d %d" % (len(self.rest), time.time()))
        try:
            self.machine.write_bulk(self.rest, HANDED_OVER)
        except OSError as error:
            self.machine.stop()
            raise ui.Failure("dom0 was not handed what is tested: %s; "
                             "console: %s" % (error, self.console))
