using System.IO;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    internal static class Body
    {
        // A token's answer has less than 2 KiB; a captive portal's page must not fill a headset's memory.
        private const int LargestBytes = 64 * 1024;

        /// <exception cref="InvalidDataException">It is larger than that.</exception>
        internal static async Task<string> ReadAsync(HttpContent content, CancellationToken limit)
        {
            if (content.Headers.ContentLength > LargestBytes)
                throw new InvalidDataException();
            var buffer = new byte[LargestBytes + 1];
            var length = 0;
            var stream = await content.ReadAsStreamAsync().OrCancelled(limit).ConfigureAwait(false);
            while (length < buffer.Length)
            {
                var reading = stream.ReadAsync(buffer, length, buffer.Length - length, limit);
                var read = await reading.OrCancelled(limit).ConfigureAwait(false);
                if (read == 0)
                    break;
                length += read;
            }
            if (length > LargestBytes)
                throw new InvalidDataException();
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
