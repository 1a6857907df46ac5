namespace Fairlead.Protocols.Presets;

/// <summary>What a request body says that a preset can hold.</summary>
/// <param name="SystemPrompt">Its system prompt, or null.</param>
/// <param name="Config">Members of a chat completion as a JSON object in UTF-8.</param>
public sealed record PresetContent(string? SystemPrompt, ReadOnlyMemory<byte> Config);
