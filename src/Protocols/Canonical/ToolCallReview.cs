using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Canonical;

/// <summary>Whether the calls of an answer could work: what tool-call success of an endpoint is counted by (routing §10.3).</summary>
public static class ToolCallReview
{
    /// <summary>
    /// What is wrong with the first call that cannot work: its name is none of the tools', its arguments are not JSON, or not valid against the tool's parameters.
    /// Null when all can.
    /// </summary>
    public static string? FirstFault(IReadOnlyList<ToolCall> calls, IReadOnlyList<ToolDefinition> tools)
    {
        foreach (var call in calls)
        {
            if (tools.FirstOrDefault(one => one.Name == call.Name) is not { } tool)
                return "a tool was called that was not offered";
            using var arguments = JsonReading.TryParse(System.Text.Encoding.UTF8.GetBytes(call.Arguments));
            if (arguments is null)
                return $"the arguments of {call.Name} are not JSON";
            if (tool.Parameters is { } parameters && SchemaCheck.FirstFault(parameters, arguments.RootElement) is { } fault)
                return $"the arguments of {call.Name} do not fit its parameters: {fault}";
        }

        return null;
    }
}
