using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Presets;

/// <summary>A request's chat body with the tools the gateway runs as the caller wrote them, not the functions that stand in their place.</summary>
internal static class WrittenTools
{
    public static ReadOnlySpan<byte> Restore(CanonicalRequest request)
    {
        if (request.ServerTools.Count == 0)
            return request.Body.Span;
        var body = new ArrayBufferWriter<byte>(request.Body.Length);
        var json = new JsonOutput(body);
        json.BeginObject();
        var members = new JsonMembers(request.Body.Span);
        while (members.Next())
        {
            if (!members.Name.SequenceEqual("tools"u8))
            {
                json.Member(members.Name, members.Value);
                continue;
            }

            json.Name("tools"u8);
            json.BeginArray();
            var tools = new JsonElements(members.Value);
            while (tools.Next())
                json.Raw(Written(request, tools.Value) is { } entry ? entry.Json.Span : tools.Value);
            json.EndArray();
        }

        json.EndObject();
        json.Flush();
        return body.WrittenSpan;
    }

    private static ServerToolEntry? Written(CanonicalRequest request, ReadOnlySpan<byte> tool)
    {
        var type = ServerTools.TypeOfFunction(JsonText.ToText(JsonMembers.FindString(JsonMembers.Find(tool, "function"u8), "name"u8)));
        return type is null ? null : request.ServerTools.FirstOrDefault(entry => entry.Type == type);
    }
}
