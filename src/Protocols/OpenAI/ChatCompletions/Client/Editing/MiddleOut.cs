using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>
/// Makes a conversation fit a window by leaving out its middle (routing R-43). Pure and deterministic; near-linear in the size of the messages.
/// <list type="number">
/// <item>Of more messages than allowed the first and the last half stay.</item>
/// <item>While it does not fit, the unit in the middle of what may go is left out: a message, or a turn with tool calls together with their results.</item>
/// <item>When nothing more may go, the longest text loses its middle (<see cref="LongestText"/>).</item>
/// </list>
/// What may not go: system and developer messages, the last message of the user, and the newest unit. Messages that stay keep their bytes and order.
/// </summary>
public sealed class MiddleOut
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> messages;
    private readonly Func<ContentFacts, bool> fits;
    private readonly ContentCount[] counts;
    private readonly MessageUnits units;
    private readonly bool[] gone;
    private ContentFacts facts;

    private MiddleOut(IReadOnlyList<ReadOnlyMemory<byte>> messages, ContentFacts facts, Func<ContentFacts, bool> fits)
    {
        (this.messages, this.facts, this.fits) = (messages, facts, fits);
        counts = [.. messages.Select(static message => MessageReader.Count(message.Span))];
        units = MessageUnits.Of(messages);
        gone = new bool[messages.Count];
    }

    /// <param name="messages">The messages of a request that was read.</param>
    /// <param name="facts">What the whole request holds.</param>
    /// <param name="mostMessages">Most messages that may stay.</param>
    /// <param name="fits">Whether a request that holds so much fits.</param>
    /// <returns>The messages that stay, the same list where all do; null where they cannot be made to fit.</returns>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Compress(
        IReadOnlyList<ReadOnlyMemory<byte>> messages, ContentFacts facts, int mostMessages, Func<ContentFacts, bool> fits)
    {
        if (messages.Count <= mostMessages && fits(facts))
            return messages;
        return new MiddleOut(messages, facts, fits).Run(mostMessages);
    }

    private List<ReadOnlyMemory<byte>>? Run(int mostMessages)
    {
        if (messages.Count > mostMessages)
            KeepEnds(mostMessages);
        KeepWhatFits();
        var left = Enumerable.Range(0, messages.Count).Where(i => !gone[i]).ToList();
        var kept = left.ConvertAll(i => messages[i]);
        return fits(facts) || CutLongest(kept) ? kept : null;
    }

    private void KeepEnds(int most)
    {
        var first = (most + 1) / 2;
        for (var i = first; i < messages.Count - (most - first); i++)
            Remove(i);
    }

    private void KeepWhatFits()
    {
        var middle = new MiddleWalk(Enumerable.Range(0, messages.Count).Where(i => !gone[i] && !units.IsProtected(i)).ToArray());
        while (!fits(facts) && middle.TryTake(out var index))
        {
            foreach (var member in Remove(index))
                middle.Drop(member);
        }
    }

    /// <summary>Leaves out a message and what belongs to it, unless it must stay.</summary>
    private IReadOnlyList<int> Remove(int index)
    {
        if (units.IsProtected(index) || gone[index])
            return [];
        var unit = units.Members(index);
        foreach (var member in unit)
        {
            gone[member] = true;
            facts = Less(facts, counts[member]);
        }

        return unit;
    }

    private static ContentFacts Less(in ContentFacts all, in ContentCount one) => all with
    {
        Messages = all.Messages - 1,
        Images = all.Images - one.Images,
        Files = all.Files - one.Files,
        Audio = all.Audio - one.Audio,
        Videos = all.Videos - one.Videos,
        AudioSeconds = (int)Math.Max(0, all.AudioSeconds - one.AudioSeconds),
        PromptTokens = (int)Math.Max(0, all.PromptTokens - one.Tokens - ContentCount.TokensPerMessage),
    };

    private bool CutLongest(List<ReadOnlyMemory<byte>> kept)
    {
        if (LongestText.Of(kept) is not { } longest)
            return false;
        var without = facts.PromptTokens - longest.Tokens;
        if (longest.CutTo(tokens => fits(facts with { PromptTokens = without + tokens })) is not { } shorter)
            return false;
        kept[longest.Message] = shorter;
        return true;
    }
}
