using System;
using System.Collections;
using System.IO;
using System.Threading.Tasks;
using GetArrToken;
using UnityEngine;

/// <summary>The app's one client of GetArrToken: other components ask it for tokens.</summary>
public class ArrTokenSource : MonoBehaviour
{
    // The client asks the function only when a token is due, so this costs nothing.
    private const float SecondsBetweenLooks = 60;

    [Tooltip("The function's address; the local stack's as it comes.")]
    [SerializeField] private string endpoint = "http://localhost:7071/api/GetArrToken";

    [Tooltip("A file in StreamingAssets with the function key; kept out of scene and repository. No file: no key. "
        + "Not on Android, whose StreamingAssets are no files.")]
    [SerializeField] private string functionKeyFile = "getarrtoken.key";

    [Tooltip("Development only: http to a machine on the LAN.")]
    [SerializeField] private bool allowInsecureHttp = false;

    [Tooltip("Signs the user in; not needed with the local stack.")]
    [SerializeField] private UserSignIn signIn = null;

    private ArrTokenClient _client;

    /// <summary>The last token that was had; null before the first.</summary>
    public ArrToken Token { get; private set; }

    /// <summary>Why the last call had none, in one line for support, or what is set wrongly; null after a success.</summary>
    public string Failure { get; private set; }

    public string SignInInstructions
    {
        get { return signIn == null ? null : signIn.Instructions; }
    }

    /// <summary>For whoever calls ARR. A token that ARR refused goes to Refuse first.</summary>
    public async Task<ArrToken> GetTokenAsync(TimeSpan? minValidity = null)
    {
        if (_client == null)
            throw new InvalidOperationException(Failure);
        try
        {
            Token = await _client.GetTokenAsync(minValidity);
            Failure = null;
            return Token;
        }
        catch (ArrTokenException failure)
        {
            Failure = failure.Message;
            throw;
        }
    }

    public void Refuse(ArrToken token)
    {
        _client.Invalidate(token);
    }

    private void Awake()
    {
        var options = new ArrTokenClientOptions
        {
            FunctionKey = ReadFunctionKey(),
            AllowInsecureHttp = allowInsecureHttp,
        };
        if (signIn != null)
            options.BearerToken = signIn.GetTokenAsync;
        try
        {
            _client = new ArrTokenClient(new Uri(endpoint), options);
        }
        catch (Exception error) when (error is UriFormatException || error is ArgumentException)
        {
            Failure = "Arr Token Source is set wrongly: " + error.Message;
            Debug.LogWarning(Failure);
        }
    }

    private IEnumerator Start()
    {
        while (_client != null)
        {
            Look();
            yield return new WaitForSecondsRealtime(SecondsBetweenLooks);
        }
    }

    private void OnDestroy()
    {
        _client?.Dispose();
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
    }

    private string ReadFunctionKey()
    {
        var file = Path.Combine(Application.streamingAssetsPath, functionKeyFile);
        // Android has them within the app's archive.
        if (file.Contains("://"))
            Debug.LogWarning("StreamingAssets can't be read as files here: no function key is sent.");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}
