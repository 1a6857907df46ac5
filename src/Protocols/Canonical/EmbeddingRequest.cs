namespace Fairlead.Protocols.Canonical;

/// <summary>What a caller wants embedded, and how (inference contract §11). Refers to the request's bytes.</summary>
public sealed record EmbeddingRequest
{
    /// <summary><c>input</c> as sent: JSON.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }
    /// <summary>The inputs, one vector each; at least one.</summary>
    public required IReadOnlyList<EmbeddingInput> Inputs { get; init; }
    /// <summary>Vectors are wanted as base64 of little-endian 32-bit numbers; else as arrays of numbers.</summary>
    public bool Base64 { get; init; }
    /// <summary>How long the vectors should be, or null.</summary>
    public int? Dimensions { get; init; }
    /// <summary>What the vectors are for (<c>search_query</c>, <c>search_document</c>, …), or null.</summary>
    public string? InputType { get; init; }

    /// <summary>The longest input, in o200k tokens: each must fit the model's window for itself.</summary>
    public int LongestTokens { get; init; }
}

/// <summary>The form of one input.</summary>
public enum EmbeddingInputKind
{
    /// <summary>A string.</summary>
    Text,
    /// <summary>An array of token numbers, in the model's own vocabulary.</summary>
    Tokens,
    /// <summary>An object with <c>content</c>: parts of text and media.</summary>
    Content,
}

/// <summary>One input.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Json">Its JSON as sent; of <see cref="EmbeddingInputKind.Content"/> the array of parts.</param>
/// <param name="Tokens">Its length in o200k tokens, or as many as it has token numbers. Media are not counted.</param>
public readonly record struct EmbeddingInput(EmbeddingInputKind Kind, ReadOnlyMemory<byte> Json, int Tokens);

/// <summary>The inputs of one upstream call.</summary>
/// <param name="First">Index of the first in the request.</param>
/// <param name="Inputs">At least one.</param>
public readonly record struct EmbeddingBatch(int First, ArraySegment<EmbeddingInput> Inputs);
