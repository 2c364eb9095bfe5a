# BatchLab: `make run` measures three tasks; `make` alone lists all targets.

# A module that imports another without declaring it as a dependency in Package.swift is an error.
walls := --explicit-target-dependency-import-check error
test_build := $(walls) -c release -Xswiftc -enable-testing --scratch-path .build/test
sources := Environments Sources Tests Package.swift Benchmarks/Benchmarks Benchmarks/Package.swift

# Sets OPENBLAS_CORETYPE for a program that can't choose better kernels itself, if the given command
# did so: both then compute with the same ones.
same_kernels = env $$($(1) doctor --variables)

page_script := Sources/Report/Resources/page.js

# The compiler takes only the last list of sanitizers, and `swift build` passes one at a time: without
# the list of both, no code counts its coverage.
fuzz_build := $(walls) --package-path Tests/Fuzzing --scratch-path .build/fuzz -c release \
  --sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing
# Seconds that `make fuzz` spends on each reader.
SECONDS ?= 600

.PHONY: help run ladder build test soak test-readers test-documents test-browser test-slurm \
  test-threads fuzz fuzz-seeds docs bench bench-kernels bench-kernels-check lint format clean \
  libraries chromium slurm

help:
	@echo "make run                  build, measure the study of Results/quick.yaml, write its page"
	@echo "make ladder               measure the reference studies again (an hour or more), compare digests"
	@echo "make build                build .build/release/batchlab"
	@echo "make test                 run the tests"
	@echo "make soak                 the long tests: kill and damage studies hundreds of times, minutes"
	@echo "make test-readers         read archives, event files and policies with other tools"
	@echo "make test-documents       run every command and snippet of the documentation"
	@echo "make test-browser         open report pages in Chromium and use them"
	@echo "make fuzz SECONDS=600     feed broken input to the readers of archives and plans"
	@echo "make fuzz-seeds           rewrite the inputs from which fuzzing starts"
	@echo "make docs                 rewrite the list of settings in docs/plans.md"
	@echo "make test-slurm           run a sweep under a real Slurm, in a temporary folder"
	@echo "make test-threads         run a sweep on several threads under the thread sanitizer"
	@echo "make bench                measure how fast tasks and learner are on this machine"
	@echo "make bench-kernels        time the inner loops of training, one by one"
	@echo "make bench-kernels-check  compare their objects and references with the committed counts"
	@echo "make lint                 check the formatting of the sources"
	@echo "make format               format the sources"
	@echo "make clean                remove everything that was built; results stay"

# Resumes if it was interrupted; a finished study is only printed.
run: build
	@.build/release/batchlab sweep Results/quick.yaml
	@.build/release/batchlab report Results/quick

# Measures the reference studies from their plans in Results/again and compares them with the
# committed ones. Resumes if it was interrupted.
ladder: build
	@set -e; for study in ladder ladder-ppo; do \
	  .build/release/batchlab sweep Results/$$study.yaml --output Results/again/$$study; \
	  .build/release/batchlab report Results/again/$$study; \
	done; \
	others=0; for study in ladder ladder-ppo; do \
	  committed=$$(.build/release/batchlab archive verify Results/$$study); \
	  again=$$(.build/release/batchlab archive verify Results/again/$$study); \
	  if test "$${committed##*digest }" = "$${again##*digest }"; then \
	    echo "Results/again/$$study has the digest of Results/$$study"; \
	  else echo "differs from Results/$$study: $$again" >&2; others=1; fi; \
	done; exit $$others

# Rows name the revision of the sources, with -dirty if they were changed. It is fixed here, when the
# command is built; outside a checkout of its own it is unknown.
build: export BATCHLAB_REVISION = $(shell test -e .git \
  && git describe --always --dirty --abbrev=12 2> /dev/null)
build: libraries
	@swift build $(walls) -c release --product batchlab

test: libraries
	@swift build $(test_build) --build-tests
	@$(call same_kernels,.build/test/release/batchlab) swift test $(test_build) --skip-build

# All tests, those that have a long variant in that variant.
soak: export BATCHLAB_SOAK = 1
soak: test

# Uses a temporary Python environment; needs python3 with venv, and a network. PyTorch comes from
# its own index, without its packages for graphics cards. If that index can't be reached,
# PIP_FIND_LINKS may name a folder with such a wheel.
test-readers: build
	@environment=$$(mktemp -d); trap 'rm -rf "$$environment"' EXIT; \
	python3 -m venv "$$environment" && \
	"$$environment/bin/pip" install -q --disable-pip-version-check \
	  pandas zstandard duckdb polars pyarrow && \
	"$$environment/bin/python" Tests/Readers/check-readers.py && \
	"$$environment/bin/pip" install -q --disable-pip-version-check --no-deps --retries 1 \
	  --index-url https://download.pytorch.org/whl/cpu torch && \
	"$$environment/bin/pip" install -q --disable-pip-version-check \
	  tensorboard safetensors numpy filelock typing-extensions sympy networkx jinja2 fsspec && \
	"$$environment/bin/python" Tests/Readers/check-doors.py

# Runs every command and snippet of README.md and docs, and builds the task of
# docs/adding-a-task.md. Takes minutes. For links alone:
#     python3 Tests/Documents/run-documents.py --links
test-documents: build
	@environment=$$(mktemp -d); trap 'rm -rf "$$environment"' EXIT; \
	python3 -m venv "$$environment" && \
	"$$environment/bin/pip" install -q --disable-pip-version-check --no-deps --retries 1 \
	  --index-url https://download.pytorch.org/whl/cpu torch && \
	"$$environment/bin/pip" install -q --disable-pip-version-check pandas zstandard duckdb polars \
	  pyarrow safetensors filelock typing-extensions sympy networkx jinja2 fsspec && \
	"$$environment/bin/python" Tests/Documents/run-documents.py

# Between its two comments, docs/plans.md has what `batchlab settings` prints.
docs: build
	@table=$$(mktemp); trap 'rm -f "$$table"' EXIT; .build/release/batchlab settings > "$$table" && \
	sed -i -e '/^<!-- settings: /,/^<!-- end of settings -->/{//!d}' \
	  -e "/^<!-- settings: /r $$table" docs/plans.md

# Tests the page of a one-minute sweep, in a folder whose name has a dot, and one of 5,000 trials.
# SCREENSHOTS=folder saves pictures.
test-browser: build chromium
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	.build/release/batchlab sweep Tests/Browser/plan.yaml --output "$$folder/study.1" \
	  > /dev/null 2> "$$folder/log" || { cat "$$folder/log" >&2; exit 1; }; \
	.build/release/batchlab report "$$folder/study.1" --figures "$$folder/figures" && \
	python3 Tests/Browser/test-page.py "$$folder/study.1/report.html" --tasks \
	  --figures "$$folder/figures" \
	  $(if $(SCREENSHOTS),--screenshots "$(SCREENSHOTS)") && \
	.build/release/batchlab report "$$folder/study.1" "$$folder/study.1" \
	  --output "$$folder/two.html" && \
	python3 Tests/Browser/test-page.py "$$folder/two.html" --tasks --twice && \
	BATCHLAB_LARGE_PAGE="$$folder/large.html" swift test $(test_build) \
	  --filter ReportTests.PageTests && \
	python3 Tests/Browser/test-page.py "$$folder/large.html" --tasks

# Inputs that crash a reader are kept in .build/fuzz/found, the corpus in .build/fuzz/corpus. A
# reader may allocate one frame of the maximum size, 256 MiB, and little more.
fuzz: libraries
	@swift build $(fuzz_build)
	@for fuzzer in ArchiveFuzzer PlanFuzzer; do \
	  corpus=.build/fuzz/corpus/$$fuzzer; found=.build/fuzz/found/$$fuzzer; \
	  mkdir -p $$corpus $$found; \
	  ASAN_OPTIONS=detect_leaks=0:malloc_context_size=1:quarantine_size_mb=4 \
	  .build/fuzz/release/$$fuzzer $$corpus Tests/Fuzzing/Seeds/$$fuzzer \
	    -dict=Tests/Fuzzing/Seeds/$$fuzzer.dictionary -max_total_time=$(SECONDS) \
	    -max_len=16384 -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=300 \
	    -artifact_prefix=$$found/ -print_final_stats=1 || exit 1; \
	done

fuzz-seeds: build
	@python3 Tests/Fuzzing/make-seeds.py

test-slurm: build slurm
	@Tests/Slurm/test.sh .build/release/batchlab

# Builds the command with the thread sanitizer and runs a sweep on several threads.
test-threads: libraries
	@swift build $(walls) -c release --sanitize=thread --scratch-path .build/threads \
	  --product batchlab && Tests/Threads/test.sh .build/threads/release/batchlab

# Measures times and counts the bytes that an update allocates.
bench: build
	@swift build $(walls) -c release --product AllocationCounter
	@LD_PRELOAD=$(CURDIR)/.build/release/libAllocationCounter.so .build/release/batchlab bench

bench-kernels: build
	@cd Benchmarks && $(call same_kernels,../.build/release/batchlab) \
	  swift package $(walls) benchmark --no-progress --grouping metric

# Compares the objects created and references counted by each loop with Benchmarks/Thresholds. It
# fails if most calls have more or fewer. Times are not checked: they vary by a third from run to
# run. After a new toolchain, a new loop or an intended change, record the thresholds again:
#     cd Benchmarks && swift package --allow-writing-to-package-directory benchmark \
#       thresholds update --metric objectAllocCount --metric retainCount
bench-kernels-check: libraries
	@cd Benchmarks && swift package $(walls) benchmark thresholds check --metric objectAllocCount \
	  --metric retainCount --no-progress

lint:
	@swift format lint --strict -r $(sources)
	@if command -v node > /dev/null; then node --check $(page_script); \
	else echo "$(page_script) was not checked: that needs node"; fi

format:
	@swift format -i -r $(sources)

clean:
	@rm -rf .build Benchmarks/.build

# Installs the packages in the shell variable `missing`, and stops if it has no permission to. $(1)
# says what needs them.
define install_missing
test -n "$$missing" || exit 0; \
as_root=; \
if test "$$(id -u)" != 0; then as_root="sudo -n"; fi; \
if ! command -v apt-get > /dev/null || { test -n "$$as_root" && ! sudo -n true 2> /dev/null; }; \
then \
  echo "$(1): install the packages" $$missing "as root, then run make again" >&2; exit 1; \
fi; \
echo "installing" $$missing; \
{ $$as_root apt-get update -qq && \
  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends $$missing; } < /dev/null > /dev/null \
|| { echo "apt-get could not install" $$missing "(see above)" >&2; exit 1; }
endef

# Installs OpenBLAS and zstd with their headers if they are missing, and nothing else.
libraries:
	@command -v swift > /dev/null || { \
	  echo "BatchLab needs Swift 6.3 or later, see https://www.swift.org/install/linux" >&2; exit 1; }
	@missing=; \
	find -L /usr/include /usr/local/include -maxdepth 2 -name cblas.h 2> /dev/null \
	  | grep -q . || missing=libopenblas-dev; \
	find -L /usr/lib /usr/lib64 /usr/local/lib -maxdepth 2 -name libopenblas.so 2> /dev/null \
	  | grep -q . || missing=libopenblas-dev; \
	find -L /usr/include /usr/local/include -maxdepth 2 -name zstd.h 2> /dev/null \
	  | grep -q . || missing="$$missing libzstd-dev"; \
	$(call install_missing,BatchLab needs OpenBLAS and zstd with their headers)

# Installs Chromium if it is missing.
chromium:
	@missing=; \
	command -v chromium > /dev/null || command -v chromium-browser > /dev/null \
	  || command -v google-chrome > /dev/null || missing=chromium; \
	$(call install_missing,the test of pages needs Chromium)

# Installs Slurm and munge if they are missing; the test brings its own configuration.
slurm:
	@missing=; PATH=$$PATH:/usr/sbin; \
	command -v munged > /dev/null || missing=munge; \
	command -v slurmctld > /dev/null && command -v slurmd > /dev/null \
	  && command -v sbatch > /dev/null || missing="$$missing slurm-wlm"; \
	$(call install_missing,the test under Slurm needs Slurm and munge)
