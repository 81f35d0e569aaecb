# `make play` and `make test` do all the set-up on a fresh machine; a second run spends nothing on it.

PACKAGES = python3-venv libportaudio2 libgl1 libegl1 libgl1-mesa-dri libglib2.0-0 libxrandr2 libxinerama1 libxcursor1 libxi6 xvfb
READY = .venv/.ready

.PHONY: play test lint bench setup

play: $(READY)
	.venv/bin/livegan play

test: $(READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m pytest

lint: $(READY)
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: $(READY)
	.venv/bin/python bench/synthesis.py
	.venv/bin/python bench/mapping.py

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@if command -v dpkg >/dev/null; then \
	  missing=$$(for p in $(PACKAGES); do dpkg -s $$p 2>/dev/null | grep -q '^Status: install ok' || echo $$p; done); \
	  if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq $$missing; \
	    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then \
	      sudo apt-get update -qq && sudo apt-get install -y -qq $$missing; \
	    else echo "Please type this line, then make again:"; \
	      echo "  sudo apt-get install -y" $$missing; exit 1; fi; fi; fi
	@python=$$(for p in .venv/bin/python python3.12 python3.11 python3; do \
	    command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && \
	    command -v $$p && break; done); \
	  if [ -z "$$python" ]; then \
	    echo "livegan needs Python 3.11 or 3.12 (MediaPipe has no build for newer ones). Please type, then make again:"; \
	    echo "  sudo apt-get install -y python3.11 python3.11-venv"; exit 1; fi; \
	  [ -x .venv/bin/python ] || "$$python" -m venv .venv
	.venv/bin/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
