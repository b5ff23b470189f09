# make run              Airfleet with a simulated demo fleet
# make run FLEET=real   Airfleet with a real Airflow 2.11, Airflow 3.3 and Dagster
# make test             everything that CI runs
# make check            format, lint, types, unused code, fast tests: under two minutes
# make soak             every fault its full number of times: hundreds of kills, hours
# make bench            each performance claim beside its baseline
# make clean            removes what was built and installed
.DEFAULT_GOAL := help
.PHONY: help run test check soak bench clean setup
NODE := node_modules/.bin/node --conditions=@airfleet/source
FLEET ?= demo

help:
	@sed -n 's/^# //p' Makefile

setup:
	@tools/setup/ensure.sh

run:
	@tools/setup/ensure.sh build
	@exec $(NODE) tools/demo/src/main.ts --fleet $(FLEET) $(ARGS)

test:
	@tools/setup/ensure.sh build
	@exec $(NODE) tools/gate/src/main.ts test

soak:
	@tools/setup/ensure.sh build
	@exec $(NODE) tools/gate/src/main.ts soak

check:
	@tools/setup/ensure.sh
	@exec $(NODE) tools/gate/src/main.ts check

bench:
	@tools/setup/ensure.sh build
	@exec $(NODE) bench/src/main.ts $(ARGS)

clean:
	@rm -rf packages/*/dist .cache/demo .cache/reports node_modules
	@echo "Removed builds and dependencies. Installed engines stay in .cache/engines; remove them with: rm -rf .cache"
