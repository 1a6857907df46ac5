using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Plugins.WebSearch;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>One tool at work on one request. What goes wrong is told to the model, never to the caller (routing §16).</summary>
internal abstract class ServerTool(string type, int? mostUses)
{
    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The type it is asked for by.</summary>
    public string Type { get; } = type;

    /// <summary>How often it ran.</summary>
    public int Uses { get; private set; }

    /// <summary>What it did that costs; null where nothing did.</summary>
    public virtual PluginFee? Fee => null;

    /// <summary>What it found on the web, for citations.</summary>
    public virtual IReadOnlyList<SearchResult> Found => [];

    /// <summary>The result of a call, a JSON object.</summary>
    public async ValueTask<string> CallAsync(PluginCall call, string arguments)
    {
        if (Uses >= mostUses)
            return Error($"This tool may be used {mostUses} times for one request, and has been.");
        Uses++;
        try
        {
            using var document = JsonDocument.Parse(arguments.Length == 0 ? "{}" : arguments);
            return document.RootElement.ValueKind == JsonValueKind.Object ? await RunAsync(call, document.RootElement) : Error("The arguments must be an object.");
        }
        catch (JsonException)
        {
            return Error("The arguments are not valid JSON.");
        }
    }

    protected abstract ValueTask<string> RunAsync(PluginCall call, JsonElement arguments);

    /// <summary>A result that says why there is none.</summary>
    public static string Error(string why) => Json(writer => writer.WriteString("error"u8, why));

    protected static string? Text(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    protected static string Json(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output, Written))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
