#!/bin/sh
# Print a version's part of CHANGELOG.md: release-notes.sh 1.2.3. Exit status 1 where there is none.
set -eu

notes=$(awk -v version="$1" '/^## /{on = ($2 == version || $2 == "[" version "]"); next} on' "$(dirname "$0")/../CHANGELOG.md")
if [ -z "$notes" ]; then
    echo "CHANGELOG.md has no section '## $1'." >&2
    exit 1
fi
echo "$notes"
