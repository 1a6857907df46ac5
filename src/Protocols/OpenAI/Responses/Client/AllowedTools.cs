using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// A <c>tool_choice</c> of type <c>allowed_tools</c>: some of the tools, of which one may or must be called. Other formats have no word for it: they are offered
/// those alone.
/// </summary>
internal sealed class AllowedTools
{
    private readonly HashSet<(string Type, string? Name)> tools = [];

    private AllowedTools(string mode) => Mode = mode;

    /// <summary><c>auto</c> or <c>required</c>.</summary>
    public string Mode { get; }

    /// <summary>Reads the choice of <paramref name="body"/>; null where it is another.</summary>
    public static GatewayError? Read(JsonElement body, out AllowedTools? allowed)
    {
        allowed = null;
        if (body.Member("tool_choice"u8) is not { ValueKind: JsonValueKind.Object } choice || choice.Text("type"u8) != "allowed_tools")
            return null;
        var mode = choice.Text("mode"u8);
        if (mode is not ("auto" or "required"))
            return GatewayError.Invalid("tool_choice.mode must be one of auto, required.", "tool_choice.mode");
        if (choice.Member("tools"u8) is not { ValueKind: JsonValueKind.Array } named || named.GetArrayLength() == 0)
            return GatewayError.Invalid("tool_choice.tools must be an array with at least one tool.", "tool_choice.tools");
        var read = new AllowedTools(mode);
        var index = 0;
        foreach (var tool in named.EnumerateArray())
        {
            var at = $"tool_choice.tools[{index++}]";
            if (tool.ValueKind != JsonValueKind.Object || Identify(tool) is not { } one)
                return GatewayError.Invalid($"{at} must be an object of type function with a name, or of the type of a tool that the gateway runs.", at);
            if (!body.Items("tools"u8).Any(offered => offered.ValueKind == JsonValueKind.Object && Identify(offered) == one))
                return GatewayError.Invalid($"{at} is not among the tools.", at);
            read.tools.Add(one);
        }

        allowed = read;
        return null;
    }

    /// <summary>The tool is one of them.</summary>
    public bool Holds(JsonElement tool) => Identify(tool) is not { } one || tools.Contains(one);

    // What is no tool is left for the caller to refuse.
    private static (string Type, string? Name)? Identify(JsonElement tool) => tool.Text("type"u8) switch
    {
        "function" => tool.Text("name"u8) is { Length: > 0 } name ? ("function", name) : null,
        { } type when ServerTools.TypeOf(type) is { } own => (own, null),
        _ => null,
    };
}
