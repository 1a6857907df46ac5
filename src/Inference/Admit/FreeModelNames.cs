using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;

namespace Fairlead.Inference.Admit;

/// <summary>Whether a body asks for free models only, as far as it can be read: the limits of free models come before what is wrong with the body (P28).</summary>
internal static class FreeModelNames
{
    private const int LongestName = 300;

    private static readonly JsonReaderOptions Lenient = new() { MaxDepth = 1000, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Every model named is a free one; the default model counts where none is named.</summary>
    public static bool AreAll(ReadOnlySpan<byte> body, string? defaultModel)
    {
        var (named, paid) = (0, 0);
        var json = new Utf8JsonReader(body, Lenient);
        try
        {
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1)
                    continue;
                if (json.ValueTextEquals("model"u8) || json.ValueTextEquals("models"u8))
                    Count(ref json, ref named, ref paid);
                else
                    json.Skip();
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // What was read until here is all that can be known.
        }

        return paid == 0 && (named > 0 || (defaultModel is not null && IsFree(defaultModel)));
    }

    /// <summary>Reads a text, or a list of them.</summary>
    private static void Count(ref Utf8JsonReader json, ref int named, ref int paid)
    {
        var depth = json.CurrentDepth;
        while (json.Read() && json.TokenType is JsonTokenType.StartArray or JsonTokenType.String)
        {
            if (json.TokenType is JsonTokenType.String)
            {
                paid += IsFree(json.GetString()!) ? 0 : 1;
                named++;
            }

            if (json.CurrentDepth <= depth && json.TokenType is JsonTokenType.String)
                return;
        }
    }

    // No name is as long, and taking a long one apart costs.
    private static bool IsFree(string name) =>
        name.Length <= LongestName && ModelReference.Parse(name).Slug is var slug
        && (slug.EndsWith(Model.FreeSuffix, StringComparison.OrdinalIgnoreCase) || slug.Equals(RouterSlugs.Free, StringComparison.OrdinalIgnoreCase));
}
