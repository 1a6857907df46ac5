using System.Text;
using Fairlead.Simulator.Amazon;
using Fairlead.Simulator.Faults;

namespace Fairlead.Simulator.Replies;

/// <summary>Turns events into the bytes of a stream.</summary>
internal sealed class EventFramer(Framing framing, FaultPlan faults)
{
    private readonly string _line = faults.Crlf ? "\r\n" : "\n";
    private bool _started;

    public byte[] Frame(StreamEvent e, bool malformed, bool badUtf8)
    {
        var data = malformed ? e.Data[..(e.Data.Length / 2)] : badUtf8 ? WithBadByte(e.Data) : e.Data;
        if (framing == Framing.JsonArray)
        {
            var lead = _started ? ",\r\n" : "[";
            _started = true;
            return [.. Encoding.UTF8.GetBytes(lead), .. data];
        }

        if (framing == Framing.AwsEventStream)
        {
            return AwsMessage.Of(e.Name!, data);
        }

        if (framing == Framing.JsonLines)
        {
            // Nothing but lines fits here: an empty one is the only comment there is.
            return [.. Encoding.UTF8.GetBytes(faults.Comments ? _line : ""), .. data, .. Encoding.UTF8.GetBytes(_line)];
        }

        var head = new StringBuilder();
        if (faults.Comments)
        {
            head.Append(": keep-alive").Append(_line).Append(_line);
        }

        if (e.Name is not null)
        {
            head.Append("event:").Append(faults.NoSpace ? "" : " ").Append(e.Name).Append(_line);
        }

        head.Append("data:").Append(faults.NoSpace ? "" : " ");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. data, .. Encoding.UTF8.GetBytes(_line + _line)];
    }

    /// <summary>What closes the stream after its last event.</summary>
    public byte[] End() => framing == Framing.JsonArray ? _started ? "]"u8.ToArray() : "[]"u8.ToArray() : [];

    /// <summary>A byte that no UTF-8 text holds, inside the last string of the event.</summary>
    private static byte[] WithBadByte(byte[] data)
    {
        var at = Math.Max(0, Array.LastIndexOf(data, (byte)'"'));
        return [.. data[..at], 0xFF, .. data[at..]];
    }
}
