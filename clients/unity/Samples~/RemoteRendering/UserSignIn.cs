using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

/// <summary>However the app signs its user in: DeviceCodeSignIn is one way.</summary>
public abstract class UserSignIn : MonoBehaviour
{
    /// <summary>What the user has to do now; null when nothing.</summary>
    public string Instructions { get; protected set; }

    /// <summary>Gives an access token for the function app.</summary>
    public abstract Task<string> GetTokenAsync(bool previousRejected, CancellationToken cancellationToken);
}
