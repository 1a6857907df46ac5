using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.Responses.Client;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// An answer as it was sent to a client, in any dialect, kept to be given again: the same bytes, chunk by chunk, with another id and time. What it cost and counted is
/// zero in it, and how it was routed and the comments of a stream are left out. Immutable.
/// </summary>
public sealed class KeptAnswer
{
    // Unix seconds until the year 2286.
    private const int TimeDigits = 10;

    private readonly byte[] body;
    private readonly int[] times;
    private readonly ClientDialect dialect;
    private readonly string generationId;

    private KeptAnswer(byte[] body, int[] times, ClientDialect dialect, string generationId) =>
        (this.body, this.times, this.dialect, this.generationId) = (body, times, dialect, generationId);

    /// <summary>Its size in bytes.</summary>
    public int Length => body.Length;

    /// <summary>Keeps an answer.</summary>
    /// <param name="sent">All that was sent of it.</param>
    /// <param name="isStream">As server-sent events.</param>
    /// <param name="dialect">The client's.</param>
    /// <param name="generationId">Its id.</param>
    public static KeptAnswer Of(ReadOnlySpan<byte> sent, bool isStream, ClientDialect dialect, string generationId)
    {
        var kept = new ArrayBufferWriter<byte>(Math.Max(sent.Length, 1));
        var places = new List<int>();
        if (isStream)
            EditStream(sent, kept, places);
        else
            Edit(sent, kept, places);
        return new KeptAnswer(kept.WrittenSpan.ToArray(), [.. places], dialect, generationId);
    }

    /// <summary>The answer as that of another generation.</summary>
    /// <param name="newId">Its id, as long as every id of ours.</param>
    /// <param name="created">Unix seconds.</param>
    public byte[] Again(string newId, long created)
    {
        var again = body.ToArray();
        foreach (var at in times)
            Utf8Formatter.TryFormat(created, again.AsSpan(at, TimeDigits), out _, new StandardFormat('D', TimeDigits));
        Replace(again, generationId, newId);
        if (dialect == ClientDialect.Responses)
            Replace(again, ResponsesClientDialect.ResponseId(generationId), ResponsesClientDialect.ResponseId(newId));
        return again;
    }

    private static void Replace(Span<byte> text, string old, string @new)
    {
        var (from, to) = (Encoding.ASCII.GetBytes(old), Encoding.ASCII.GetBytes(@new));
        if (from.Length != to.Length)
            throw new ArgumentException($"{@new} is not as long as {old}.", nameof(@new));
        for (int at; (at = text.IndexOf(from)) >= 0; text = text[(at + from.Length)..])
            to.CopyTo(text[at..]);
    }

    private static void EditStream(ReadOnlySpan<byte> events, ArrayBufferWriter<byte> kept, List<int> places)
    {
        while (!events.IsEmpty)
        {
            var end = events.IndexOf((byte)'\n');
            var line = end < 0 ? events : events[..(end + 1)];
            events = events[line.Length..];
            if (line[0] == (byte)':')
            {
                if (events.StartsWith("\n"u8))
                    events = events[1..];
            }
            else if (line.StartsWith("data: {"u8))
            {
                kept.Write("data: "u8);
                Edit(line["data: "u8.Length..], kept, places);
                kept.Write("\n"u8);
            }
            else
            {
                kept.Write(line);
            }
        }
    }

    private static void Edit(ReadOnlySpan<byte> answer, ArrayBufferWriter<byte> kept, List<int> places)
    {
        var json = new JsonOutput(kept);
        WriteObject(ref json, answer, kept.WrittenCount, places);
        json.Flush();
    }

    private static void WriteObject(ref JsonOutput json, scoped ReadOnlySpan<byte> answer, int start, List<int> places)
    {
        json.BeginObject();
        var members = new JsonMembers(answer);
        while (members.Next())
        {
            var name = members.Name;
            if (name.SequenceEqual("openrouter_metadata"u8))
                continue;
            json.Name(name);
            if (name.SequenceEqual("usage"u8))
                WriteZeros(ref json, members.Value);
            else if (members.Value[0] == (byte)'{' && (name.SequenceEqual("message"u8) || name.SequenceEqual("response"u8)))
                WriteObject(ref json, members.Value, start, places);
            else
                WriteValue(ref json, name, members.Value, start, places);
        }

        json.EndObject();
    }

    private static void WriteValue(ref JsonOutput json, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value, int start, List<int> places)
    {
        if (value.Length == TimeDigits && char.IsAsciiDigit((char)value[0])
            && (name.SequenceEqual("created"u8) || name.SequenceEqual("created_at"u8) || name.SequenceEqual("completed_at"u8)))
            places.Add(start + json.Length);
        json.Raw(value);
    }

    /// <summary>Writes a value with every number in it as 0.</summary>
    private static void WriteZeros(ref JsonOutput json, scoped ReadOnlySpan<byte> value)
    {
        switch (value[0])
        {
            case (byte)'{':
                json.BeginObject();
                var members = new JsonMembers(value);
                while (members.Next())
                {
                    json.Name(members.Name);
                    WriteZeros(ref json, members.Value);
                }

                json.EndObject();
                break;
            case (byte)'[':
                json.BeginArray();
                var elements = new JsonElements(value);
                while (elements.Next())
                    WriteZeros(ref json, elements.Value);
                json.EndArray();
                break;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                json.Raw("0"u8);
                break;
            default:
                json.Raw(value);
                break;
        }
    }
}
