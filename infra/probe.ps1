# Ask a deployed function for a token as a caller would, and prove that sign-in is enforced. One line, exit status 0 or 1.
#
#   $env:GET_ARR_TOKEN_URL  https://<app>.azurewebsites.net/api/GetArrToken
#   $env:FUNCTION_KEY       the function key unity-app
#   $env:ENTRA_TOKEN        a token of a user with the app role; without it, only sign-in is tested
#   $env:SIGN_IN            false where App Service Authentication is off on purpose
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$url = $env:GET_ARR_TOKEN_URL
$key = @{ 'x-functions-key' = $env:FUNCTION_KEY }
# {"auth_typ": "aad", "claims": [the role ArrUser, the host's own claim for administrators], …}: no part of the app may trust it.
$forged = @{ 'X-MS-CLIENT-PRINCIPAL' = 'eyJhdXRoX3R5cCI6ImFhZCIsImNsYWltcyI6W3sidHlwIjoicm9sZXMiLCJ2YWwiOiJBcnJVc2VyIn0seyJ0eXAiOiJodHRwOi8vc2NoZW1hcy5taWNyb3NvZnQuY29tLzIwMTcvMDcvZnVuY3Rpb25zL2NsYWltcy9hdXRobGV2ZWwiLCJ2YWwiOiJBZG1pbiJ9XSwibmFtZV90eXAiOiJuYW1lIiwicm9sZV90eXAiOiJyb2xlcyJ9' }

function Fail($reason) {
    "probe: failed: $reason"
    exit 1
}

# 90 s: a cold start, and the longest wait of a request, 61 s.
function Ask($address, $headers) {
    try {
        $response = Invoke-WebRequest $address -Headers $headers -SkipHttpErrorCheck -TimeoutSec 90 -MaximumRedirection 0
    } catch { Fail "no response: $($_.Exception.Message)" }
    $text = if ($response.Content -is [byte[]]) { [Text.Encoding]::UTF8.GetString($response.Content) } else { $response.Content }
    $body = try { $text | ConvertFrom-Json } catch { $null }
    @{ Status = $response.StatusCode; Headers = $response.Headers; Body = $body }
}

if (-not $env:FUNCTION_KEY) { Fail 'FUNCTION_KEY is empty: a 401 for the missing key would look like one for the missing sign-in' }

if ($env:SIGN_IN -ne 'false') {
    $response = Ask $url ($key + $forged)
    $code = $response.Body.code
    if ($response.Status -eq 200) { Fail 'sign-in is not enforced: a forged principal got a token. Stop the app: az functionapp stop' }
    if ($code) { Fail "sign-in is not enforced: App Service passed on a request without an Entra token ($($response.Status) $code)" }
    if ($response.Status -ne 401) { Fail "$($response.Status) without a code: not the function's answer, but the platform's" }
    $response = Ask ($url -replace '/api/[^/]*$', '/admin/host/status') $forged
    if ($response.Status -eq 200) { Fail 'a forged principal opened /admin/host/status. Stop the app: az functionapp stop' }
    if (-not $env:ENTRA_TOKEN) {
        'probe: ok: sign-in is enforced; no token was asked for, because ENTRA_TOKEN is not set'
        exit 0
    }
}

if ($env:ENTRA_TOKEN) { $key.Authorization = "Bearer $env:ENTRA_TOKEN" }
$response = Ask $url $key
$body = $response.Body
if ($response.Status -ne 200 -and -not $body.code) { Fail "$($response.Status) without a code: not the function's answer, but the platform's" }
if ($response.Status -ne 200) { Fail "$($response.Status) $($body.code) (request $($response.Headers.'x-ms-request-id')): $($body.detail)" }
if (-not $body.AccessToken) { Fail '200 without an AccessToken' }
if (-not $body.MsCv -or $body.MsCv -cne "$($response.Headers.'MS-CV')") { Fail 'the MS-CV of the header and of the body differ, or there is none' }
if (-not ($body.ExpiresIn -gt 0)) { Fail 'the token has no ExpiresIn, or no life left' }
"probe: ok: a token with $($body.ExpiresIn) s left, MS-CV $($body.MsCv)"
