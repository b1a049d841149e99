using System;
using System.IO;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GetArrToken
{
    /// <summary>Reads foreign JSON as a JObject: no reflection, which IL2CPP's stripping would break.</summary>
    internal static class Json
    {
        private const int Deepest = 16;
        private const char ByteOrderMark = '\uFEFF';

        /// <summary>Returns null if it is not a JSON object.</summary>
        internal static JObject Read(string text)
        {
            try
            {
                using (var reader = new JsonTextReader(new StringReader(text.TrimStart(ByteOrderMark))))
                {
                    reader.DateParseHandling = DateParseHandling.None;
                    reader.MaxDepth = Deepest;
                    return JObject.Load(reader);
                }
            }
            catch (Exception error) when (error is JsonException || error is FormatException || error is OverflowException)
            {
                return null;
            }
        }

        /// <summary>Returns null if it is not a string.</summary>
        internal static string Text(JObject json, string name)
        {
            var value = json[name] as JValue;
            return value == null ? null : value.Value as string;
        }

        /// <summary>Returns null if it is not a whole number from 0 to 2147483647.</summary>
        internal static int? Number(JObject json, string name)
        {
            var value = json[name] as JValue;
            if (value == null || !(value.Value is long))
                return null;
            var number = (long)value.Value;
            return number < 0 || number > int.MaxValue ? (int?)null : (int)number;
        }
    }
}
