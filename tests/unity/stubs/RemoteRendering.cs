// The shape of what the sample names of ARR's SDK and of its tutorial. They ship nowhere.
using System.Threading.Tasks;
using Microsoft.Azure.RemoteRendering;

namespace Microsoft.Azure.RemoteRendering
{
    public class SessionConfiguration
    {
        public string AccountDomain { get; set; }

        public string RemoteRenderingDomain { get; set; }

        public string AccountId { get; set; }

        public string AccessToken { get; set; }
    }
}

/// <summary>https://learn.microsoft.com/azure/remote-rendering/tutorials/unity/security/security</summary>
public class RemoteRenderingCoordinator
{
    public delegate Task<SessionConfiguration> AccountInfoGetter();

    public static AccountInfoGetter ARRCredentialGetter { private get; set; }
}
