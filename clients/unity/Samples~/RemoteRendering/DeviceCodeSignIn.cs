#if GETARRTOKEN_MSAL
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Identity.Client;
using UnityEngine;

/// <summary>Signs the user in with MSAL and a device code, which the user types on another device.</summary>
[RequireComponent(typeof(ArrTokenSource))]
public class DeviceCodeSignIn : UserSignIn
{
    private IPublicClientApplication _application;

    private ArrTokenSettings Settings => GetComponent<ArrTokenSource>().Settings;

    // Built on first use, because MSAL reads its settings when it is built.
    private IPublicClientApplication Msal => _application ?? (_application = Build());

    public override async Task<string> GetTokenAsync(bool previousRejected, CancellationToken cancellationToken)
    {
        try
        {
            return await SilentTokenAsync(previousRejected, cancellationToken) ?? await DeviceCodeTokenAsync(cancellationToken);
        }
        catch (MsalException error) when (error.IsRetryable)
        {
            throw new HttpRequestException(error.Message, error);
        }
    }

    public override async Task SignOutAsync()
    {
        foreach (var account in await Msal.GetAccountsAsync())
            await Msal.RemoveAsync(account);
    }

    /// <summary>Returns null if the user has to sign in.</summary>
    private async Task<string> SilentTokenAsync(bool forceRefresh, CancellationToken cancellationToken)
    {
        var account = (await Msal.GetAccountsAsync()).FirstOrDefault();
        if (account == null)
            return null;
        try
        {
            var request = Msal.AcquireTokenSilent(new[] { Settings.Scope }, account).WithForceRefresh(forceRefresh);
            return (await request.ExecuteAsync(cancellationToken)).AccessToken;
        }
        catch (MsalUiRequiredException)
        {
            return null;
        }
    }

    private async Task<string> DeviceCodeTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var request = Msal.AcquireTokenWithDeviceCode(new[] { Settings.Scope }, ShowInstructions);
            return (await request.ExecuteAsync(cancellationToken)).AccessToken;
        }
        finally
        {
            Instructions = null;
        }
    }

    private IPublicClientApplication Build()
    {
        var application = PublicClientApplicationBuilder.Create(Settings.ClientId)
            .WithAuthority("https://login.microsoftonline.com/" + Settings.TenantId)
            .WithRedirectUri("https://login.microsoftonline.com/common/oauth2/nativeclient")
            .Build();
        MsalCacheFile.Attach(application.UserTokenCache);
        return application;
    }

    private Task ShowInstructions(DeviceCodeResult deviceCode)
    {
        Instructions = deviceCode.Message;
        return Task.CompletedTask;
    }
}
#endif
