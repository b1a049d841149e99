// Stubs for the parts of ARR's SDK and tutorial that the sample uses. They are not shipped.
using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Microsoft.Azure.RemoteRendering;
using Microsoft.Identity.Client;
using UnityEngine;

namespace Microsoft.Azure.RemoteRendering
{
    public class SessionConfiguration
    {
        public string AccountDomain { get; set; }

        public string RemoteRenderingDomain { get; set; }

        public string AccountId { get; set; }

        public string AccessToken { get; set; }
    }

    public class SessionGeneralContext
    {
        public int HttpResponseCode { get; set; }
    }

    public class RemoteRenderingClient
    {
        public RemoteRenderingClient(SessionConfiguration configuration)
        {
            Configuration = configuration;
        }

        public SessionConfiguration Configuration { get; }
    }
}

/// <summary>https://learn.microsoft.com/azure/remote-rendering/tutorials/unity/security/security</summary>
public abstract class BaseARRAuthentication : MonoBehaviour
{
    public abstract event Action<string> AuthenticationInstructions;

    public abstract Task<SessionConfiguration> GetAARCredentials();

    public abstract Task<AuthenticationResult> TryLogin();
}

public class RemoteRenderingCoordinator
{
    public delegate Task<SessionConfiguration> AccountInfoGetter();

    /// <summary>The tutorial's getter is private.</summary>
    public static AccountInfoGetter ARRCredentialGetter { get; set; }
}

public static class NotificationBar
{
    public static List<string> Messages { get; } = new List<string>();

    public static void Message(string message)
    {
        Messages.Add(message);
    }
}
