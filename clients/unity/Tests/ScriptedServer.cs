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
    /// <summary>Answers each request with the next of what a test wrote down, over real TCP.</summary>
    internal sealed class ScriptedServer : IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly Queue<Action<Stream>> _script = new Queue<Action<Stream>>();
        private readonly List<string> _requests = new List<string>();
        private readonly ManualResetEvent _released = new ManualResetEvent(false);

        internal ScriptedServer()
        {
            _listener.Start();
            Task.Factory.StartNew(Accept, TaskCreationOptions.LongRunning);
        }

        internal Uri Address
        {
            get { return new Uri("http://127.0.0.1:" + ((IPEndPoint)_listener.LocalEndpoint).Port + "/api/GetArrToken"); }
        }

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
            _released.Set();
            _listener.Stop();
        }

        internal void Will(Action<Stream> answer)
        {
            lock (_script)
                _script.Enqueue(answer);
        }

        internal void WillSend(string answer)
        {
            Will(stream => Send(stream, answer));
        }

        /// <summary>Lets what hangs go on.</summary>
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
            while (true)
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
                Task.Factory.StartNew(() => Answer(client), TaskCreationOptions.LongRunning);
            }
        }

        private void Answer(TcpClient client)
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
                return _script.Count > 0 ? _script.Dequeue() : stream => Send(stream, Answers.Plain(500));
            }
        }

        private static string ReadHead(Stream stream)
        {
            var head = new StringBuilder();
            int next;
            while (!head.ToString().EndsWith("\r\n\r\n") && (next = stream.ReadByte()) >= 0)
                head.Append((char)next);
            return head.ToString();
        }
    }
}
