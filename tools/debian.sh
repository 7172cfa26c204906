#!/bin/sh
# Install the Debian packages named, where that is possible: as root, with apt-get. Elsewhere do
# nothing and succeed; whatever needs them says so itself.
set -eu

command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || exit 0
missing=
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] && [ "$(id -u)" = 0 ] || exit 0

export DEBIAN_FRONTEND=noninteractive
install() {
    # shellcheck disable=SC2086  # a list of names
    apt-get install -y -q --no-install-recommends -o Acquire::Retries=2 -o Acquire::http::Timeout=30 \
        $missing </dev/null
}
install 2>/dev/null && exit 0
apt-get update -q </dev/null || true
install || echo "could not install$missing; going on without" >&2
