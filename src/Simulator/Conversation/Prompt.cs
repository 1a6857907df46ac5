using System.Text.Json;

namespace Fairlead.Simulator.Conversation;

/// <summary>What a request asks for, whatever its dialect: all the answer is made from.</summary>
internal sealed record Prompt
{
    /// <summary>The upstream model name without its fault part.</summary>
    public required string Model { get; init; }

    /// <summary>Follows from the seed and the request's bytes; every id and wording follows from it.</summary>
    public required Stamp Stamp { get; init; }

    public required IReadOnlyList<Turn> Turns { get; init; }

    public IReadOnlyList<OfferedTool> Tools { get; init; } = [];

    public ToolMode ToolMode { get; init; } = ToolMode.Auto;

    /// <summary>With <see cref="ToolMode.Named"/>: the tools that may be called.</summary>
    public IReadOnlyList<string> NamedTools { get; init; } = [];

    public bool ParallelCalls { get; init; } = true;

    public int? MaxTokens { get; init; }

    public IReadOnlyList<string> Stops { get; init; } = [];

    public bool WantsJson { get; init; }

    /// <summary>The schema of the answer; undefined when any JSON will do.</summary>
    public JsonElement Schema { get; init; }

    public bool Reasons { get; init; }

    /// <summary>The answer is to hold pictures.</summary>
    public bool WantsImages { get; init; }

    /// <summary>Their proportions, such as <c>16:9</c>; null for squares.</summary>
    public string? AspectRatio { get; init; }
}

internal enum ToolMode
{
    Auto,
    None,
    Required,
    Named,
}

internal enum Speaker
{
    System,
    User,
    Assistant,
    Tool,
}

internal sealed record Turn(Speaker Speaker, string Text)
{
    /// <summary>The media type of each image, or <c>url</c> for one named by address.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The media type of each file, sound or film.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    public IReadOnlyList<PastCall> Calls { get; init; } = [];

    public IReadOnlyList<ToolOutcome> Outcomes { get; init; } = [];

    /// <summary>Whether the caller asked to cache the prompt up to here (Anthropic's cache_control).</summary>
    public bool CacheMark { get; init; }
}

internal sealed record OfferedTool(string Name, JsonElement Parameters, string Source);

internal sealed record PastCall(string Id, string Name, string Arguments);

internal sealed record ToolOutcome(string Id, string Name, string Text);
