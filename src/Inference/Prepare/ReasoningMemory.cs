using System.Diagnostics.CodeAnalysis;
using Fairlead.Protocols.Canonical;
using Microsoft.Extensions.Caching.Memory;

namespace Fairlead.Inference.Prepare;

/// <summary>
/// Reasoning that a client's protocol cannot carry (signatures and encrypted blocks of other vendors in Anthropic's format), kept by account and tool call for an
/// hour in the memory of the node that answered, so that the model gets back what it thought when the call's result comes. Bounded; thread-safe.
/// </summary>
internal sealed class ReasoningMemory : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);
    private const long MostCharacters = 32L << 20;
    private const int LongestTurn = 1 << 20;

    private readonly MemoryCache turns = new(new MemoryCacheOptions { SizeLimit = MostCharacters });

    /// <summary>Remembers the reasoning of an answer that ended in calls.</summary>
    public void Remember(long accountId, IReadOnlyList<string> callIds, IReadOnlyList<ReasoningDetail> reasoning)
    {
        if (callIds.Count == 0 || !reasoning.Any(IsLost))
            return;
        var size = reasoning.Sum(static detail => 64L + Length(detail.Text) + Length(detail.Summary) + Length(detail.Data) + Length(detail.Signature));
        if (size > LongestTurn)
            return;
        using var entry = turns.CreateEntry((accountId, callIds[0]));
        entry.Value = reasoning;
        entry.Size = size;
        entry.AbsoluteExpirationRelativeToNow = KeptFor;
    }

    /// <summary>The request with the reasoning of its earlier turns, as far as it is remembered.</summary>
    public CanonicalRequest Restore(long accountId, CanonicalRequest request)
    {
        if (turns.Count == 0 || request.Content.Tools == 0)
            return request;
        var conversation = request.Conversation;
        List<Message>? restored = null;
        for (var i = 0; i < conversation.Messages.Count; i++)
        {
            if (!TryFind(accountId, conversation.Messages[i], out var reasoning))
                continue;
            restored ??= [.. conversation.Messages];
            restored[i] = restored[i] with { ReasoningDetails = reasoning };
        }

        return restored is null ? request : request.WithReasoning(conversation with { Messages = restored });
    }

    public void Dispose() => turns.Dispose();

    private bool TryFind(long accountId, Message message, [NotNullWhen(true)] out IReadOnlyList<ReasoningDetail>? reasoning)
    {
        reasoning = null;
        // What the caller sends signed is its own and stands.
        return message.ToolCalls.Count > 0 && !message.ReasoningDetails.Any(static detail => detail.Signature is { Length: > 0 })
            && turns.TryGetValue((accountId, message.ToolCalls[0].Id), out reasoning) && reasoning is not null;
    }

    private static bool IsLost(ReasoningDetail detail) =>
        detail.Format != "anthropic-claude-v1" && (detail.Data is { Length: > 0 } || detail.Signature is { Length: > 0 });

    private static int Length(string? text) => text?.Length ?? 0;
}
