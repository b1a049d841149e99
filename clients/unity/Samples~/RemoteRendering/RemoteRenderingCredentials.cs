#if GETARRTOKEN_REMOTE_RENDERING
using System;
using System.Threading.Tasks;
using Microsoft.Azure.RemoteRendering;
using UnityEngine;

/// <summary>Gives ARR's tutorial its credentials: in place of its AADAuthentication component.</summary>
[RequireComponent(typeof(ArrTokenSource))]
public class RemoteRenderingCredentials : MonoBehaviour
{
    // A session does not change its token: it starts with one for a working day, or with the best there is.
    private static readonly TimeSpan Session = TimeSpan.FromHours(8);

    [Tooltip("Where the rendering runs: the region nearest to the user, say westeurope.mixedreality.azure.com.")]
    [SerializeField] private string remoteRenderingDomain = "westeurope.mixedreality.azure.com";

    private void OnEnable()
    {
        RemoteRenderingCoordinator.ARRCredentialGetter = GetSessionConfigurationAsync;
    }

    private async Task<SessionConfiguration> GetSessionConfigurationAsync()
    {
        var token = await GetComponent<ArrTokenSource>().GetTokenAsync(Session);
        return new SessionConfiguration
        {
            AccountDomain = token.AccountDomain,
            RemoteRenderingDomain = remoteRenderingDomain,
            AccountId = token.AccountId,
            AccessToken = token.AccessToken,
        };
    }
}
#endif
