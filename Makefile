# SPDX-License-Identifier: GPL-2.0 OR MIT
# Targets only; the objects are listed in Kbuild.
#
#   make [KDIR=...]          the modules, in build/<kernel release>/
#   make modules_install     into updates/ of the kernel's module folder
#   make hotplug_install     scripts, into $(DESTDIR)$(SCRIPTS)
#   make demo check check-all shown shell bench profile mutants   see README.md
#
# The sources are linked into the build folder and built there, so that the
# tree stays clean and two kernels can be built side by side.

KDIR ?= /lib/modules/$(shell uname -r)/build
FOLDERS := evtchn gntdev xenbus blkback netback compat
# not `make kernelrelease`: header packages answer with another number there
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null)
OUT ?= $(CURDIR)/build/$(RELEASE)

SCRIPTS ?= /etc/xen/scripts

.PHONY: all modules modules_install hotplug_install links clean
.PHONY: demo check check-all shown shell lint unit cases mutants bench profile
.PHONY: python

all: modules

modules: links
	$(MAKE) -C $(KDIR) M=$(OUT) modules

# Without depmod modprobe goes on taking the in-tree ones. The kernel's own make
# leaves it out where headers come without System.map, as Debian's do.
modules_install: modules
	$(MAKE) -C $(KDIR) M=$(OUT) INSTALL_MOD_DIR=updates modules_install
	PATH=$$PATH:/sbin depmod -b "$(INSTALL_MOD_PATH)/" $(RELEASE)

hotplug_install:
	install -d $(DESTDIR)$(SCRIPTS)
	for f in hotplug/*; do \
		m=644; [ ! -x $$f ] || m=755; \
		install -m $$m $$f $(DESTDIR)$(SCRIPTS) || exit 1; done

links:
	@[ -n "$(OUT:$(CURDIR)/build/%=%)" ] && [ -e $(KDIR)/Makefile ] || \
		{ echo "no kernel headers in $(KDIR): install" \
			"linux-headers-$$(uname -r), or set" \
			"KDIR=/path/to/headers" >&2; exit 1; }
	@mkdir -p $(OUT)
	@find $(OUT) -type l ! -exec test -e {} \; -delete
	@find Kbuild $(wildcard $(FOLDERS)) -type f \
		\( -name '*.[ch]' -o -name 'Kbuild*' \) | while read -r f; do \
		[ -L "$(OUT)/$$f" ] && continue; \
		mkdir -p "$(OUT)/$$(dirname "$$f")"; \
		ln -sfn "$(CURDIR)/$$f" "$(OUT)/$$f"; done

clean:
	rm -rf build

# All else that the tests need they install themselves.
python:
	@command -v python3 > /dev/null || { \
		echo "installing python3 ..." >&2; \
		apt-get -qq update && apt-get -qq install -y \
			--no-install-recommends python3 > /dev/null; }

demo check check-all shown shell lint unit cases: python
	@selftests/run $(if $(filter-out 0,$(AGAIN)),--again) $@

BENCH_OPTIONS = $(if $(BASE),--base $(BASE)) \
	$(if $(filter-out 0,$(SHORT)),--short)

mutants: python
	@selftests/run $(if $(MINUTES),--minutes $(MINUTES)) mutants $(MUTANTS)

bench: python
	@selftests/run $(BENCH_OPTIONS) bench $(JOBS)

profile: python
	@selftests/run $(BENCH_OPTIONS) profile $(JOB)
