using System.Collections;
using System.Text;
using UnityEngine;

/// <summary>Shows the token's state and the last failure, for support to read; never the token.</summary>
[RequireComponent(typeof(ArrTokenSource))]
public class ArrTokenStatus : MonoBehaviour
{
    [Tooltip("Text in the scene, as a headset needs it. None: drawn over the window, as in the editor.")]
    [SerializeField] private TextMesh display = null;

    [Tooltip("A TextMesh does not wrap its lines.")]
    [SerializeField] private int charactersPerLine = 60;

    private ArrTokenSource _source;
    private string _text = "";

    public static string Wrap(string text, int charactersPerLine)
    {
        var wrapped = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            var length = 0;
            foreach (var word in line.Split(' '))
            {
                var isFirst = length == 0;
                var fits = length + 1 + word.Length <= charactersPerLine;
                if (!isFirst)
                    wrapped.Append(fits ? ' ' : '\n');
                length = isFirst || !fits ? word.Length : length + 1 + word.Length;
                wrapped.Append(word);
            }
            wrapped.Append('\n');
        }
        return wrapped.ToString().TrimEnd();
    }

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
                display.text = Wrap(_text, charactersPerLine);
            yield return new WaitForSecondsRealtime(0.5f);
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
        if (_source.SignIn != null && _source.SignIn.Instructions != null)
            state += "\n" + _source.SignIn.Instructions;
        return state;
    }
}
