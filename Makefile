# Ligase: what can be made
#
#   make demo      the whole tour on the fixtures: parse, split, train, predict, evaluate, info
#   make test      all tests, in release
#   make command   the command for this machine: .build/release/ligase
#   make build     the command as one file that needs no Swift at run time: .build/static/release/ligase
#   make install   that command with completions (bash, zsh, fish) and man pages, under PREFIX=/usr/local; DESTDIR stages
#   make uninstall removes them
#   make check     format, build without warnings and with the import check, tests, help snapshots, file sizes
#   make sanitize  tests under the address sanitizer, then under the thread sanitizer (slow)
#   make fuzz      every reader of files on damaged ones, SECONDS=60 each
#   make bench     times of training steps; with PYTHON=python3 that has torch, beside PyTorch's
#   make extension a toy modality with its task, applied as a patch to a copy, built and tried
#   make surface   counts the public symbols of the libraries, at most 600
#   make docs      the libraries' reference as a web page in .build/docs, without warnings, every example in it compiled
#   make examples  builds and runs the programs in Examples/Swift
#   make workflow-tools  Slurm and Snakemake for the tests of Workflows
#   make workflows every workflow on a Slurm of three nodes on this machine, compared with runs on one machine (root)
#   make figures   the metrics in README measured again, with intervals: ONLY=pattern some, LONG=1 the long ones too
#   make clean     remove all that was built
#
# JOBS=n bounds the compiler's processes. TRAITS= builds without libdeflate, OpenJPEG and CharLS: zlib then reads and writes
# BGZF, and DICOM files with JPEG 2000 or JPEG-LS are refused by name. demo and test install PACKAGES where they are missing.

SHELL = /bin/bash
.SHELLFLAGS = -euo pipefail -c
JOBS ?= $(shell nproc)
TRAITS ?= Libdeflate,Codecs
PACKAGES = libopenblas-dev zlib1g-dev libdeflate-dev libpng-dev libjpeg-dev libopenjp2-7-dev libcharls-dev
PYTHON ?=
PREFIX ?= /usr/local
SECONDS = 60
# demo, test and check share one build: release, without testable imports, with the flags below.
FLAGS = -c release -j $(JOBS) --explicit-target-dependency-import-check error $(if $(TRAITS),--traits $(TRAITS))
SWIFT_FILES = Sources Tests Package.swift Examples/Swift/Sources Benchmarks/Sources

.PHONY: help demo test command build install uninstall check format sizes sanitize fuzz bench extension surface symbols docs examples workflow-tools workflows figures clean packages

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# Installs the Debian packages that are missing; $(2) are further options of apt-get.
install = missing=; for name in $(1); do \
	  dpkg-query -W -f '$${Status}' $$name 2> /dev/null | grep -q 'ok installed' || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
	  as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	  $$as_root apt-get update -q && $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $(2) $$missing; \
	fi

packages:
	@command -v dpkg-query > /dev/null || { echo "not Debian: install OpenBLAS, zlib, libdeflate, libpng, libjpeg, OpenJPEG and CharLS with their headers" >&2; exit 0; }; \
	$(call install,$(PACKAGES))

command: packages
	swift build $(FLAGS) --product ligase

demo: command
	@PATH="$(CURDIR)/.build/release:$$PATH" sh Examples/drug_response.sh

test: packages
	swift test $(FLAGS) --disable-testable-imports

STATIC = swift build -c release $(if $(TRAITS),--traits $(TRAITS)) --static-swift-stdlib -j $(JOBS) --scratch-path .build/static
build: packages
	$(STATIC) --product ligase

# Man pages are written by swift-argument-parser's own tool, one a subcommand. It names them ligase.train.1; as ligase-train.1
# `man ligase train` finds them too.
BIN = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share
BASH_COMPLETION = $(SHARE)/bash-completion/completions/ligase
ZSH_COMPLETION = $(SHARE)/zsh/site-functions/_ligase
FISH_COMPLETION = $(SHARE)/fish/vendor_completions.d/ligase.fish
STAGE = .build/install
install: build
	$(STATIC) --product generate-manual
	@rm -rf $(STAGE) && mkdir -p $(STAGE)/man
	@for shell in bash zsh fish; do .build/static/release/ligase --generate-completion-script $$shell > $(STAGE)/$$shell; done
	@.build/static/release/generate-manual .build/static/release/ligase --multi-page --authors "the Ligase authors" \
	  $(addprefix --date ,$(shell git log -1 --format=%cs 2> /dev/null)) --output-directory $(STAGE)/man
	@cd $(STAGE)/man && for page in *.1; do name=$${page%.1}; \
	  sed -E '/^\.(Dt|Xr) /s/([A-Za-z])\.([a-z])/\1-\2/gI' $$page > $${name//./-}.page; done
	@for page in $(STAGE)/man/*.page; do install -D -m 644 $$page "$(SHARE)/man/man1/$$(basename $$page .page).1"; done
	@install -D -m 755 .build/static/release/ligase "$(BIN)/ligase"
	@! command -v strip > /dev/null || strip "$(BIN)/ligase"
	@install -D -m 644 $(STAGE)/bash "$(BASH_COMPLETION)"
	@install -D -m 644 $(STAGE)/zsh "$(ZSH_COMPLETION)"
	@install -D -m 644 $(STAGE)/fish "$(FISH_COMPLETION)"
	@install -D -m 644 -t "$(SHARE)/doc/ligase" README.md CHANGELOG.md LICENSE
	@echo "installed $(BIN)/ligase"

uninstall:
	rm -f "$(BIN)/ligase" "$(BASH_COMPLETION)" "$(ZSH_COMPLETION)" "$(FISH_COMPLETION)" \
	  "$(SHARE)"/man/man1/ligase.1 "$(SHARE)"/man/man1/ligase-*.1
	rm -rf "$(SHARE)/doc/ligase"

# Warnings show only where something is compiled, so all our sources count as changed.
check: packages format sizes
	@find Sources Tests -name '*.swift' -exec touch {} +
	@mkdir -p .build
	swift build $(FLAGS) --build-tests 2>&1 | tee .build/check.log
	@! grep -E '(Sources|Tests)/.*warning:' .build/check.log
	swift test $(FLAGS) --disable-testable-imports

format:
	swift format lint --strict --recursive $(SWIFT_FILES)

sizes:
	@find Sources Tests Examples Benchmarks \( -name '*.swift' -o -name '*.[ch]' \) -not -path '*/.build/*' -print0 \
	  | xargs -0 wc -l | awk '$$2 != "total" && $$1 > 500 { print $$2 ": " $$1 " lines, at most 500"; bad = 1 } END { exit bad }'

# What is kept until the process ends is no leak.
sanitize: packages
	ASAN_OPTIONS=detect_leaks=0 swift test -c release --sanitize address --scratch-path .build/address -j $(JOBS)
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp swift test -c release --sanitize thread --scratch-path .build/thread -j $(JOBS)

fuzz: packages
	LIGASE_FUZZ_SECONDS=$(SECONDS) swift test $(FLAGS) --disable-testable-imports --filter FuzzTests

bench: packages
ifeq ($(PYTHON),)
	cd Benchmarks && swift run -c release -j $(JOBS) ligase-bench
else
	Benchmarks/compare.sh $(PYTHON)
endif

extension: packages
	TRAITS="$(TRAITS)" sh Tests/Extension/check.sh

# Members that the compiler writes for every type, such as !=, do not count. SwiftPM ends with an error where it finds no module
# of the tests, so what counts is that every library's graph is there.
SURFACE = .build/surface
LIBRARIES = Runtime Tensors Networks Genomics Formats Datasets Models
symbols: packages
	@rm -rf $(SURFACE)/*/symbolgraph $(SURFACE)/public
	@swift package --scratch-path $(SURFACE) dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
	  > $(SURFACE).log 2>&1 || true
	@mkdir -p $(SURFACE)/public
	@for name in $(LIBRARIES); do \
	  cp $(SURFACE)/*/symbolgraph/Ligase$$name.symbols.json $(SURFACE)/*/symbolgraph/Ligase$$name@*.json $(SURFACE)/public \
	    2> /dev/null || [ -e $(SURFACE)/public/Ligase$$name.symbols.json ]; done

surface: symbols
	@count=$$(cat $(SURFACE)/public/*.json | grep -o '"kind":{' | wc -l); \
	echo "$$count public symbols, at most 600"; [ "$$count" -le 600 ]

# docc is part of the tool chain, so that documentation needs no dependency. BASE=/path is where a web server will have the page.
docs: symbols
	@find $(addprefix Sources/Ligase,$(LIBRARIES)) -name '*.swift' | sort | xargs awk -f Tests/Documentation/examples.awk \
	  > $(SURFACE)/Examples.swift
	@swiftc -typecheck -swift-version 6 -suppress-warnings -I "$$(dirname $(SURFACE)/*/debug/Modules/.)" \
	  $(addprefix -I Sources/,COpenBLAS CZlib CLibdeflate) $$(pkg-config --cflags openblas 2> /dev/null) \
	  $$(printf ' -Xcc -fmodule-map-file=%s' $(SURFACE)/*/debug/CLigase*.build/module.modulemap) $(SURFACE)/Examples.swift
	@rm -rf .build/docs
	docc convert docs/Ligase.docc --additional-symbol-graph-dir $(SURFACE)/public --output-dir .build/docs \
	  --fallback-display-name Ligase --fallback-bundle-identifier ligase --warnings-as-errors $(if $(BASE),--hosting-base-path $(BASE))
	@echo "$$(grep -c '^func example' $(SURFACE)/Examples.swift) examples compile; look at the page with:"
	@echo "  python3 -m http.server --directory .build/docs 8000   # http://localhost:8000/documentation/ligase"

# Programs that import the library from a package of their own; what they write goes to .build/examples.
examples: packages
	@swift build --package-path Examples/Swift -j $(JOBS) -c release
	@rm -rf .build/examples && mkdir -p .build/examples && ln -s "$(CURDIR)/Fixtures" .build/examples/Fixtures
	@for name in Sequences DrugResponse OwnModule; do \
	  echo "--- $$name"; (cd .build/examples && "$(CURDIR)/Examples/Swift/.build/release/$$name"); done

# The virtual environment counts as there when it holds the versions named here.
WORKFLOW_PACKAGES = slurm-wlm munge python3-venv
WORKFLOW_TOOLS = .build/workflow-tools
SNAKEMAKE = snakemake==9.27.1 snakemake-executor-plugin-slurm==2.8.0
workflow-tools:
	@command -v dpkg-query > /dev/null || { echo "not Debian: install Slurm, MUNGE and Python's venv" >&2; exit 0; }; \
	$(call install,$(WORKFLOW_PACKAGES),--no-install-recommends)
	@[ "$$(cat $(WORKFLOW_TOOLS)/installed 2> /dev/null)" = "$(SNAKEMAKE)" ] || { \
	  rm -rf $(WORKFLOW_TOOLS) && $(or $(PYTHON),python3) -m venv $(WORKFLOW_TOOLS) \
	    && $(WORKFLOW_TOOLS)/bin/pip install -q $(SNAKEMAKE) && echo "$(SNAKEMAKE)" > $(WORKFLOW_TOOLS)/installed; }

workflows: command workflow-tools
	@as_root=; [ "$$(id -u)" = 0 ] || as_root="sudo --preserve-env=LIGASE,KEEP"; $$as_root Workflows/test.sh

# A table on standard output and in .build/figures.tsv; LIGASE_DATA names the data.
figures: command
	@$(or $(PYTHON),python3) Benchmarks/figures.py $(if $(LONG),--long) $(if $(ONLY),'$(ONLY)')

clean:
	rm -rf .build Benchmarks/.build Examples/Swift/.build
