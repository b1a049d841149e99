using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

/// <summary>However the app signs its user in: DeviceCodeSignIn is one way.</summary>
public abstract class UserSignIn : MonoBehaviour
{
    private volatile string _instructions;

    /// <summary>What the user has to do now; null if nothing. May be set on any thread.</summary>
    public string Instructions
    {
        get => _instructions;
        protected set => _instructions = value;
    }

    /// <summary>See BearerTokenProvider. A failed network must be thrown as HttpRequestException: then it is retried.</summary>
    public abstract Task<string> GetTokenAsync(bool previousRejected, CancellationToken cancellationToken);

    public abstract Task SignOutAsync();
}
