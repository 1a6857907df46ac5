using System.Security.Cryptography;
using System.Text;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// The ids of one request's calls in the vendor's charset (<c>[a-zA-Z0-9_-]</c>) and unique, as it demands: histories come from models with other
/// rules, and some clients count their calls from zero in every turn. Foreign ids never reach the caller.
/// </summary>
/// <param name="nine">Ids are nine letters or digits: Mistral's models, behind Converse too (providers §2.5).</param>
internal sealed class AnthropicToolIds(bool nine)
{
    private const int LongestKept = 64;

    private readonly Dictionary<string, string> current = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    /// <summary>The id of a call the assistant made; results that follow are meant for it.</summary>
    public string Open(string id)
    {
        var mapped = Fits(id) ? id : Make(id);
        for (var n = 2; !used.Add(mapped); n++)
            mapped = Make($"{id}#{n}");
        return current[id] = mapped;
    }

    /// <summary>The id a result answers, or null when no call with that id came before.</summary>
    public string? ForResult(string? id) => id is not null && current.TryGetValue(id, out var mapped) ? mapped : null;

    private bool Fits(string id) => nine
        ? CallIds.IsNine(Encoding.UTF8.GetBytes(id))
        : id.Length is > 0 and <= LongestKept && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private string Make(string seed)
    {
        var bytes = Encoding.UTF8.GetBytes(seed);
        if (!nine)
            return "toolu_" + Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12));
        Span<byte> made = stackalloc byte[9];
        CallIds.Draw(bytes, made);
        return Encoding.ASCII.GetString(made);
    }
}
