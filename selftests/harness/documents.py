# SPDX-License-Identifier: GPL-2.0 OR MIT
"""README and Documentation/ held against the tree: the commands that they tell
a reader to type, and the functions that they name."""

import os
import re

from . import cases, paths

# What a line of an example begins with when it is to be typed; a word alone is
# a name in a sentence.
TYPED = re.compile(r"(make|selftests/run|dkms|modprobe|insmod|xl|xenstore-\w+|"
                   r"/etc/xen/scripts/[\w-]+|echo|truncate|taskset|renice|"
                   r"pid=\S+|sudo|\./\S+|rmmod|xentop|ip|bridge|perf|ethtool|"
                   r"bpftool|trace-cmd|cat|ls|mount|losetup|dmsetup|journalctl|"
                   r"clang|vif-firewall|"
                   r"dmesg|chrt|systemctl|git|apt|apt-get|depmod|modinfo)( .*)?$")
TABLE = os.path.join(paths.SELFTESTS, "commands")
SOURCED = ("lib", "bench/dom0")     # by cases, or by what they run
# Functions of the kernel and of C that are not ours: the text names them so.
FOREIGN = {"dma_alloc_coherent", "dma_alloc_wc", "kthread_park", "mlockall",
           "mprotect", "mremap", "xenbus_dev_is_online"}


def texts():
    """(name, lines) of each text for readers."""
    folder = os.path.join(paths.TREE, "Documentation")
    names = ["README.md"] + sorted(
        "Documentation/" + name for name in os.listdir(folder)
        if name.endswith(".rst"))
    for name in names:
        with open(os.path.join(paths.TREE, name)) as stream:
            yield name, stream.read()


def commands_of(name, text):
    """What is to be typed: lines of examples, and code within sentences."""
    quote = "`" if name.endswith(".md") else "``"
    code = re.findall("%s([^`]+)%s" % (quote, quote), text)
    lines = [line.strip() for line in text.splitlines()
             if re.match(r"    ", line)]
    for words in [" ".join(part.split()) for part in code] + lines:
        words = re.sub(r"\s+#.*", "", words)
        match = TYPED.match(words)
        if match and (match[2] or words == "make"):
            yield words


def table():
    """{command: (case, words)} of selftests/commands."""
    found = {}
    with open(TABLE) as stream:
        for line in stream:
            if line.strip() and not line.startswith("#"):
                command, case, words = line.rstrip("\n").split("\t")
                found[command] = case, words
    return found


def targets():
    """What make can be asked for."""
    with open(os.path.join(paths.TREE, "Makefile")) as stream:
        lists = re.findall(r"^\.PHONY: (.*)$", stream.read(), re.M)
    return set(" ".join(lists).split())


def _bad_name(command):
    """Why a command cannot be typed; None when it can."""
    words = command.split()
    if words[0] == "make":
        for word in words[1:]:
            if re.fullmatch(r"[a-z_-]+", word) and word not in targets():
                return "make has no target " + word
            if not re.fullmatch(r"[a-z_-]+", word):
                break       # a variable: its value may have any words
    script = re.match(r"/etc/xen/scripts/([\w-]+)", words[0])
    if script and not os.path.exists(os.path.join(paths.TREE, "hotplug",
                                                  script[1])):
        return "no script " + script[1]
    return None


def _no_case(command, case, words):
    """Why nothing shows that a command works; None when something does."""
    if case == "-":
        return None if words else "no reason why no case runs it"
    path = os.path.join(cases.FOLDER, case + ".sh")
    if not os.path.exists(path):
        return "no case " + case
    if cases.Case(case).tier == "none":
        return case + " is run by neither make check nor make check-all"
    places = [path]
    for folder in SOURCED:
        full = os.path.join(paths.SELFTESTS, folder)
        places += [os.path.join(full, name) for name in os.listdir(full)]
    for place in places:
        with open(place) as stream:
            told = re.sub(r"^\s*#.*$", "", stream.read(), flags=re.M)
        if words in told:
            return None
    return "%s does not hold: %s" % (case, words)


def commands():
    """Complaints: each command must be one that can be typed, and a case must
    run it."""
    known, found, told = table(), [], set()
    for name, text in texts():
        for command in commands_of(name, text):
            told.add(command)
            reason = _bad_name(command)
            if reason:
                found.append("%s: %s: %s" % (name, command, reason))
            elif command not in known:
                found.append("%s: no case runs: %s (selftests/commands)" % (
                    name, command))
    for command, (case, words) in known.items():
        reason = "nobody is told" if command not in told else _no_case(
            command, case, words)
        if reason:
            found.append("selftests/commands: %s: %s" % (command, reason))
    return found


def _words():
    """All names in the sources."""
    found = set()
    for folder in paths.FOLDERS + ("selftests", "hotplug"):
        for where, _, files in os.walk(os.path.join(paths.TREE, folder)):
            for file in files:
                if re.search(r"\.(c|h|sh|py)$|/(jobs|work)$", file):
                    with open(os.path.join(where, file),
                              errors="replace") as stream:
                        found.update(re.findall(r"\w+(?=\()", stream.read()))
    return found


def functions():
    """Complaints: a function that a text names must be there."""
    known = _words() | FOREIGN
    return ["%s: no function %s()" % (name, function)
            for name, text in texts()
            for function in re.findall(r"`(\w+)\(\)`", text)
            if function not in known]
