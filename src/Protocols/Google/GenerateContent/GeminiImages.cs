using System.Globalization;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// Which image of an answer a signature belongs to. Image models of generation 3 sign every image they make, and refuse the next turn when one comes back without
/// its own (the vendor's thought-signatures page as of 2026-08): the block's id names the image, as it names the call where a call is signed.
/// </summary>
internal static class GeminiImages
{
    private const string Prefix = "image-";

    /// <summary>The id of the signature of the <paramref name="index"/>th image, from 0.</summary>
    public static string SignatureId(int index) => Prefix + index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The image an id names, or null where it names none.</summary>
    public static int? IndexOf(string? id) =>
        id is not null && id.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(id.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : null;
}
