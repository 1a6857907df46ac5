using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>A call's name and arguments, put together from the fragments of a stream. The arguments are kept as they stand in JSON, and decoded when asked for.</summary>
internal sealed class KeptCall
{
    private readonly PooledBuffer escaped = new();
    private string name = "";
    private bool tooLong;

    /// <summary>The inside of a JSON string.</summary>
    public void SetName(ReadOnlySpan<byte> inside) => name = JsonText.ToText(inside);

    /// <summary>A piece of the arguments: the inside of a JSON string.</summary>
    public void AddEscaped(ReadOnlySpan<byte> inside)
    {
        tooLong |= escaped.Written.Length + inside.Length > AnswerCalls.LongestArguments;
        if (!tooLong)
            escaped.Append(inside);
    }

    /// <summary>Arguments that came as JSON and not as a string.</summary>
    public void AddText(ReadOnlySpan<byte> json) => AddEscaped(JsonEncoding(json));

    /// <summary>The call; null when its arguments are too long to be kept.</summary>
    public ToolCall? ToCall(string id) => tooLong ? null : new ToolCall(id, name, escaped.Written.IsEmpty ? "{}" : JsonText.ToText(escaped.Written));

    public void Release() => escaped.Release();

    private static byte[] JsonEncoding(ReadOnlySpan<byte> json) => System.Text.Json.JsonEncodedText.Encode(Encoding.UTF8.GetString(json)).EncodedUtf8Bytes.ToArray();
}
