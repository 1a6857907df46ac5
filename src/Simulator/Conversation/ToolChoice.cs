using System.Text.RegularExpressions;

namespace Fairlead.Simulator.Conversation;

/// <summary>Which offered tools the simulated model calls.</summary>
internal static partial class ToolChoice
{
    private const int MostCalls = 16;

    public static IReadOnlyList<OfferedTool> Calls(Prompt prompt)
    {
        var tools = prompt.ToolMode == ToolMode.Named ? [.. prompt.Tools.Where(t => prompt.NamedTools.Contains(t.Name))] : prompt.Tools;
        if (tools.Count == 0 || prompt.ToolMode == ToolMode.None)
        {
            return [];
        }

        var forced = prompt.ToolMode is ToolMode.Required or ToolMode.Named;
        if (!forced && prompt.Turns is [.., { Speaker: Speaker.Tool }])
        {
            return [];
        }

        var said = Model.LastUserText(prompt);
        var mentioned = tools
            .Select(t => (Tool: t, At: said.IndexOf(t.Name, StringComparison.OrdinalIgnoreCase)))
            .Where(m => m.At >= 0)
            .OrderBy(m => m.At)
            .Select(m => m.Tool)
            .ToList();
        if (mentioned.Count == 0 && (forced || AsksForTool().IsMatch(said)))
        {
            mentioned.Add(tools[0]);
        }

        return [.. mentioned.Take(prompt.ParallelCalls ? MostCalls : 1)];
    }

    [GeneratedRegex(@"\b(use|call|invoke|try)\b[^.?!]{0,60}\b(tools?|functions?)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AsksForTool();
}
