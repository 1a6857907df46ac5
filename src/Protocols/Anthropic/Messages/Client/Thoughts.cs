using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>What of a reasoning block this format can carry: signatures and encrypted blocks only of its own vendor (I-55).</summary>
internal static class Thoughts
{
    /// <summary>A block of this vendor whose thoughts are encrypted.</summary>
    public static bool IsRedacted(ReasoningDetail detail) => detail is { Type: "reasoning.encrypted", Format: ReasoningReplay.Anthropic, Data.Length: > 0 };

    /// <summary>The signature, where its vendor is this one.</summary>
    public static string? SignatureOf(ReasoningDetail detail) => detail is { Format: ReasoningReplay.Anthropic, Signature.Length: > 0 } ? detail.Signature : null;
}
