# SPDX-License-Identifier: Apache-2.0
# The two commands are "make demo" and "make check"; README.md shows what they
# print.  Everything that takes more than a line is a script under tools/.

PREFIX ?= /usr/local
APP ?= /app
ARGS ?=

.PHONY: build demo check tidy san fuzz soak bench bare install clean

build:
	@tools/build.sh

demo: build
	@tools/demo.sh $(ARGS)

check:
	@tools/check.sh

tidy:
	@/usr/bin/python3 tools/tidy.py

san:
	@tools/check.sh san

fuzz:
	@tools/fuzz.sh $(ARGS)

soak:
	@tools/soak.sh $(ARGS)

bench: build
	@tools/bench.sh $(ARGS)

bare:
	@tests/bare/run.sh $(ARGS)

install:
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' APP='$(APP)' tools/install.sh

clean:
	@rm -rf build build-san build-fuzz
