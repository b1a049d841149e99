// The shape of what the sample names of MSAL.NET. They ship nowhere.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.Identity.Client
{
    public interface IAccount
    {
    }

    public interface IPublicClientApplication
    {
        Task<IEnumerable<IAccount>> GetAccountsAsync();

        TokenRequestBuilder AcquireTokenSilent(IEnumerable<string> scopes, IAccount account);

        TokenRequestBuilder AcquireTokenWithDeviceCode(IEnumerable<string> scopes, Func<DeviceCodeResult, Task> callback);
    }

    public class TokenRequestBuilder
    {
        public Task<AuthenticationResult> ExecuteAsync(CancellationToken cancellationToken)
        {
            throw new NotSupportedException();
        }
    }

    public class AuthenticationResult
    {
        public string AccessToken { get; }
    }

    public class DeviceCodeResult
    {
        public string Message { get; }
    }

    public class MsalUiRequiredException : Exception
    {
    }

    public class PublicClientApplicationBuilder
    {
        public static PublicClientApplicationBuilder Create(string clientId)
        {
            throw new NotSupportedException();
        }

        public PublicClientApplicationBuilder WithAuthority(string authorityUri)
        {
            return this;
        }

        public PublicClientApplicationBuilder WithRedirectUri(string redirectUri)
        {
            return this;
        }

        public IPublicClientApplication Build()
        {
            throw new NotSupportedException();
        }
    }
}
