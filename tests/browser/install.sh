#!/usr/bin/env bash
# A browser for tests/browser: the one that is here, Debian's, or playwright's own build. Without any of them
# the tests skip, and this script says why.
set -uo pipefail
python="${1:-python3}"

here() { "$python" "$(dirname "$0")/chromium.py"; }

if here >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian's chromium for the browser tests (once) ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null
else
    echo "Installing playwright's chromium for the browser tests (once) ..."
    "$python" -m playwright install chromium
fi
if ! here; then
    echo "NO BROWSER: the tests in tests/browser will be skipped. Install chromium by hand, then try again."
fi
exit 0
