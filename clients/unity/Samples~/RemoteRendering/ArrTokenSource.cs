using System;
using System.Collections;
using System.Threading.Tasks;
using GetArrToken;
using UnityEngine;

/// <summary>The app's one client of GetArrToken: other components ask it for tokens.</summary>
public class ArrTokenSource : MonoBehaviour
{
    // The client makes a request only when a token is due, so this costs nothing.
    private const float SecondsBetweenLooks = 60;

    [Tooltip("None: the local stack, without sign-in.")]
    [SerializeField] private ArrTokenSettings settings = null;

    private ArrTokenClient _ownClient;
    private string _misconfigured;

    /// <summary>For components that call ARR. A test of the app sets its own before Awake. Null if the settings are wrong.</summary>
    public IArrTokenSource Tokens { get; set; }

    public ArrTokenSettings Settings => settings;

    /// <summary>A component of the same object; null without one, as with the local stack.</summary>
    public UserSignIn SignIn { get; private set; }

    /// <summary>The last token; null before the first.</summary>
    public ArrToken Token { get; private set; }

    /// <summary>The wrong setting, or the last failed attempt, also while retries still run; null without a failure.</summary>
    public string Failure => _misconfigured ?? Tokens?.LastFailure?.Message;

    /// <exception cref="ArrTokenException">No token is available.</exception>
    /// <exception cref="InvalidOperationException">The settings are wrong.</exception>
    public async Task<ArrToken> GetTokenAsync(TimeSpan? minValidity = null)
    {
        if (Tokens == null)
            throw new InvalidOperationException(Failure);
        return Token = await Tokens.GetTokenAsync(minValidity);
    }

    private void Awake()
    {
        SignIn = GetComponent<UserSignIn>();
        if (settings == null)
            settings = ScriptableObject.CreateInstance<ArrTokenSettings>();
        if (Tokens != null)
            return;
        try
        {
            // On the main thread, where the sign-in then runs.
            Tokens = _ownClient = settings.CreateClient(SignIn == null ? (BearerTokenProvider)null : SignIn.GetTokenAsync);
        }
        catch (Exception error) when (error is UriFormatException || error is ArgumentException)
        {
            _misconfigured = "The GetArrToken settings are wrong: " + error.Message;
            Debug.LogWarning(_misconfigured);
        }
    }

    private IEnumerator Start()
    {
        while (Tokens != null)
        {
            Look();
            yield return new WaitForSecondsRealtime(SecondsBetweenLooks);
        }
    }

    // A headset that slept may wake up with an expired token.
    private void OnApplicationPause(bool isPaused)
    {
        if (!isPaused && Tokens != null)
            Look();
    }

    private void OnDestroy()
    {
        _ownClient?.Dispose();
    }

    private async void Look()
    {
        try
        {
            await GetTokenAsync();
        }
        catch (ArrTokenException failure)
        {
            Debug.LogWarning(failure.Message);
        }
        catch (OperationCanceledException)
        {
            // This component is being destroyed.
        }
        catch (ObjectDisposedException)
        {
            // It has been destroyed.
        }
    }
}
