using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using GetArrToken;
using Microsoft.Azure.RemoteRendering;
using Microsoft.Identity.Client;
using NUnit.Framework;
using UnityEngine;

/// <summary>The sample, with stubs in place of Unity, MSAL and ARR's tutorial.</summary>
[TestFixture]
public class SampleTests
{
    private const string Client = "11111111-1111-1111-1111-111111111111";
    private const string Tenant = "22222222-2222-2222-2222-222222222222";
    private const string Scope = "api://33333333-3333-3333-3333-333333333333/access_as_user";

    private FakeTokens _tokens;
    private ArrTokenSettings _settings;
    private ArrTokenSource _source;
    private DeviceCodeSignIn _signIn;
    private RemoteRenderingCredentials _credentials;

    [SetUp]
    public void MakeObject()
    {
        NotificationBar.Messages.Clear();
        UnityEditor.EditorGUILayout.Shown.Clear();
        Resources.All.Clear();
        Application.persistentDataPath = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).FullName;
        Msal.Created = null;
        Msal.Fault = null;
        Msal.UserTypes = new TaskCompletionSource<bool>();
        _tokens = new FakeTokens();
        _settings = new ArrTokenSettings();
        _source = new ArrTokenSource { Tokens = _tokens };
        Set(_source, "settings", _settings);
        _signIn = new DeviceCodeSignIn { Siblings = { _source } };
        _source.Siblings.Add(_signIn);
        _credentials = new RemoteRenderingCredentials { Siblings = { _source } };
        foreach (var component in new object[] { _source, _credentials })
            Send(component, "Awake");
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(Application.persistentDataPath, true);
    }

    [Test]
    public void The_tutorials_coordinator_gets_a_configuration_with_a_token_for_a_working_day()
    {
        Send(_credentials, "OnEnable");
        var configuration = RemoteRenderingCoordinator.ARRCredentialGetter().Result;
        Assert.That(configuration.AccessToken, Is.EqualTo("t1"));
        Assert.That(configuration.AccountId, Is.EqualTo("account"));
        Assert.That(configuration.AccountDomain, Is.EqualTo("domain"));
        Assert.That(configuration.RemoteRenderingDomain, Is.EqualTo("westeurope.mixedreality.azure.com"));
        Assert.That(_tokens.Needed, Is.EqualTo(TimeSpan.FromHours(8)));
    }

    [Test]
    public void A_failure_shows_in_the_notification_bar_and_returns_default()
    {
        _tokens.Fault = new ArrTokenException("sts-unavailable", "Try again.");
        Assert.That(_credentials.GetAARCredentials().Result, Is.Null);
        Assert.That(NotificationBar.Messages, Is.EqualTo(new[] { "GetArrToken: sts-unavailable: Try again." }));
    }

    [Test]
    public void Wrong_settings_show_in_the_notification_bar()
    {
        _source.Tokens = null;
        Set(_settings, "endpoint", "http://elsewhere/api/GetArrToken");
        Send(_source, "Awake");
        Assert.That(_credentials.GetAARCredentials().Result, Is.Null);
        StringAssert.Contains("must be https", NotificationBar.Messages.Single());
        StringAssert.Contains("must be https", _source.Failure);
    }

    [Test]
    public void A_token_that_ARR_rejected_is_replaced_in_a_new_client()
    {
        _credentials.GetAARCredentials().Wait();
        var client = _credentials.RenewAsync(new SessionGeneralContext { HttpResponseCode = 401 }).Result;
        Assert.That(_tokens.Invalidated, Is.EqualTo(new[] { "t1" }));
        Assert.That(client.Configuration.AccessToken, Is.EqualTo("t2"));
    }

    [Test]
    public void After_another_error_of_ARR_the_token_stays()
    {
        _credentials.GetAARCredentials().Wait();
        Assert.That(_credentials.RenewAsync(new SessionGeneralContext { HttpResponseCode = 429 }).Result, Is.Null);
        Assert.That(_tokens.Invalidated, Is.Empty);
    }

    [Test]
    public void The_tutorials_menu_shows_the_device_code_once()
    {
        var shown = new List<string>();
        _credentials.AuthenticationInstructions += shown.Add;
        Send(_credentials, "Update");
        var signIn = _signIn.GetTokenAsync(false, CancellationToken.None);
        Send(_credentials, "Update");
        Send(_credentials, "Update");
        Assert.That(shown, Is.EqualTo(new[] { "Type the code ABC." }));
        Msal.UserTypes.SetResult(true);
        Assert.That(signIn.Result, Is.EqualTo("device-code-1"));
        Send(_credentials, "Update");
        Assert.That(shown.Count, Is.EqualTo(1));
        Assert.That(_signIn.Instructions, Is.Null);
    }

    [Test]
    public void MSAL_is_built_when_it_is_first_used_with_trimmed_ids()
    {
        Set(_settings, "clientId", " " + Client + "\n");
        Set(_settings, "tenantId", Tenant + " ");
        Set(_settings, "scope", Scope + " ");
        Assert.That(Msal.Created, Is.Null);
        SignIn();
        Assert.That(Msal.Created, Is.EqualTo(Client + " https://login.microsoftonline.com/" + Tenant));
        Assert.That(_signIn.GetTokenAsync(false, CancellationToken.None).Result, Is.EqualTo("silent " + Scope));
    }

    [Test]
    public void The_user_is_still_signed_in_when_the_app_starts_again()
    {
        SignIn();
        var restarted = new DeviceCodeSignIn { Siblings = { _source } };
        StringAssert.StartsWith("silent", restarted.GetTokenAsync(false, CancellationToken.None).Result);
        restarted.SignOutAsync().Wait();
        Assert.That(_signIn.GetTokenAsync(false, CancellationToken.None).Result, Is.EqualTo("device-code-2"));
    }

    [Test]
    public void After_App_Service_rejected_a_token_MSAL_does_not_take_it_from_its_cache()
    {
        SignIn();
        StringAssert.StartsWith("silent-refreshed", _signIn.GetTokenAsync(true, CancellationToken.None).Result);
    }

    [Test]
    public void A_failure_of_MSAL_that_a_retry_can_help_is_a_network_failure()
    {
        SignIn();
        Msal.Fault = new MsalException { IsRetryable = true };
        Assert.Throws<HttpRequestException>(() => Await(_signIn.GetTokenAsync(false, CancellationToken.None)));
        Msal.Fault = new MsalException();
        Assert.Throws<MsalException>(() => Await(_signIn.GetTokenAsync(false, CancellationToken.None)));
    }

    [Test]
    public void On_resume_the_sample_looks_again()
    {
        Send(_source, "OnApplicationPause", true);
        Assert.That(_tokens.Calls, Is.EqualTo(0));
        Send(_source, "OnApplicationPause", false);
        Assert.That(_tokens.Calls, Is.EqualTo(1));
    }

    [Test]
    public void The_last_failure_shows_while_retries_still_run()
    {
        _tokens.LastFailure = new ArrTokenException("connection-failed", "No such host is known.");
        Assert.That(_source.Failure, Is.EqualTo("GetArrToken: connection-failed: No such host is known."));
    }

    [TestCase("clientId", "GetArrToken app", "Client Id")]
    [TestCase("tenantId", "contoso", "Tenant Id")]
    [TestCase("scope", "access_as_user", "Scope must be")]
    [TestCase("scope", "api://" + Client + "/access_as_user", "the app's own")]
    [TestCase("endpoint", "GetArrToken", "URI")]
    [TestCase("endpoint", "https://app.azurewebsites.net/api/GetArrToken?code=the-key", "query")]
    public void The_inspector_says_what_is_wrong(string field, string value, string expected)
    {
        Set(_settings, "clientId", Client);
        Set(_settings, "tenantId", Tenant);
        Set(_settings, "scope", Scope);
        var inspector = new ArrTokenSettingsEditor { target = _settings };
        inspector.OnInspectorGUI();
        Assert.That(UnityEditor.EditorGUILayout.Shown, Is.Empty);
        Set(_settings, field, value);
        inspector.OnInspectorGUI();
        StringAssert.Contains(expected, UnityEditor.EditorGUILayout.Shown.Single());
        StringAssert.DoesNotContain("the-key", UnityEditor.EditorGUILayout.Shown.Single());
    }

    [Test]
    public void The_function_key_comes_from_a_resource()
    {
        Resources.All["getarrtoken-key"] = new TextAsset { text = "not a key\r\n" };
        StringAssert.Contains("FunctionKey", _settings.Problems().Single());
        Resources.All["getarrtoken-key"] = new TextAsset { text = "the-key\r\n" };
        Assert.That(_settings.Problems(), Is.Empty);
    }

    [TestCase("one two three", 7, "one two\nthree")]
    [TestCase("one\ntwo", 7, "one\ntwo")]
    [TestCase("extraordinary word", 5, "extraordinary\nword")]
    public void Text_in_the_headset_is_wrapped(string text, int charactersPerLine, string expected)
    {
        Assert.That(ArrTokenStatus.Wrap(text, charactersPerLine), Is.EqualTo(expected));
    }

    private void SignIn()
    {
        Msal.UserTypes.TrySetResult(true);
        Assert.That(_signIn.GetTokenAsync(false, CancellationToken.None).Result, Is.EqualTo("device-code-1"));
    }

    private static void Await(Task task)
    {
        task.GetAwaiter().GetResult();
    }

    /// <summary>As Unity calls a component's messages, private ones too.</summary>
    private static void Send(object component, string message, params object[] arguments)
    {
        component.GetType().GetMethod(message, BindingFlags.NonPublic | BindingFlags.Instance).Invoke(component, arguments);
    }

    /// <summary>As the inspector sets a serialized field.</summary>
    private static void Set(object component, string field, object value)
    {
        component.GetType().GetField(field, BindingFlags.NonPublic | BindingFlags.Instance).SetValue(component, value);
    }

    private sealed class FakeTokens : IArrTokenSource
    {
        internal List<string> Invalidated { get; } = new List<string>();

        internal int Calls { get; private set; }

        internal TimeSpan? Needed { get; private set; }

        internal Exception Fault { get; set; }

        public ArrTokenException LastFailure { get; set; }

        public Task<ArrToken> GetTokenAsync(TimeSpan? minValidity, CancellationToken cancellationToken)
        {
            Calls++;
            Needed = minValidity;
            if (Fault != null)
                throw Fault;
            return Task.FromResult(new ArrToken("t" + (Invalidated.Count + 1), TimeSpan.FromDays(1), "account", "domain"));
        }

        public void Invalidate(ArrToken token)
        {
            Invalidated.Add(token.AccessToken);
        }
    }
}
