#!/usr/bin/env bash
# Puts the pinned release of keytrail on the runner, or takes one that is there. Output: binary.
# Runs on Linux, macOS (bash 3.2) and Windows (Git Bash).
set -euo pipefail

# Who builds the releases, wherever their archives come from.
repository=keytrail/keytrail

fail() {
    printf '::error title=keytrail::%s\n' "$1"
    exit 2
}

give() {
    printf 'binary=%s\n' "$1" >> "$GITHUB_OUTPUT"
}

if [ -n "$KEYTRAIL_ACTION_BINARY" ]; then
    cd "$KEYTRAIL_ACTION_DIRECTORY" || fail "the input \`working-directory\` names no folder"
    case "$KEYTRAIL_ACTION_BINARY" in
        */* | *\\*) found="$(cd "$(dirname "$KEYTRAIL_ACTION_BINARY")" 2> /dev/null && pwd)/$(basename "$KEYTRAIL_ACTION_BINARY")" || found= ;;
        *) found="$(command -v "$KEYTRAIL_ACTION_BINARY")" || found= ;;
    esac
    if [ -z "$found" ] || [ ! -x "$found" ]; then
        fail 'the input `binary` names no program'
    fi
    give "$found"
    exit 0
fi

version="${KEYTRAIL_ACTION_VERSION#v}"
if ! [[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]]; then
    fail 'the input `version` is no version: write it like 0.1.0'
fi

case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    Windows-*) target=x86_64-pc-windows-msvc ;;
    *) fail "there is no release for $RUNNER_OS on $RUNNER_ARCH: build keytrail and give the input \`binary\`" ;;
esac

folder="$RUNNER_TEMP/keytrail-$version"
archive="keytrail-$target.tar.gz"
from="${KEYTRAIL_ACTION_RELEASES%/}/v$version"
mkdir -p "$folder"
cd "$folder"
for file in "$archive" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --output "$file" "$from/$file" \
        || fail "cannot download $from/$file"
done

# One line of the list, of exactly this file: the name is compared as text.
expected="$(awk -v name="$archive" '{ sub(/^\*/, "", $2); if ($2 == name) print $1 }' SHA256SUMS)"
if command -v sha256sum > /dev/null; then
    actual="$(sha256sum "$archive")"
else
    actual="$(shasum -a 256 "$archive")"
fi
# A name with a backslash makes sha256sum begin its line with one.
actual="${actual#\\}"
if [ -z "$expected" ] || [ "${actual%% *}" != "$expected" ]; then
    fail "the checksum of $archive is not the one of the release: nothing of it was run"
fi

if command -v gh > /dev/null && [ -n "$GH_TOKEN" ]; then
    gh attestation verify "$archive" --repo "$repository" \
        --signer-workflow "$repository/.github/workflows/release.yml" --source-ref "refs/tags/v$version" > /dev/null \
        || fail "the attestation of $archive does not hold: nothing of it was run"
    echo "keytrail $version for $target: checksum and attestation hold"
else
    echo "keytrail $version for $target: the checksum holds; its attestation was not verified, as there is no gh here"
fi

tar -xzf "$archive"
case "$RUNNER_OS" in
    Windows) give "$folder/keytrail.exe" ;;
    *) give "$folder/keytrail" ;;
esac
