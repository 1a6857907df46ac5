using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Presets;

/// <summary>
/// A chat completion with what a preset says, merged as routing §3 has it: shallow, the request's member in the preset's place; tools are a union; the preset's
/// system prompt is the first message. The body must have been checked.
/// </summary>
public static class PresetMerge
{
    /// <summary>Merges; the result is a chat completion that is not checked yet.</summary>
    /// <param name="request">The request.</param>
    /// <param name="config">The preset's members.</param>
    /// <param name="systemPrompt">Its system prompt, or null.</param>
    /// <param name="model">The model the request names beside the preset; null where the preset's is meant.</param>
    public static ReadOnlyMemory<byte> Merge(CanonicalRequest request, ReadOnlySpan<byte> config, string? systemPrompt, string? model) =>
        Merge(WrittenTools.Restore(request), config, systemPrompt, model);

    internal static ReadOnlyMemory<byte> Merge(ReadOnlySpan<byte> body, ReadOnlySpan<byte> config, string? systemPrompt, string? model)
    {
        var merged = new ArrayBufferWriter<byte>(body.Length + config.Length + (systemPrompt?.Length ?? 0) + 128);
        var json = new JsonOutput(merged);
        json.BeginObject();
        var said = new HashSet<string>(StringComparer.Ordinal);
        var members = new JsonMembers(body);
        while (members.Next())
        {
            var name = Encoding.UTF8.GetString(members.Name);
            if (name is "preset" or "model" || (name is "tools" or "functions" or "messages" or "prompt" && members.Kind == JsonTokenType.Null))
                continue;
            said.Add(PresetMembers.Group(name));
            if (name is "tools" or "functions" && JsonMembers.Find(config, "tools"u8) is { IsEmpty: false } ours)
            {
                json.Name("tools"u8);
                ToolUnion.Write(ref json, ours, members.Value, areFunctions: name == "functions");
            }
            else if (systemPrompt is not null && name is "messages" or "prompt")
            {
                json.Name("messages"u8);
                WriteMessages(ref json, systemPrompt, members.Value, isPrompt: name == "prompt");
            }
            else
            {
                json.Member(members.Name, members.Value);
            }
        }

        if (model is not null)
        {
            // a model of the request's own takes the place of all the preset names.
            said.Add("model");
            said.Add("models");
            json.Name("model"u8);
            json.String(model);
        }

        var ofPreset = new JsonMembers(config);
        while (ofPreset.Next())
        {
            var name = Encoding.UTF8.GetString(ofPreset.Name);
            if (name is not (PresetMembers.CacheEnabled or PresetMembers.CacheTtl) && !said.Contains(PresetMembers.Group(name)))
                json.Member(ofPreset.Name, ofPreset.Value);
        }

        json.EndObject();
        json.Flush();
        return merged.WrittenMemory;
    }

    private static void WriteMessages(ref JsonOutput json, string systemPrompt, scoped ReadOnlySpan<byte> theirs, bool isPrompt)
    {
        json.BeginArray();
        json.BeginObject();
        json.Member("role"u8, "\"system\""u8);
        json.Name("content"u8);
        json.String(systemPrompt);
        json.EndObject();
        if (isPrompt)
        {
            json.BeginObject();
            json.Member("role"u8, "\"user\""u8);
            json.Member("content"u8, theirs);
            json.EndObject();
        }
        else
        {
            var each = new JsonElements(theirs);
            while (each.Next())
                json.Raw(each.Value);
        }

        json.EndArray();
    }
}
