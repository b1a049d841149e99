using System.Collections;
using UnityEngine;

/// <summary>The token's state and MS-CV, for support to read; never the token.</summary>
[RequireComponent(typeof(ArrTokenSource))]
public class ArrTokenStatus : MonoBehaviour
{
    [Tooltip("Text in the scene, as a headset needs it. None: drawn over the window, as in the editor.")]
    [SerializeField] private TextMesh display = null;

    private ArrTokenSource _source;
    private string _text = "";

    private void Awake()
    {
        _source = GetComponent<ArrTokenSource>();
    }

    private IEnumerator Start()
    {
        while (true)
        {
            _text = Describe();
            if (display != null)
                display.text = _text;
            yield return new WaitForSecondsRealtime(1);
        }
    }

    private void OnGUI()
    {
        if (display == null)
            GUI.Label(new Rect(20, 20, Screen.width - 40, Screen.height - 40), _text);
    }

    private string Describe()
    {
        var state = _source.Token == null ? "No token yet." : _source.Token.ToString();
        if (_source.Failure != null)
            state += "\n" + _source.Failure;
        if (_source.SignInInstructions != null)
            state += "\n" + _source.SignInInstructions;
        return state;
    }
}
