using System;
using System.Collections.Generic;
using GetArrToken;
using UnityEngine;

/// <summary>The function's address and the user's sign-in. Make one with Assets > Create > GetArrToken Settings.</summary>
[CreateAssetMenu(menuName = "GetArrToken Settings", fileName = "ArrTokenSettings")]
public class ArrTokenSettings : ScriptableObject
{
    [Tooltip("The function's address. Default: the local stack.")]
    [SerializeField] private string endpoint = "http://localhost:7071/api/GetArrToken";

    [Tooltip("Development only: http to a machine on the LAN.")]
    [SerializeField] private bool allowInsecureHttp = false;

    [Tooltip("A text file in a Resources folder with the function key, without its ending. Keep it out of the repository. No file: no key.")]
    [SerializeField] private string functionKeyResource = "getarrtoken-key";

    [Tooltip("Application (client) id of the app's own registration (GetArrToken app), a public client.")]
    [SerializeField] private string clientId = "";

    [Tooltip("Directory (tenant) id.")]
    [SerializeField] private string tenantId = "";

    [Tooltip("Of the function's registration: api://<its client id>/access_as_user")]
    [SerializeField] private string scope = "";

    [Tooltip("Where ARR renders: the region nearest to the user.")]
    [SerializeField] private string remoteRenderingDomain = "westeurope.mixedreality.azure.com";

    // A value that was pasted often has a space or a line break at its end.
    public string ClientId => clientId.Trim();

    public string TenantId => tenantId.Trim();

    public string Scope => scope.Trim();

    public string RemoteRenderingDomain => remoteRenderingDomain.Trim();

    /// <exception cref="ArgumentException">A setting is not usable.</exception>
    /// <exception cref="UriFormatException">The endpoint is no address.</exception>
    public ArrTokenClient CreateClient(BearerTokenProvider signIn)
    {
        return new ArrTokenClient(new Uri(endpoint.Trim()), new ArrTokenClientOptions
        {
            FunctionKey = ReadFunctionKey(),
            AllowInsecureHttp = allowInsecureHttp,
            BearerToken = signIn,
        });
    }

    /// <summary>Yields the errors in the settings, for the inspector and the headset.</summary>
    public IEnumerable<string> Problems()
    {
        string problem = null;
        try
        {
            CreateClient(null).Dispose();
        }
        catch (Exception error) when (error is UriFormatException || error is ArgumentException)
        {
            problem = error.Message;
        }
        if (problem != null)
            yield return problem;
        if (ClientId == "" && TenantId == "" && Scope == "")
            yield break; // no sign-in
        if (!IsGuid(ClientId))
            yield return "Client Id is not the GUID of an app registration.";
        if (!IsGuid(TenantId))
            yield return "Tenant Id is not the GUID of a directory.";
        if (!Scope.StartsWith("api://", StringComparison.Ordinal) || !Scope.EndsWith("/access_as_user", StringComparison.Ordinal))
            yield return "Scope must be api://<client id of the function's registration>/access_as_user.";
        if (ClientId != "" && Scope.Contains(ClientId))
            yield return "Scope names the app's own registration. It must name the function's.";
    }

    private static bool IsGuid(string text)
    {
        return Guid.TryParse(text, out _);
    }

    // A resource and no StreamingAssets file: on Android (Quest), those are no files.
    private string ReadFunctionKey()
    {
        var file = Resources.Load<TextAsset>(functionKeyResource.Trim());
        return file == null ? null : file.text.Trim();
    }
}
