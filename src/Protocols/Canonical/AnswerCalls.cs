using System.Text;

namespace Fairlead.Protocols.Canonical;

/// <summary>The calls of an answer put together from its events, for whoever judges them after the answer.</summary>
internal static class AnswerCalls
{
    /// <summary>Longer arguments are not kept, in bytes: such a call is not judged.</summary>
    public const int LongestArguments = 256 * 1024;

    /// <summary>The calls in <paramref name="events"/>; null when one is too long.</summary>
    public static IReadOnlyList<ToolCall>? Of(IEnumerable<AnswerEvent> events)
    {
        var calls = new Gathering();
        foreach (var e in events)
            calls.Add(e);
        return calls.Calls;
    }

    /// <summary>The calls of events that come one by one.</summary>
    internal sealed class Gathering
    {
        private readonly List<(ToolCallStarted Call, StringBuilder Arguments)> calls = [];
        private bool tooLong;

        /// <summary>What came so far; null when a call is too long.</summary>
        public IReadOnlyList<ToolCall>? Calls => tooLong
            ? null
            : calls.ConvertAll(one => new ToolCall(one.Call.Id, one.Call.Name, one.Arguments.Length == 0 ? "{}" : one.Arguments.ToString()));

        public void Add(AnswerEvent e)
        {
            switch (e)
            {
                case ToolCallStarted call:
                    calls.Add((call, new StringBuilder()));
                    break;
                case ToolCallArguments piece when calls.FindLastIndex(one => one.Call.Index == piece.Index) is >= 0 and var at:
                    tooLong |= calls[at].Arguments.Length + piece.Fragment.Length > LongestArguments;
                    if (!tooLong)
                        calls[at].Arguments.Append(piece.Fragment);
                    break;
            }
        }
    }
}
