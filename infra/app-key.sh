#!/bin/sh
# Make a function key for the app's package, after the function is published. The key counts as public; sign-in protects.
# It is not in the template, because the host stores the key and each deployment would replace it for apps in use.
set -eu

set -- --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP_NAME" --function-name GetArrToken \
    ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} # azd's subscription; az may be set to another one
tries=6 # a minute: the host may list a new function late
until key_exists=$(az functionapp function keys list "$@" --query "contains(keys(@), 'unity-app')" --output tsv); do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
        echo "The host does not know the function GetArrToken: the deployment failed, or the host does not start." >&2
        exit 1
    fi
    sleep 10
done
if [ "$key_exists" = true ]; then
    echo "The function key unity-app exists; it stays as it is."
    exit 0
fi
az functionapp function keys set "$@" --key-name unity-app --output none
echo "The function key unity-app has been made."
