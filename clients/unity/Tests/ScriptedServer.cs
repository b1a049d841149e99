using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken.Tests
{
    /// <summary>Sends the next scripted response to each request, over TCP.</summary>
    internal sealed class ScriptedServer : IDisposable
    {
        private const char TlsHandshake = (char)22;

        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly Queue<Action<Stream>> _script = new Queue<Action<Stream>>();
        private readonly List<string> _requests = new List<string>();
        private readonly ManualResetEvent _released = new ManualResetEvent(false);
        private volatile bool _stopped;

        internal ScriptedServer()
        {
            _listener.Start();
            Address = new Uri("http://127.0.0.1:" + ((IPEndPoint)_listener.LocalEndpoint).Port + "/api/GetArrToken");
            Task.Factory.StartNew(Accept, TaskCreationOptions.LongRunning);
        }

        internal Uri Address { get; }

        /// <summary>The heads of all requests so far.</summary>
        internal List<string> Requests
        {
            get
            {
                lock (_script)
                    return new List<string>(_requests);
            }
        }

        public void Dispose()
        {
            if (_stopped)
                return;
            _stopped = true;
            _released.Set();
            // On .NET, a thread that waits in AcceptTcpClient does not notice Stop.
            new TcpClient(Address.Host, Address.Port).Dispose();
            _listener.Stop();
        }

        internal void Will(Action<Stream> respond)
        {
            lock (_script)
                _script.Enqueue(respond);
        }

        internal void WillSend(string response)
        {
            Will(stream => Send(stream, response));
        }

        /// <summary>Ends all hangs.</summary>
        internal void Release()
        {
            _released.Set();
        }

        /// <summary>Sends this much, and the rest after Release.</summary>
        internal void WillHang(string before = "", string after = "")
        {
            Will(stream =>
            {
                Send(stream, before);
                _released.WaitOne(Patience);
                Send(stream, after);
            });
        }

        internal void WaitForRequests(int count)
        {
            lock (_script)
            {
                while (_requests.Count < count)
                {
                    if (!Monitor.Wait(_script, Patience))
                        throw new TimeoutException("The client made " + _requests.Count + " requests, not " + count + ".");
                }
            }
        }

        private static void Send(Stream stream, string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            stream.Write(bytes, 0, bytes.Length);
        }

        private void Accept()
        {
            while (!_stopped)
            {
                TcpClient client;
                try
                {
                    client = _listener.AcceptTcpClient();
                }
                catch (Exception error) when (error is SocketException || error is InvalidOperationException)
                {
                    return;
                }
                Task.Factory.StartNew(() => Respond(client), TaskCreationOptions.LongRunning);
            }
        }

        private void Respond(TcpClient client)
        {
            using (client)
            {
                try
                {
                    var stream = client.GetStream();
                    var head = ReadHead(stream);
                    if (head.Length > 0)
                        Next(head)(stream);
                }
                catch (IOException)
                {
                    // The client went away.
                }
            }
        }

        private Action<Stream> Next(string head)
        {
            lock (_script)
            {
                _requests.Add(head);
                Monitor.PulseAll(_script);
                return _script.Count > 0 ? _script.Dequeue() : stream => Send(stream, Responses.Plain(501));
            }
        }

        private static string ReadHead(Stream stream)
        {
            var head = new StringBuilder();
            int next;
            while (!head.ToString().EndsWith("\r\n\r\n") && (next = stream.ReadByte()) >= 0)
            {
                head.Append((char)next);
                if (head[0] == TlsHandshake)
                    break;
            }
            return head.ToString();
        }
    }
}
