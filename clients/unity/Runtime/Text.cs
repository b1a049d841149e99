using System;
using System.Globalization;
using System.Text;

namespace GetArrToken
{
    internal static class Text
    {
        private const int LongestLine = 512;

        /// <summary>Foreign text, fit for one line of a log; null stays null.</summary>
        internal static string OneLine(string text)
        {
            if (text == null)
                return null;
            var line = new StringBuilder();
            foreach (var character in text)
            {
                if (line.Length == LongestLine)
                    break;
                var breaks = char.IsControl(character) || character == '\u2028' || character == '\u2029';
                line.Append(breaks ? ' ' : character);
            }
            return line.ToString();
        }

        internal static string Seconds(TimeSpan time)
        {
            return time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s";
        }

        /// <summary>At least one character, and each fit for a header's value.</summary>
        internal static bool IsVisibleAscii(string text)
        {
            foreach (var character in text)
            {
                if (character < '!' || character > '~')
                    return false;
            }
            return text.Length > 0;
        }
    }
}
