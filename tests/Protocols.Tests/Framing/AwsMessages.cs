using System.Text;
using Amazon.Runtime.EventStreams;

namespace Fairlead.Protocols.Tests.Framing;

/// <summary>Messages of the binary event stream, made by the vendor's own library.</summary>
internal static class AwsMessages
{
    public static byte[] Event(string type, string payload) => Message("event", ":event-type", type, payload);

    public static byte[] Failure(string type, string payload) => Message("exception", ":exception-type", type, payload);

    private static byte[] Message(string kind, string typeHeader, string type, string payload) => new EventStreamMessage(
        [
            Header(typeHeader, h => h.SetString(type)), Header(":content-type", h => h.SetString("application/json")),
            Header(":message-type", h => h.SetString(kind)),
        ],
        Encoding.UTF8.GetBytes(payload)).ToByteArray();

    public static EventStreamHeader Header(string name, Action<EventStreamHeader> set)
    {
        var header = new EventStreamHeader(name);
        set(header);
        return header;
    }
}
