#!/bin/sh
# Publish with Core Tools: publish.sh <function app>.
#
# After a deployment, func polls /admin/host/status for 90 s. If that is refused, it ends with status 1,
# although the code is deployed (https://github.com/Azure/azure-functions-core-tools/issues/4196). This script separates
# that case from a failed deployment; infra/probe.sh tests whether the app works.
set -eu

output=$(mktemp)
trap 'rm -f "$output"' EXIT
# A pipe has the exit status of its last command, so func's own status is passed in a file.
{ func azure functionapp publish "$1" --python --build remote 2>&1 || echo $? > "$output.status"; } | tee "$output"
[ -e "$output.status" ] || exit 0
status=$(cat "$output.status")
rm -f "$output.status"
if grep -q 'Deployment was successful but the app appears to be unhealthy' "$output"; then
    echo "The code is deployed; func could not read the host's status. Ask infra/probe.sh."
    exit 0
fi
exit "$status"
