#!/bin/sh
# Ask a deployed function for a token as a caller would, and prove that sign-in is enforced. One line, exit status 0 or 1.
#
#   GET_ARR_TOKEN_URL  https://<app>.azurewebsites.net/api/GetArrToken
#   FUNCTION_KEY       the function key unity-app
#   ENTRA_TOKEN        a token of a user with the app role; without it, only sign-in is tested
#   SIGN_IN            false where App Service Authentication is off on purpose
set -eu

url=$GET_ARR_TOKEN_URL
response=$(mktemp -d)
trap 'rm -rf "$response"' EXIT
# {"auth_typ": "aad", "claims": [the role ArrUser, the host's own claim for administrators], …}: no part of the app may trust it.
forged=eyJhdXRoX3R5cCI6ImFhZCIsImNsYWltcyI6W3sidHlwIjoicm9sZXMiLCJ2YWwiOiJBcnJVc2VyIn0seyJ0eXAiOiJodHRwOi8vc2NoZW1hcy5taWNyb3NvZnQuY29tLzIwMTcvMDcvZnVuY3Rpb25zL2NsYWltcy9hdXRobGV2ZWwiLCJ2YWwiOiJBZG1pbiJ9XSwibmFtZV90eXAiOiJuYW1lIiwicm9sZV90eXAiOiJyb2xlcyJ9

fail() {
    echo "probe: failed: $1"
    exit 1
}

# Sends the headers on standard input: on the command line, any user of the machine could see the secrets in them.
# 90 s: a cold start, and the longest wait of a request, 61 s.
ask() {
    status=$(curl --silent --show-error --max-time 90 --header @- --dump-header "$response/headers" --output "$response/body" \
        --write-out '%{http_code}' "$1" 2> "$response/error") || fail "no response: $(head -n 1 "$response/error")"
    touch "$response/body" # curl writes no file for an empty body
}

text() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$response/body"; }
number() { sed -n "s/.*\"$1\": *\([0-9][0-9]*\).*/\1/p" "$response/body"; }
header() { tr -d '\r' < "$response/headers" | sed -n "s/^$1: *//Ip"; }

[ -n "$FUNCTION_KEY" ] || fail "FUNCTION_KEY is empty: a 401 for the missing key would look like one for the missing sign-in"

if [ "${SIGN_IN:-true}" != false ]; then
    ask "$url" <<EOF
x-functions-key: $FUNCTION_KEY
X-MS-CLIENT-PRINCIPAL: $forged
EOF
    code=$(text code)
    [ "$status" != 200 ] || fail "sign-in is not enforced: a forged principal got a token. Stop the app: az functionapp stop"
    [ -z "$code" ] || fail "sign-in is not enforced: App Service passed on a request without an Entra token ($status $code)"
    [ "$status" = 401 ] || fail "$status without a code: not the function's answer, but the platform's"
    ask "${url%/api/*}/admin/host/status" <<EOF
X-MS-CLIENT-PRINCIPAL: $forged
EOF
    [ "$status" != 200 ] || fail "a forged principal opened /admin/host/status. Stop the app: az functionapp stop"
    if [ -z "${ENTRA_TOKEN:-}" ]; then
        echo "probe: ok: sign-in is enforced; no token was asked for, because ENTRA_TOKEN is not set"
        exit 0
    fi
fi

ask "$url" <<EOF
x-functions-key: $FUNCTION_KEY
${ENTRA_TOKEN:+Authorization: Bearer $ENTRA_TOKEN}
EOF
if [ "$status" != 200 ]; then
    code=$(text code)
    [ -n "$code" ] || fail "$status without a code: not the function's answer, but the platform's"
    fail "$status $code (request $(header x-ms-request-id)): $(text detail)"
fi
seconds=$(number ExpiresIn)
ms_cv=$(text MsCv)
[ -n "$(text AccessToken)" ] || fail "200 without an AccessToken"
[ -n "$ms_cv" ] && [ "$ms_cv" = "$(header MS-CV)" ] || fail "the MS-CV of the header and of the body differ, or there is none"
[ "${seconds:-0}" -gt 0 ] || fail "the token has no ExpiresIn, or no life left"
echo "probe: ok: a token with $seconds s left, MS-CV $ms_cv"
