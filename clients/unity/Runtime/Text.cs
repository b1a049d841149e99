using System;
using System.Globalization;
using System.Text;

namespace GetArrToken
{
    internal static class Text
    {
        private const int LongestLine = 512;

        /// <summary>Makes foreign text safe for one line of a log, at most 512 characters. Null stays null.</summary>
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

        /// <summary>Whether it can be a header's value: one visible ASCII character or more.</summary>
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
