using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>What came of later blocks while a call's arguments are not whole, in order. A call waits with all of its arguments so far.</summary>
internal sealed class LaterBlocks
{
    // In characters. A call's arguments beyond a quarter of it are not kept elsewhere either (AnswerCalls).
    private const int Most = 1024 * 1024;

    private readonly Queue<AnswerEvent> events = new();
    private readonly Dictionary<int, StringBuilder> arguments = [];
    private int size;

    /// <summary>More came than is held: what follows is not taken.</summary>
    public bool IsFull => size > Most;

    /// <summary>Puts an event behind those that wait. <paramref name="characters"/>: its length.</summary>
    public void Add(AnswerEvent e, int characters)
    {
        // Each event costs some memory beside its text.
        size += characters + 32;
        if (!IsFull)
            events.Enqueue(e);
    }

    /// <summary>Puts call <paramref name="index"/> of the answer behind those that wait.</summary>
    public void AddCall(ToolCallStarted call, int index)
    {
        Add(call with { Index = index }, call.Name.Length + call.Id.Length);
        arguments[index] = new StringBuilder();
    }

    /// <summary>Adds to the arguments of a call that waits; does nothing where it does not.</summary>
    public void Grow(int index, string fragment)
    {
        if (!arguments.TryGetValue(index, out var sofar))
            return;
        size += fragment.Length;
        if (!IsFull)
            sofar.Append(fragment);
    }

    /// <summary>Takes the first event out.</summary>
    public bool TryTake([NotNullWhen(true)] out AnswerEvent? e)
    {
        if (!events.TryDequeue(out e))
            size = 0;
        return e is not null;
    }

    /// <summary>Takes the arguments of a call out that was taken out; empty where none came.</summary>
    public string TakeArguments(int index)
    {
        arguments.Remove(index, out var sofar);
        return sofar?.ToString() ?? "";
    }
}
