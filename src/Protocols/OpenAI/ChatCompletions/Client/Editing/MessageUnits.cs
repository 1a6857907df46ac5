using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>Which messages belong together (a turn with tool calls and the results of those calls), and which must stay.</summary>
internal sealed class MessageUnits
{
    // The first message of the unit each belongs to.
    private readonly int[] heads;
    private readonly List<int>?[] members;
    private readonly bool[] isProtected;

    private MessageUnits(int count)
    {
        heads = new int[count];
        members = new List<int>?[count];
        isProtected = new bool[count];
    }

    /// <summary>The units of messages of a request that was read.</summary>
    public static MessageUnits Of(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var units = new MessageUnits(messages.Count);
        var calls = new Dictionary<string, int>(StringComparer.Ordinal);
        var lastOfUser = -1;
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i].Span;
            units.heads[i] = i;
            switch (ChatMessages.Role(messages[i]))
            {
                case "system" or "developer":
                    units.isProtected[i] = true;
                    break;
                case "user":
                    lastOfUser = i;
                    break;
                case "assistant":
                    NoteCalls(message, i, calls);
                    break;
                case "tool" when calls.TryGetValue(JsonText.ToText(JsonMembers.FindString(message, "tool_call_id"u8)), out var head):
                    units.heads[i] = head;
                    (units.members[head] ??= [head]).Add(i);
                    break;
            }
        }

        if (lastOfUser >= 0)
            units.isProtected[lastOfUser] = true;
        units.isProtected[units.heads[^1]] = true;
        return units;
    }

    /// <summary>The message must stay, because of itself or of its unit.</summary>
    public bool IsProtected(int index) => isProtected[index] || isProtected[heads[index]];

    /// <summary>The messages of the unit of a message, in order.</summary>
    public IReadOnlyList<int> Members(int index) => members[heads[index]] ?? [index];

    private static void NoteCalls(ReadOnlySpan<byte> message, int index, Dictionary<string, int> calls)
    {
        if (JsonMembers.Find(message, "tool_calls"u8) is not [(byte)'[', ..] list)
            return;
        var elements = new JsonElements(list);
        while (elements.Next())
            calls[JsonText.ToText(JsonMembers.FindString(elements.Value, "id"u8))] = index;
    }
}
