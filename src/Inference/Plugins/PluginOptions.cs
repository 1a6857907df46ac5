using System.Globalization;
using System.Text.Json;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins;

/// <summary>
/// Reads the options of one plugin: the caller's, else the account's, else the default. The first that has a wrong type or value is kept as the error; options
/// nobody knows are passed over, as clients send those of later versions.
/// </summary>
/// <param name="path">Where the options stand in the request, for errors: <c>plugins.web</c>.</param>
/// <param name="asked">The caller's, an object or nothing.</param>
/// <param name="preset">The account's, an object or nothing.</param>
internal sealed class PluginOptions(string path, JsonElement asked, JsonElement preset)
{
    /// <summary>What was wrong, or null.</summary>
    public GatewayError? Error { get; private set; }

    /// <summary>A whole number within bounds; null where nobody says.</summary>
    public int? Whole(string name, int least, int most)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : Fail<int?>(name, string.Create(CultureInfo.InvariantCulture, $"must be an integer between {least} and {most}"));
    }

    /// <summary>Text; null where nobody says.</summary>
    public string? Text(string name, int longest)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= longest
            ? text
            : Fail<string>(name, string.Create(CultureInfo.InvariantCulture, $"must be a string of at most {longest} characters"));
    }

    /// <summary>One of some words; null where nobody says.</summary>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String && words.Contains(value.GetString())
            ? value.GetString()
            : Fail<string>(name, $"must be one of {string.Join(", ", words!)}");
    }

    /// <summary>True or false; null where nobody says.</summary>
    public bool? Flag(string name)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Fail<bool?>(name, "must be true or false");
    }

    /// <summary>A list of strings; empty where nobody says.</summary>
    public IReadOnlyList<string> Texts(string name, int most, int longest)
    {
        if (Find(name) is not { } value)
            return [];
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.GetString()!.Length <= longest)
            ? [.. value.EnumerateArray().Select(static item => item.GetString()!)]
            : Fail<IReadOnlyList<string>>(name, string.Create(CultureInfo.InvariantCulture, $"must be an array of at most {most} strings of at most {longest} characters")) ?? [];
    }

    /// <summary>The options under a member that is an object (<c>pdf</c> of the file parser).</summary>
    public PluginOptions Inside(string name)
    {
        var (mine, theirs) = (Member(asked, name), Member(preset, name));
        if (mine is { ValueKind: not JsonValueKind.Object } || theirs is { ValueKind: not JsonValueKind.Object })
            Fail<object>(name, "must be an object");
        return new PluginOptions($"{path}.{name}", mine ?? default, theirs ?? default) { Error = Error };
    }

    /// <summary>What was wrong with the options of an <see cref="Inside"/>.</summary>
    public void Take(PluginOptions inside) => Error ??= inside.Error;

    /// <summary>Something else is wrong with an option.</summary>
    public void Fail(string name, string why) => Fail<object>(name, why);

    private JsonElement? Find(string name) => Member(asked, name) ?? Member(preset, name);

    private static JsonElement? Member(JsonElement options, string name) =>
        options.ValueKind == JsonValueKind.Object && options.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private T? Fail<T>(string name, string why)
    {
        Error ??= GatewayError.Invalid($"{path}.{name} {why}.", $"{path}.{name}");
        return default;
    }
}
