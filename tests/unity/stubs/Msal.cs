// Stubs for the parts of MSAL.NET that the sample uses, with a scripted user. They are not shipped.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.Identity.Client
{
    public interface IAccount
    {
    }

    public interface IPublicClientApplication
    {
        ITokenCache UserTokenCache { get; }

        Task<IEnumerable<IAccount>> GetAccountsAsync();

        Task RemoveAsync(IAccount account);

        SilentBuilder AcquireTokenSilent(IEnumerable<string> scopes, IAccount account);

        TokenRequestBuilder AcquireTokenWithDeviceCode(IEnumerable<string> scopes, Func<DeviceCodeResult, Task> callback);
    }

    public interface ITokenCache
    {
        void SetBeforeAccess(TokenCacheCallback beforeAccess);

        void SetAfterAccess(TokenCacheCallback afterAccess);
    }

    public interface ITokenCacheSerializer
    {
        byte[] SerializeMsalV3();

        void DeserializeMsalV3(byte[] msalV3State, bool shouldClearExistingCache = false);
    }

    public delegate void TokenCacheCallback(TokenCacheNotificationArgs args);

    public class TokenCacheNotificationArgs
    {
        public ITokenCacheSerializer TokenCache { get; set; }

        public bool HasStateChanged { get; set; }
    }

    public class AuthenticationResult
    {
        public string AccessToken { get; set; }
    }

    public class DeviceCodeResult
    {
        public string Message { get; set; }
    }

    public class MsalException : Exception
    {
        public bool IsRetryable { get; set; }
    }

    public class MsalUiRequiredException : MsalException
    {
    }

    public class TokenRequestBuilder
    {
        protected Func<Task<string>> Run;

        public TokenRequestBuilder(Func<Task<string>> run)
        {
            Run = run;
        }

        public async Task<AuthenticationResult> ExecuteAsync(CancellationToken cancellationToken)
        {
            return new AuthenticationResult { AccessToken = await Run() };
        }
    }

    public class SilentBuilder : TokenRequestBuilder
    {
        public SilentBuilder(Func<bool, string> run)
            : base(() => Task.FromResult(run(false)))
        {
            _run = run;
        }

        private readonly Func<bool, string> _run;

        public SilentBuilder WithForceRefresh(bool forceRefresh)
        {
            Run = () => Task.FromResult(_run(forceRefresh));
            return this;
        }
    }

    /// <summary>The user signs in once per device code; the account is kept in the cache.</summary>
    public class Msal : IPublicClientApplication, ITokenCache, ITokenCacheSerializer
    {
        public static Exception Fault { get; set; }

        public static string Created { get; set; }

        private TokenCacheCallback _beforeAccess;
        private TokenCacheCallback _afterAccess;
        private bool _hasAccount;
        private int _tokens;

        public ITokenCache UserTokenCache => this;

        public Task<IEnumerable<IAccount>> GetAccountsAsync()
        {
            _beforeAccess(new TokenCacheNotificationArgs { TokenCache = this });
            return Task.FromResult<IEnumerable<IAccount>>(_hasAccount ? new IAccount[] { new Account() } : new IAccount[0]);
        }

        public Task RemoveAsync(IAccount account)
        {
            SetAccount(false);
            return Task.FromResult(true);
        }

        public SilentBuilder AcquireTokenSilent(IEnumerable<string> scopes, IAccount account)
        {
            return new SilentBuilder(forceRefresh =>
            {
                if (Fault != null)
                    throw Fault;
                return "silent" + (forceRefresh ? "-refreshed" : "") + " " + scopes.Single();
            });
        }

        public TokenRequestBuilder AcquireTokenWithDeviceCode(IEnumerable<string> scopes, Func<DeviceCodeResult, Task> callback)
        {
            return new TokenRequestBuilder(async () =>
            {
                await callback(new DeviceCodeResult { Message = "Type the code ABC." });
                await UserTypes.Task;
                SetAccount(true);
                return "device-code-" + ++_tokens;
            });
        }

        public static TaskCompletionSource<bool> UserTypes { get; set; }

        public void SetBeforeAccess(TokenCacheCallback beforeAccess)
        {
            _beforeAccess = beforeAccess;
        }

        public void SetAfterAccess(TokenCacheCallback afterAccess)
        {
            _afterAccess = afterAccess;
        }

        public byte[] SerializeMsalV3()
        {
            return Encoding.UTF8.GetBytes(_hasAccount ? "account" : "nobody");
        }

        public void DeserializeMsalV3(byte[] msalV3State, bool shouldClearExistingCache = false)
        {
            _hasAccount = msalV3State != null && Encoding.UTF8.GetString(msalV3State) == "account";
        }

        private void SetAccount(bool hasAccount)
        {
            _hasAccount = hasAccount;
            _afterAccess(new TokenCacheNotificationArgs { TokenCache = this, HasStateChanged = true });
        }

        private sealed class Account : IAccount
        {
        }
    }

    public class PublicClientApplicationBuilder
    {
        private string _text;

        public static PublicClientApplicationBuilder Create(string clientId)
        {
            return new PublicClientApplicationBuilder { _text = clientId };
        }

        public PublicClientApplicationBuilder WithAuthority(string authorityUri)
        {
            _text += " " + authorityUri;
            return this;
        }

        public PublicClientApplicationBuilder WithRedirectUri(string redirectUri)
        {
            return this;
        }

        public IPublicClientApplication Build()
        {
            Msal.Created = _text;
            return new Msal();
        }
    }
}
