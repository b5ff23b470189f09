#!/bin/sh
# Makes a checkout ready to run: dependencies as the lock file says, Node 24, built packages.
# Does nothing, in a few milliseconds, when everything is there. Usage: tools/setup/ensure.sh [build]
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"

fail() {
  printf 'airfleet: %s\n' "$1" >&2
  exit 1
}

# One process at a time installs or builds; a second one waits for it. mkdir is atomic everywhere.
lock=".cache/setup.lock"
locked=""
acquire() {
  mkdir -p .cache
  waited=0
  while ! mkdir "$lock" 2>/dev/null; do
    holder=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      rm -rf "$lock"
      continue
    fi
    [ "$waited" -eq 0 ] && printf 'airfleet: waiting for another set-up (pid %s)\n' "${holder:-?}" >&2
    waited=$((waited + 1))
    [ "$waited" -gt 600 ] && fail "another set-up has held $lock for 10 minutes; remove it if no such process runs"
    sleep 1
  done
  echo $$ >"$lock/pid"
  locked=yes
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

stamp=node_modules/.airfleet-lock
installed() { [ -f "$stamp" ] && [ -x node_modules/.bin/node ] && cmp -s package-lock.json "$stamp"; }

if ! installed; then
  command -v node >/dev/null 2>&1 || fail "Node.js is not installed. Install Node 20 or newer (https://nodejs.org), then repeat."
  command -v npm >/dev/null 2>&1 || fail "npm is not installed. It comes with Node.js 20 or newer."
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node.js $(node --version) is too old. Install Node 20 or newer, then repeat."
  acquire
  if ! installed; then
    printf 'airfleet: installing dependencies (once, about a minute)\n' >&2
    # Not `npm ci`: it refuses a lock file without every platform's binaries of biome and oxlint, which registries that
    # carry a part of npm leave out. --no-save keeps the versions of the lock file and the file itself as they are; --include=dev because
    # Node itself is one of them, whatever NODE_ENV says.
    npm install --no-save --include=dev --no-audit --no-fund --loglevel=error >&2 || fail "npm install failed; see above. Is the npm registry reachable?"
    found=$(node_modules/.bin/node --version 2>/dev/null || true)
    case "$found" in
      v24.*) ;;
      *) fail "npm did not install Node 24 (found: ${found:-none}). Its install script may be blocked: npm config get ignore-scripts" ;;
    esac
    cp package-lock.json "$stamp"
  fi
fi

[ "${1:-}" = build ] || exit 0
built=packages/cli/dist/.airfleet-built
current() {
  [ -f "$built" ] && [ -z "$(find packages tsconfig.json tsconfig.base.json \
    \( -name node_modules -o -name dist -o -name test \) -prune -o -type f -newer "$built" -print 2>/dev/null | head -n 1)" ]
}
if ! current; then
  [ -n "$locked" ] || acquire
  if ! current; then
    printf 'airfleet: building\n' >&2
    started=$(mktemp .cache/build.XXXXXX)
    PATH="$root/node_modules/.bin:$PATH" tsc -b >&2 || { rm -f "$started"; fail "the build failed; see above"; }
    PATH="$root/node_modules/.bin:$PATH" npm run --silent build --workspace packages/web >&2 || { rm -f "$started"; fail "the interface does not build; see above"; }
    mv "$started" "$built"
  fi
fi
