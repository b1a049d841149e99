#if GETARRTOKEN_MSAL
using System;
using System.IO;
using Microsoft.Identity.Client;
using UnityEngine;

/// <summary>Keeps MSAL's cache in a file, so that the user is still signed in when the app starts again.</summary>
/// <remarks>
/// The file contains the user's refresh token. It lies in the app's own data folder, which other apps can't read on HoloLens and
/// Quest; on a desktop, every program of the user can.
/// </remarks>
public static class MsalCacheFile
{
    public static void Attach(ITokenCache cache)
    {
        // persistentDataPath may be read on the main thread only; MSAL calls back on others.
        var path = Path.Combine(Application.persistentDataPath, "getarrtoken-msal.bin");
        cache.SetBeforeAccess(access => access.TokenCache.DeserializeMsalV3(Read(path), shouldClearExistingCache: true));
        cache.SetAfterAccess(access =>
        {
            if (access.HasStateChanged)
                Write(path, access.TokenCache.SerializeMsalV3());
        });
    }

    /// <summary>Returns null if there is none: then the user signs in.</summary>
    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string path, byte[] content)
    {
        try
        {
            File.WriteAllBytes(path, content);
        }
        catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
        {
            Debug.LogWarning("The sign-in is not kept: " + error.Message);
        }
    }
}
#endif
