# BatchLab: `make run` measures three tasks; `make` alone lists what there is.

test_build := -c release -Xswiftc -enable-testing --scratch-path .build/test
sources := Environments Sources Tests Package.swift Benchmarks/Benchmarks Benchmarks/Package.swift

fuzz_build := --package-path Tests/Fuzzing --scratch-path .build/fuzz -c release \
  --sanitize=fuzzer --sanitize=address -Xswiftc -enable-testing
# How long `make fuzz` feeds each of its readers.
SECONDS ?= 600

.PHONY: help run ladder build test soak test-readers test-documents test-browser test-slurm fuzz \
  fuzz-seeds bench bench-kernels bench-kernels-check lint format clean libraries chromium slurm

help:
	@echo "make run                  build, measure the study Results/quick.yaml, write its page"
	@echo "make ladder               measure the reference studies anew, an hour or more, and compare digests"
	@echo "make build                build .build/release/batchlab"
	@echo "make test                 run the tests"
	@echo "make soak                 kill, damage and simulate hundreds of times, for minutes"
	@echo "make test-readers         read archives, event files and policies with other tools"
	@echo "make test-documents       run every command and snippet of the documents"
	@echo "make test-browser         open pages of reports in Chromium and use them"
	@echo "make fuzz SECONDS=600     feed the readers of archives and plans with broken input"
	@echo "make fuzz-seeds           make the inputs anew that fuzzing starts from"
	@echo "make test-slurm           run a sweep under a real Slurm, in a folder of its own"
	@echo "make bench                measure how fast tasks and learner are on this machine"
	@echo "make bench-kernels        time the inner loops of training, one by one"
	@echo "make bench-kernels-check  count objects and references in them, against those committed"
	@echo "make lint                 check the form of the sources"
	@echo "make format               bring the sources into form"
	@echo "make clean                remove what was built; results stay"

# Goes on where it was interrupted; a finished study is only printed.
run: build
	@.build/release/batchlab sweep Results/quick.yaml
	@.build/release/batchlab report Results/quick

# The reference studies from their plans, beside the committed ones. Goes on where it was
# interrupted.
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
	  else echo "not the digest of Results/$$study: $$again" >&2; others=1; fi; \
	done; exit $$others

build: libraries
	@swift build -c release --product batchlab

test: libraries
	@swift test $(test_build)

# The tests that have a long variant, in it.
soak: libraries
	@BATCHLAB_SOAK=1 swift test $(test_build) \
	  --filter 'ChaosTests|RepairTests|ArchiveCommandTests|AnalysisTests'

# In an environment of its own, which is thrown away; needs python3 with venv, and a network.
# PyTorch comes from its own index, without what it needs for graphics cards; where that can't be
# reached, PIP_FIND_LINKS may name a folder with such a wheel.
test-readers: build
	@environment=$$(mktemp -d); trap 'rm -rf "$$environment"' EXIT; \
	python3 -m venv "$$environment" && \
	"$$environment/bin/pip" install -q --disable-pip-version-check \
	  pandas zstandard duckdb polars pyarrow && \
	"$$environment/bin/python" Tests/Readers/check-readers.py && \
	"$$environment/bin/pip" install -q --disable-pip-version-check --no-deps --retries 1 \
	  --index-url https://download.pytorch.org/whl/cpu torch && \
	"$$environment/bin/pip" install -q --disable-pip-version-check \
	  tensorboard safetensors filelock typing-extensions sympy networkx jinja2 fsspec && \
	"$$environment/bin/python" Tests/Readers/check-doors.py

# Every command and snippet of README.md and docs, and the task of docs/adding-a-task.md; minutes.
test-documents: build
	@environment=$$(mktemp -d); trap 'rm -rf "$$environment"' EXIT; \
	python3 -m venv "$$environment" && \
	"$$environment/bin/pip" install -q --disable-pip-version-check --no-deps --retries 1 \
	  --index-url https://download.pytorch.org/whl/cpu torch && \
	"$$environment/bin/pip" install -q --disable-pip-version-check pandas zstandard duckdb polars \
	  pyarrow safetensors filelock typing-extensions sympy networkx jinja2 fsspec && \
	"$$environment/bin/python" Tests/Documents/run-documents.py

# The page of a sweep that takes a minute, in a folder with a dot, and one of 5,000 trials.
# SCREENSHOTS=folder takes pictures.
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

# What is found stays in .build/fuzz/found, what was learned in .build/fuzz/corpus. A reader may
# hold a frame of the largest size, 256 MiB, and little beside it.
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

# Beside the time it counts what an update allocates.
bench: build
	@swift build -c release --product AllocationCounter
	@LD_PRELOAD=$(CURDIR)/.build/release/libAllocationCounter.so .build/release/batchlab bench

bench-kernels: libraries
	@cd Benchmarks && swift package benchmark --no-progress --grouping metric

# Objects made and references counted by each loop, against Benchmarks/Thresholds: more of them in
# most calls fail, and so do fewer. Times are not checked: they vary by a third from run to run. A
# new toolchain, a new loop or a change that is meant records anew:
#     cd Benchmarks && swift package --allow-writing-to-package-directory benchmark \
#       thresholds update --metric objectAllocCount --metric retainCount
bench-kernels-check: libraries
	@cd Benchmarks && swift package benchmark thresholds check --metric objectAllocCount \
	  --metric retainCount --no-progress

lint:
	@swift format lint --strict -r $(sources)

format:
	@swift format -i -r $(sources)

clean:
	@rm -rf .build Benchmarks/.build

# Installs the packages in the shell's variable `missing`, which $(1) needs; stops if it may not.
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

# Installs OpenBLAS and zstd with their headers where they are missing, and nothing else.
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

# Installs Chromium where it is missing.
chromium:
	@missing=; \
	command -v chromium > /dev/null || command -v chromium-browser > /dev/null \
	  || command -v google-chrome > /dev/null || missing=chromium; \
	$(call install_missing,the test of pages needs Chromium)

# Installs Slurm and munge where they are missing; the test configures its own.
slurm:
	@missing=; PATH=$$PATH:/usr/sbin; \
	command -v munged > /dev/null || missing=munge; \
	command -v slurmctld > /dev/null && command -v slurmd > /dev/null \
	  && command -v sbatch > /dev/null || missing="$$missing slurm-wlm"; \
	$(call install_missing,the test under Slurm needs Slurm and munge)
