# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Stock kernels from Debian: plain ELF image, module tree, build headers."""

import functools
import lzma
import os
import re
import subprocess

from . import packages, paths, releases, ui

# A series without headers is for guests only.
METAS = {"5.10": ("linux-image-amd64/bullseye", None),
         "6.1": ("linux-image-amd64", "linux-headers-amd64"),
         "6.12": ("linux-image-6.12-amd64", "linux-headers-6.12-amd64")}


class Kernel:
    """One stock kernel of Debian, by its series (5.10, 6.1 or 6.12)."""

    def __init__(self, series):
        self.series = series
        self.image_meta, self.headers_meta = METAS[series]

    @functools.cached_property
    def image_package(self):
        return packages.depends(self.image_meta, r"linux-image-[0-9].*")[0]

    @functools.cached_property
    def release(self):
        name, _ = releases.split(self.image_package)
        return name.replace("linux-image-", "", 1)

    @property
    def can_build(self):
        """Whether modules can be built for it."""
        return self.headers_meta is not None

    @property
    def identity(self):
        """Changes when the kernel does."""
        return packages.version(self.image_package)

    @functools.cached_property
    def root(self):
        """Folder with vmlinux (ELF) and lib/modules, depmod run over it."""
        name = "kernel/%s_%s" % (releases.split(self.image_package)[0],
                                 self.identity)
        return paths.cached(name, self._fill_root)

    def _fill_root(self, folder):
        [source] = packages.fetch(self.image_package)
        with ui.step("unpacking kernel " + self.release):
            image = os.path.join(source, "boot", "vmlinuz-" + self.release)
            with open(image, "rb") as stream:
                elf = unpack_vmlinuz(stream.read())
            paths.write_atomic(os.path.join(folder, "vmlinux"), elf)
            subprocess.run(["cp", "-a", os.path.join(source, "lib"), folder],
                           check=True)
            modules = os.path.join(folder, "lib/modules", self.release)
            # 5.10 has them as they are
            subprocess.run("find . -name '*.ko.xz' -exec xz -d {} +",
                           shell=True, cwd=modules, check=True)
            subprocess.run(["depmod", "-b", folder, self.release], check=True)

    @property
    def vmlinux(self):
        return os.path.join(self.root, "vmlinux")

    @property
    def modules(self):
        return os.path.join(self.root, "lib/modules", self.release)

    @functools.cached_property
    def headers_package(self):
        return packages.depends(self.headers_meta, r"linux-headers-[0-9].*")[0]

    @functools.cached_property
    def kdir(self):
        """A folder for make -C, from unpacked header packages."""
        arch = self.headers_package
        name = "headers/%s_%s" % (arch, packages.version(arch))
        root = paths.cached(name, self._fill_headers)
        return os.path.join(root, "usr/src", arch)

    def _fill_headers(self, folder):
        arch = self.headers_package
        parts = [arch] + packages.depends(
            arch, r"linux-headers-.*-common|linux-kbuild-.*")
        for source in packages.fetch(*parts):
            subprocess.run("cp -a %s/usr %s/" % (source, folder), shell=True,
                           check=True)
        makefile = os.path.join(folder, "usr/src", arch, "Makefile")
        with open(makefile) as stream:
            text = stream.read()
        # the packaged file names the common part by an absolute path
        text = text.replace("/usr/src/",
                            "$(dir $(lastword $(MAKEFILE_LIST)))../")
        paths.write_atomic(makefile, text.encode())

    @functools.cached_property
    def _dependencies(self):
        table = {}
        with open(os.path.join(self.modules, "modules.dep")) as stream:
            for line in stream:
                path, needs = line.split(":", 1)
                table[path] = needs.split()
        return table

    def module_closure(self, names):
        """Paths below the module tree of modules and of what they need."""
        by_name = {module_name(path): path for path in self._dependencies}
        found = []
        for name in names:
            path = by_name.get(name)
            if path is None:
                continue    # built in
            for one in [path] + self._dependencies[path]:
                if one not in found:
                    found.append(one)
        return found


def module_name(path):
    return os.path.basename(path).split(".")[0].replace("-", "_")


def unpack_vmlinuz(data):
    """The ELF image inside a bzImage, whichever compressor packed it."""
    for match in re.finditer(rb"\xfd7zXZ\x00|\x28\xb5\x2f\xfd", data):
        try:
            if match.group()[:1] == b"\xfd":
                elf = lzma.LZMADecompressor().decompress(data[match.start():])
            else:
                # trailing bytes make zstd complain after the whole output
                elf = subprocess.run(["zstd", "-dcq"],
                                     input=data[match.start():],
                                     capture_output=True).stdout
        except lzma.LZMAError:
            continue
        if elf[:4] == b"\x7fELF":
            return elf
    raise ui.Failure("no ELF image found inside the kernel")
