using System.Net;
using System.Net.Sockets;

namespace ExposureMonitor;

/// <summary>Ports for servers that are started beside, and take a while until they listen.</summary>
internal static class FreePort
{
    /// <summary>
    /// The first of so many free ports in a row. They lie below those that the system hands to outgoing connections (32768 and up):
    /// any client could else take the port before the server does.
    /// </summary>
    internal static int Next(int count = 1)
    {
        while (true)
        {
            var first = Random.Shared.Next(11_000, 20_000);
            if (Enumerable.Range(first, count).All(IsFree)) return first;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
