using Amazon.Runtime.EventStreams;

namespace Fairlead.Simulator.Amazon;

/// <summary>One message of an AWS event stream, made by the vendor's own library.</summary>
internal static class AwsMessage
{
    /// <param name="name">The type of the event; of an exception with <c>!</c> before it.</param>
    /// <param name="payload">JSON.</param>
    public static byte[] Of(string name, byte[] payload)
    {
        var isException = name.StartsWith('!');
        return new EventStreamMessage(
            [
                Header(isException ? ":exception-type" : ":event-type", name.TrimStart('!')),
                Header(":content-type", "application/json"),
                Header(":message-type", isException ? "exception" : "event"),
            ],
            payload).ToByteArray();
    }

    private static EventStreamHeader Header(string name, string value)
    {
        var header = new EventStreamHeader(name);
        header.SetString(value);
        return header;
    }
}
