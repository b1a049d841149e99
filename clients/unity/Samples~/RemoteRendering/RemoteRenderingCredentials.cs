#if GETARRTOKEN_REMOTE_RENDERING
using System;
using System.Threading.Tasks;
using GetArrToken;
using Microsoft.Azure.RemoteRendering;
using Microsoft.Identity.Client;
using UnityEngine;

/// <summary>
/// For ARR's tutorial, in place of AADAuthentication, on the same object as RemoteRenderingCoordinator: its menus find the
/// BaseARRAuthentication there and show its instructions.
/// </summary>
[RequireComponent(typeof(ArrTokenSource))]
public class RemoteRenderingCredentials : BaseARRAuthentication
{
    // A session keeps the token it starts with: one for a working day, or the longest-lived one.
    private static readonly TimeSpan Session = TimeSpan.FromHours(8);

    private const int Unauthorized = 401;

    private ArrTokenSource _source;
    private ArrToken _token;
    private string _shownInstructions;

    public override event Action<string> AuthenticationInstructions;

    /// <summary>The coordinator awaits this outside of its try, so it must not throw: it returns default after a failure.</summary>
    public override async Task<SessionConfiguration> GetAARCredentials()
    {
        return await GetTokenAsync() ? Configuration() : default(SessionConfiguration);
    }

    /// <summary>Only AADAuthentication itself calls its TryLogin; here, ArrTokenSource signs in.</summary>
    public override Task<AuthenticationResult> TryLogin()
    {
        return Task.FromResult<AuthenticationResult>(null);
    }

    /// <summary>
    /// For the context of a failed call of ARR. If ARR rejected the token, returns a client with a new one: a client keeps the token
    /// that it was made with. Otherwise, or if no other token is available, returns null.
    /// </summary>
    public async Task<RemoteRenderingClient> RenewAsync(SessionGeneralContext context)
    {
        if (_token == null || (int)context.HttpResponseCode != Unauthorized)
            return null;
        _source.Tokens.Invalidate(_token);
        return await GetTokenAsync() ? new RemoteRenderingClient(Configuration()) : null;
    }

    private void Awake()
    {
        _source = GetComponent<ArrTokenSource>();
    }

    private void OnEnable()
    {
        RemoteRenderingCoordinator.ARRCredentialGetter = GetAARCredentials;
    }

    // The sign-in sets its instructions on any thread; the menu must be told on this one.
    private void Update()
    {
        var instructions = _source.SignIn == null ? null : _source.SignIn.Instructions;
        if (instructions != null && instructions != _shownInstructions)
            AuthenticationInstructions?.Invoke(instructions);
        _shownInstructions = instructions;
    }

    private async Task<bool> GetTokenAsync()
    {
        try
        {
            _token = await _source.GetTokenAsync(Session);
            return true;
        }
        catch (Exception error) when (
            error is ArrTokenException || error is OperationCanceledException || error is InvalidOperationException)
        {
            NotificationBar.Message(error.Message);
            return false;
        }
    }

    private SessionConfiguration Configuration()
    {
        return new SessionConfiguration
        {
            AccountDomain = _token.AccountDomain,
            RemoteRenderingDomain = _source.Settings.RemoteRenderingDomain,
            AccountId = _token.AccountId,
            AccessToken = _token.AccessToken,
        };
    }
}
#endif
