# Make a function key for the app's package, after the function is published. The key counts as public; sign-in protects.
# It is not in the template, because the host stores the key and each deployment would replace it for apps in use.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # az's exit status is looked at

$function = @(
    '--resource-group', $env:AZURE_RESOURCE_GROUP,
    '--name', $env:AZURE_FUNCTION_APP_NAME,
    '--function-name', 'GetArrToken'
)
if ($env:AZURE_SUBSCRIPTION_ID) { $function += '--subscription', $env:AZURE_SUBSCRIPTION_ID } # azd's; az alone has one of its own
$tries = 6 # a minute: the host may not know at once what has just been published
while ($true) {
    $keyExists = az functionapp function keys list @function --query "contains(keys(@), 'unity-app')" --output tsv
    if ($LASTEXITCODE -eq 0) { break }
    $tries--
    if ($tries -eq 0) {
        [Console]::Error.WriteLine('The host does not know the function GetArrToken: the deployment failed, or the host does not start.')
        exit 1
    }
    Start-Sleep -Seconds 10
}
if ($keyExists -eq 'true') {
    'The function key unity-app exists; it stays as it is.'
    exit 0
}
az functionapp function keys set @function --key-name unity-app --output none
if ($LASTEXITCODE) { exit $LASTEXITCODE }
'The function key unity-app has been made.'
