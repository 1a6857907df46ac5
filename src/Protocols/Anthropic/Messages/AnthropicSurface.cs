using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>What the clouds that serve Claude want otherwise than the vendor itself (providers contract §5.1).</summary>
internal static class AnthropicSurface
{
    // Flags each cloud takes; an unknown one is a 400 there.
    private static readonly string[] CloudBetas = ["interleaved-thinking-2025-05-14", "fine-grained-tool-streaming-2025-05-14"];

    /// <summary>The path of a target, with the model in it where the body does not name it.</summary>
    public static string PathFor(UpstreamTarget target, bool stream) => target.Host switch
    {
        CloudHost.Vertex => $"/models/{Uri.EscapeDataString(target.Model)}:{(stream ? "streamRawPredict" : "rawPredict")}",
        CloudHost.Bedrock => $"/model/{Uri.EscapeDataString(target.Model)}/{(stream ? "invoke-with-response-stream" : "invoke")}",
        _ => "/messages",
    };

    /// <summary>
    /// The body of a caller of this format can be sent with edits. Not to Bedrock where it asks for automatic caching, which has no member there: writing the request
    /// anew puts the mark on its last block.
    /// </summary>
    public static bool TakesAsItStands(CanonicalRequest request, UpstreamTarget target) =>
        target.Host != CloudHost.Bedrock || !request.HasOriginalMember("cache_control"u8);

    /// <summary>Members that need a beta flag the host does not take are refused there.</summary>
    public static bool Takes(UpstreamTarget target, string member) =>
        target.Host is CloudHost.None or CloudHost.Azure || member is not ("context_management" or "output_format");

    /// <summary>Writes what says which model, whether to stream, and which beta features.</summary>
    public static void WriteHead(Utf8JsonWriter writer, UpstreamTarget target, UpstreamCall call)
    {
        if (target.Host is CloudHost.None or CloudHost.Azure)
        {
            writer.WriteString("model"u8, target.Model);
        }
        else
        {
            writer.WriteString("anthropic_version"u8, target.Host == CloudHost.Vertex ? "vertex-2023-10-16"u8 : "bedrock-2023-05-31"u8);
            WriteBetas(writer, call.AnthropicBetas ?? []);
        }

        if (call.Stream && target.Host != CloudHost.Bedrock)
            writer.WriteBoolean("stream"u8, true);
    }

    private static void WriteBetas(Utf8JsonWriter writer, IReadOnlyList<string> asked)
    {
        var taken = asked.Where(CloudBetas.Contains).ToList();
        if (taken.Count == 0)
            return;
        writer.WriteStartArray("anthropic_beta"u8);
        foreach (var flag in taken)
            writer.WriteStringValue(flag);
        writer.WriteEndArray();
    }
}
