#!/bin/sh
# Give the app's package a function key of its own, once the function is published. It counts as public; signing in decides.
# Not in the template: the key lives in the running host, and each deployment would replace it under the apps in use.
set -eu

set -- --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP_NAME" --function-name GetArrToken \
    ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} # azd's; az alone has one of its own
tries=6 # a minute: the host may not know at once what has just been published
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
