using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Presets;

/// <summary>
/// The tools of a preset and of a request together (routing §3): the preset's in their order, each as the request has it where it has one of the same identity,
/// then those only the request has.
/// </summary>
internal static class ToolUnion
{
    /// <summary>Writes the array.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="preset">The preset's <c>tools</c>.</param>
    /// <param name="request">The request's <c>tools</c> or <c>functions</c>.</param>
    /// <param name="areFunctions">They are <c>functions</c>: without their wrapping.</param>
    public static void Write(ref JsonOutput json, scoped ReadOnlySpan<byte> preset, scoped ReadOnlySpan<byte> request, bool areFunctions)
    {
        var theirs = new List<(string Identity, Range Place)>();
        var each = new JsonElements(request);
        while (each.Next())
            theirs.Add((areFunctions ? Function(each.Value) : Identity(each.Value), Place(request, each.Value)));

        json.BeginArray();
        var ours = new JsonElements(preset);
        while (ours.Next())
        {
            var identity = Identity(ours.Value);
            var at = theirs.FindIndex(tool => tool.Identity == identity);
            if (at < 0)
            {
                json.Raw(ours.Value);
                continue;
            }

            WriteOne(ref json, request[theirs[at].Place], areFunctions);
            theirs.RemoveAt(at);
        }

        foreach (var (_, place) in theirs)
            WriteOne(ref json, request[place], areFunctions);
        json.EndArray();
    }

    /// <summary>Writes a function as a tool, or the name of one as a choice.</summary>
    public static void WriteFunction(ref JsonOutput json, scoped ReadOnlySpan<byte> function)
    {
        json.BeginObject();
        json.Member("type"u8, "\"function\""u8);
        json.Member("function"u8, function);
        json.EndObject();
    }

    private static void WriteOne(ref JsonOutput json, scoped ReadOnlySpan<byte> tool, bool isFunction)
    {
        if (isFunction)
            WriteFunction(ref json, tool);
        else
            json.Raw(tool);
    }

    /// <summary>A function is known by its name, a server tool that has one (advisor, subagent) by type and name, any other by its type.</summary>
    private static string Identity(ReadOnlySpan<byte> tool)
    {
        var type = JsonMembers.FindString(tool, "type"u8);
        if (type.SequenceEqual("function"u8))
            return Function(JsonMembers.Find(tool, "function"u8));
        var name = JsonText.ToText(type);
        return (ServerTools.TypeOf(name) ?? name) + "\n" + JsonText.ToText(JsonMembers.FindString(JsonMembers.Find(tool, "parameters"u8), "name"u8));
    }

    private static string Function(ReadOnlySpan<byte> function) => "function\n" + JsonText.ToText(JsonMembers.FindString(function, "name"u8));

    private static Range Place(ReadOnlySpan<byte> all, ReadOnlySpan<byte> part)
    {
        all.Overlaps(part, out var at);
        return at..(at + part.Length);
    }
}
