using System;
using System.IO;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GetArrToken
{
    /// <summary>Foreign JSON as a JObject: nothing that IL2CPP's stripping could take away.</summary>
    internal static class Json
    {
        private const int Deepest = 16;
        private const char ByteOrderMark = '\uFEFF';

        /// <summary>Null where it is no JSON object.</summary>
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

        /// <summary>Null where it is no string.</summary>
        internal static string Text(JObject json, string name)
        {
            var value = json[name] as JValue;
            return value == null ? null : value.Value as string;
        }

        /// <summary>Null where it is no whole number from 0 to 2147483647.</summary>
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
