# SPDX-License-Identifier: GPL-2.0 OR MIT
"""A file tree held in memory, written as a newc archive or as a folder."""

import os
import stat


class Tree:
    """Maps a path without leading slash to (mode, content, device)."""

    def __init__(self):
        self.nodes = {}

    def _parents(self, path):
        parent = os.path.dirname(path)
        if parent and parent not in self.nodes:
            self.directory(parent)

    def directory(self, path, mode=0o755):
        path = path.strip("/")
        self._parents(path)
        self.nodes.setdefault(path, (stat.S_IFDIR | mode, b"", 0))

    def data(self, path, content, mode=0o644):
        path = path.strip("/")
        self._parents(path)
        self.nodes[path] = (stat.S_IFREG | mode, content, 0)

    def file(self, path, source, mode=None):
        if mode is None:
            mode = os.stat(source).st_mode & 0o777
        with open(source, "rb") as stream:
            self.data(path, stream.read(), mode)

    def link(self, path, target):
        path = path.strip("/")
        self._parents(path)
        self.nodes[path] = (stat.S_IFLNK | 0o777, target.encode(), 0)

    def device(self, path, major, minor, mode=0o600):
        path = path.strip("/")
        self._parents(path)
        self.nodes[path] = (stat.S_IFCHR | mode, b"",
                            os.makedev(major, minor))

    def folder(self, path, source):
        """Add a folder of the host with all that is in it."""
        for where, dirs, files in os.walk(source):
            inside = os.path.join(path, os.path.relpath(where, source))
            inside = os.path.normpath(inside)
            self.directory(inside)
            for name in sorted(dirs + files):
                full = os.path.join(where, name)
                if os.path.islink(full):
                    self.link(os.path.join(inside, name), os.readlink(full))
                elif os.path.isfile(full):
                    self.file(os.path.join(inside, name), full)

    def cpio(self):
        chunks = []
        for number, path in enumerate(sorted(self.nodes), 1):
            mode, content, device = self.nodes[path]
            chunks.append(_record(number, path, mode, content, device))
        chunks.append(_record(0, "TRAILER!!!", 0, b"", 0))
        return b"".join(chunks)

    def unpack(self, folder):
        """Write the tree below a folder of the host (needs no devices)."""
        for path in sorted(self.nodes):
            mode, content, _ = self.nodes[path]
            full = os.path.join(folder, path)
            if stat.S_ISDIR(mode):
                os.makedirs(full, exist_ok=True)
            elif stat.S_ISLNK(mode):
                os.symlink(content.decode(), full)
            elif stat.S_ISREG(mode):
                with open(full, "wb") as stream:
                    stream.write(content)
                os.chmod(full, mode & 0o777)


def _pad(data):
    return data + b"\0" * (-len(data) % 4)


def _record(inode, path, mode, content, device):
    name = path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (inode, mode, 0, 0, links, 0, len(content), 0, 0,
              os.major(device), os.minor(device), len(name), 0)
    head = b"070701" + b"".join(b"%08X" % value for value in fields)
    return _pad(head + name) + _pad(content)
