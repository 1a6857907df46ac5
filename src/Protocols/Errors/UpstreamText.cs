using System.Text;
using System.Text.RegularExpressions;

namespace Fairlead.Protocols.Errors;

/// <summary>Makes what a provider wrote fit to keep: short, printable, without keys.</summary>
internal static partial class UpstreamText
{
    private const int RawBytes = 2048;
    private const int MessageChars = 600;

    /// <summary>At most 2 KiB of a body as text, keys masked; null when it is empty.</summary>
    public static string? Raw(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        // Masked before it is cut, so that the head of a key does not survive at the edge.
        var text = Mask(Encoding.UTF8.GetString(body[..Math.Min(body.Length, RawBytes * 2)]));
        while (Encoding.UTF8.GetByteCount(text) > RawBytes)
            text = text[..(text.Length * 9 / 10)];
        return text;
    }

    /// <summary>A provider's sentence, keys masked; <paramref name="otherwise"/> when it sent none.</summary>
    public static string Message(string? message, string otherwise)
    {
        if (string.IsNullOrWhiteSpace(message))
            return otherwise;
        var text = Mask(message.Length > MessageChars * 4 ? message[..(MessageChars * 4)] : message).Trim();
        return text.Length <= MessageChars ? text : text[..MessageChars] + "…";
    }

    private static string Mask(string text) => Secret().Replace(text, "${before}***");

    // Keys as the vendors write them, also where they starred the middle out, and whatever follows "Bearer" or a key's header or query name.
    private const string KeyLike =
        """\b(sk|rk|pk|gsk|xai|pplx|nvapi|csk|hf|r8|fw|tgp|key)[-_][A-Za-z0-9_*.-]{8,}|\b[A-Za-z0-9]{2,}[*]{4,}[A-Za-z0-9*]*|AIza[A-Za-z0-9_-]{10,}|"""
        + """ya29\.[A-Za-z0-9._-]+|\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_.-]+|(?<before>[Bb]earer )[A-Za-z0-9._~+/=*-]+|"""
        + """(?<before>api[-_]?key["'=: ]{1,4})[A-Za-z0-9._*-]{6,}|(?<before>[?&]key=)[^&\s"']+""";

    // Without backtracking: linear in whatever a provider sends, so it needs no timeout that a busy machine could hit.
    [GeneratedRegex(KeyLike, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Secret();
}
