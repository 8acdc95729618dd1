# The recipes of CMP Console. `make run` and `make test` need Go and make; browser tests also need Chromium.
GOFLAGS_APP := -tags nomsgpack
TOOL        := go tool -modfile=tools/go.mod
TORTURES    := ^Test(Killed|KilledAtACall|DiskFaults|DiskFaultsBeforeTheOutcome|LockedDatabase|TwoConsolesOnOneDatabase|CommandsBesideTheConsole|BackupsUnderLoad|OldCopies|AmbiguousAnswers|EveryTamperingIsFoundAndNamed|GuardsStopEveryFormOfChange|VerifyMissesNoGuard)$$

.PHONY: help run build test check generate bench fuzz torture screenshots

help: ## list the recipes
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## console and sandbox CMP on 127.0.0.1:8080, with demo users
	go run $(GOFLAGS_APP) . serve --demo

build: ## one static binary: bin/cmpconsole
	CGO_ENABLED=0 go build $(GOFLAGS_APP) -trimpath -ldflags '-s -w' -o bin/cmpconsole .

test: ## every test, browser tests included
	go test $(GOFLAGS_APP) -timeout 30m ./...

check: ## what must hold before a change lands
	$(TOOL) templ fmt -fail web >/dev/null
	$(TOOL) templ generate -check
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet $(GOFLAGS_APP) ./...
	$(TOOL) golangci-lint run --build-tags nomsgpack
	go test $(GOFLAGS_APP) -race -shuffle=on -timeout 60m ./...

generate: ## Go code from the .templ files
	$(TOOL) templ generate

bench: ## figures of this machine: audit appends beside the disk's own speed, verification beside the hash's, pages at 1 and 5 million rows, the mirror at up to a million devices
	go test $(GOFLAGS_APP) -run '^$$' -bench Append -benchtime 2s ./internal/audit
	go test $(GOFLAGS_APP) -run '^$$' -bench Log -benchtime 1x -timeout 1h ./internal/audit
	dir=$$(mktemp -d) && trap 'rm -r $$dir' EXIT && export MIRROR_DIR=$$dir && \
	go test $(GOFLAGS_APP) -run '^$$' -bench Mirror -benchtime 1x -timeout 1h ./internal/mirror && \
	go test $(GOFLAGS_APP) -run '^$$' -bench DevicesPage -benchtime 1x .

fuzz: ## every fuzz target for a minute each
	for file in $$(grep -rlE "^func Fuzz" internal); do for target in $$(grep -hoE "func Fuzz[A-Za-z]+" $$file | sed "s/func //"); do go test $(GOFLAGS_APP) ./$$(dirname $$file) -run "^$$" -fuzz "^$$target$$" -fuzztime 1m || exit 1; done; done

torture: ## the fault harness at length: kills, failing disks, lost answers, forged logs (CONTRIBUTING.md; some ten minutes)
	TORTURE=long go test $(GOFLAGS_APP) -race -count=1 -timeout 30m -v -run '^TestCrowd$$' .
	TORTURE=long go test $(GOFLAGS_APP) -count=1 -timeout 60m -v -run '$(TORTURES)' . ./internal/ops ./internal/audit

screenshots: ## the pictures of the README, in docs/screens
	SCREENSHOT_DIR=$(CURDIR)/docs/screens go test $(GOFLAGS_APP) -count=1 -run TestScreenshots .
