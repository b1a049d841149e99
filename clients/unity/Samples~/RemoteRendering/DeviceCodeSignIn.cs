#if GETARRTOKEN_MSAL
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Identity.Client;
using UnityEngine;

/// <summary>Signs the user in with MSAL and a device code: the user types it on another device.</summary>
public class DeviceCodeSignIn : UserSignIn
{
    [Tooltip("Application (client) id of the app registration of this app: a public client.")]
    [SerializeField] private string clientId = "";

    [Tooltip("Directory (tenant) id.")]
    [SerializeField] private string tenantId = "";

    [Tooltip("Of the function app's own registration: api://<its client id>/access_as_user")]
    [SerializeField] private string scope = "";

    // MSAL holds the user's tokens in it, so it lives as long as this component.
    private IPublicClientApplication _application;

    public override async Task<string> GetTokenAsync(bool previousRejected, CancellationToken cancellationToken)
    {
        var scopes = new[] { scope };
        var account = (await _application.GetAccountsAsync()).FirstOrDefault();
        try
        {
            if (account != null)
                return (await _application.AcquireTokenSilent(scopes, account).ExecuteAsync(cancellationToken)).AccessToken;
        }
        catch (MsalUiRequiredException)
        {
            // The user has to sign in again.
        }
        try
        {
            var signingIn = _application.AcquireTokenWithDeviceCode(scopes, ShowInstructions);
            return (await signingIn.ExecuteAsync(cancellationToken)).AccessToken;
        }
        finally
        {
            Instructions = null;
        }
    }

    private void Awake()
    {
        _application = PublicClientApplicationBuilder.Create(clientId)
            .WithAuthority("https://login.microsoftonline.com/" + tenantId)
            .WithRedirectUri("https://login.microsoftonline.com/common/oauth2/nativeclient")
            .Build();
    }

    private Task ShowInstructions(DeviceCodeResult deviceCode)
    {
        Instructions = deviceCode.Message;
        return Task.CompletedTask;
    }
}
#endif
