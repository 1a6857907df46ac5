using System.Text.Json;

namespace Fairlead.Protocols.Canonical;

/// <summary>How an endpoint searches the web where it does so itself.</summary>
/// <param name="ContextSize"><c>low</c>, <c>medium</c>, <c>high</c>, or null.</param>
/// <param name="MaxUses">Most searches of one answer, where the provider can be told.</param>
/// <param name="IncludeDomains">Only these sites; empty means any.</param>
/// <param name="ExcludeDomains">Never these sites.</param>
/// <param name="Location">Where the user is, or null.</param>
public sealed record NativeSearch(string? ContextSize, int MaxUses, IReadOnlyList<string> IncludeDomains, IReadOnlyList<string> ExcludeDomains, UserLocation? Location = null)
{
    /// <summary>The caller chose that the web be searched.</summary>
    public bool IsForced { get; init; }
}

/// <summary>Roughly where the user of a search is. What is null was not said.</summary>
/// <param name="City">Name of the city.</param>
/// <param name="Region">Name of the region.</param>
/// <param name="Country">Two letters, as in ISO 3166-1.</param>
/// <param name="Timezone">IANA name.</param>
public sealed record UserLocation(string? City, string? Region, string? Country, string? Timezone)
{
    /// <summary>Writes <c>user_location</c> as the Messages and the Responses format have it.</summary>
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("user_location"u8);
        writer.WriteString("type"u8, "approximate"u8);
        WriteMembers(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members alone.</summary>
    internal void WriteMembers(Utf8JsonWriter writer)
    {
        Write(writer, "city"u8, City);
        Write(writer, "region"u8, Region);
        Write(writer, "country"u8, Country);
        Write(writer, "timezone"u8, Timezone);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
