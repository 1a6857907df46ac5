using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Canonical;

/// <summary>An entry of <c>tools</c> that the gateway runs (routing §16).</summary>
/// <param name="Type">One of <see cref="ServerTools.Types"/>.</param>
/// <param name="Json">The entry as the caller wrote it, an object.</param>
public sealed record ServerToolEntry(string Type, ReadOnlyMemory<byte> Json);

/// <summary>The tools the gateway runs, and the functions a model is offered in their place: providers know nothing of them.</summary>
public static class ServerTools
{
    /// <summary>Tells the time.</summary>
    public const string Datetime = "openrouter:datetime";
    /// <summary>Searches the web.</summary>
    public const string WebSearch = "openrouter:web_search";
    /// <summary>Reads a page.</summary>
    public const string WebFetch = "openrouter:web_fetch";

    private const string Prefix = "openrouter:";

    private static readonly string[] Known = [Datetime, WebSearch, WebFetch];

    /// <summary>The types there are.</summary>
    public static ReadOnlySpan<string> Types => Known;

    /// <summary>The type an entry of <c>tools</c> means, OpenAI's own names for web search included; null where it is none of ours.</summary>
    public static string? TypeOf(string type) => type switch
    {
        "web_search" or "web_search_preview" or "web_search_2025_08_26" or "web_search_preview_2025_03_11" => WebSearch,
        _ => Array.Find(Known, known => known == type),
    };

    /// <summary>The function a model calls for a type.</summary>
    public static string FunctionOf(string type) => "openrouter_" + type[Prefix.Length..];

    /// <summary>The type behind a function; null where the function is the caller's own.</summary>
    public static string? TypeOfFunction(string name) => Array.Find(Known, type => FunctionOf(type) == name);

    /// <summary>Writes the definition of the function.</summary>
    internal static void WriteFunction(string type, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, FunctionOf(type));
        var (description, argument, meaning, isRequired) = type switch
        {
            Datetime => ("Tells the current date and time.", "timezone", "IANA name of a time zone, for example Europe/Zurich", false),
            WebSearch => ("Searches the web. Cite what you use as Markdown links to its address.", "query", "What to search for", true),
            _ => ("Reads a public web page as text.", "url", "Complete address of the page, beginning with http:// or https://", true),
        };
        writer.WriteString("description"u8, description);
        writer.WriteStartObject("parameters"u8);
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("properties"u8);
        writer.WriteStartObject(argument);
        writer.WriteString("type"u8, "string"u8);
        writer.WriteString("description"u8, meaning);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteTexts("required"u8, isRequired ? [argument] : []);
        writer.WriteBoolean("additionalProperties"u8, false);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
