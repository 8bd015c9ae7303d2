# Thin on purpose: everything happens in dev.py, which also works without make.
# Arguments go through ARGS:  make test ARGS="-k thread"    make run ARGS="--config team.toml"
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run demo test check bench bench-learn format

help:
	@$(PYTHON) dev.py --help

install run demo test check bench format:
	@$(PYTHON) dev.py $@ $(ARGS)

bench-learn:
	@$(PYTHON) dev.py $@ $(ARGS)
