using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

/// <summary>The app's sign-in; DeviceCodeSignIn is an example.</summary>
public abstract class UserSignIn : MonoBehaviour
{
    private volatile string _instructions;

    /// <summary>Instructions for the user; null if there are none. May be set on any thread.</summary>
    public string Instructions
    {
        get => _instructions;
        protected set => _instructions = value;
    }

    /// <summary>See BearerTokenProvider. A failed network must be thrown as HttpRequestException: then it is retried.</summary>
    public abstract Task<string> GetTokenAsync(bool previousRejected, CancellationToken cancellationToken);

    public abstract Task SignOutAsync();
}
