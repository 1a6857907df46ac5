using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// The tool calls of one choice in order of appearance, and which of them a fragment belongs to: by <c>index</c>, else by <c>id</c>, else the last one
/// (providers §2.4). Calls are numbered from 0 whatever the host's base.
/// </summary>
internal sealed class ToolCallTable(string generationId, bool keeps = false)
{
    // More calls in one answer than any host makes: an answer that goes on is not readable.
    private const int MostCalls = 512;

    private List<Call>? list;

    /// <summary>Calls seen.</summary>
    public int Count => list?.Count ?? 0;

    /// <summary>The call at one of our numbers.</summary>
    public Call this[int number] => list![number];

    /// <summary>Finds the call a fragment belongs to, opening a new one where it belongs to none.</summary>
    /// <param name="index">The host's index; −1 when it sent none.</param>
    /// <param name="id">The host's id; empty when it sent none.</param>
    /// <param name="named">The fragment holds a function name.</param>
    /// <param name="opened">A call was opened.</param>
    public int Resolve(long index, ReadOnlySpan<byte> id, bool named, out bool opened)
    {
        var calls = list ??= [];
        for (var number = calls.Count - 1; number >= 0; number--)
        {
            if (Continues(calls[number], number == calls.Count - 1, index, id, named))
            {
                opened = false;
                return number;
            }
        }
        if (calls.Count >= MostCalls)
            throw new JsonException("More tool calls than an answer can hold.");
        calls.Add(new Call(index, FreshId(calls, id), keeps ? new KeptCall() : null));
        opened = true;
        return calls.Count - 1;
    }

    private static bool Continues(Call call, bool last, long index, ReadOnlySpan<byte> id, bool named)
    {
        if (index >= 0 && call.HostIndex >= 0)
        {
            // Some hosts give every whole call index 0: another id with a name is another call.
            return call.HostIndex == index && !(named && !id.IsEmpty && !call.IsKnownAs(id));
        }
        if (!id.IsEmpty)
            return call.IsKnownAs(id) && !(named && call.HasArguments);
        return !named && last;
    }

    // I-15: the upstream's id, unless it has none or repeats one. Ours is derived from the generation, so that a replay gives the same.
    private string FreshId(List<Call> calls, ReadOnlySpan<byte> id)
    {
        if (!id.IsEmpty)
        {
            var given = Encoding.UTF8.GetString(id);
            if (!calls.Exists(call => call.Id == given))
                return given;
        }
        return CallIds.Make($"{generationId}:{calls.Count}");
    }

    /// <summary>One call.</summary>
    /// <param name="HostIndex">The host's index; −1 when it sent none.</param>
    /// <param name="Id">The id the client sees, escaped as in the source.</param>
    /// <param name="Kept">Its name and arguments, where somebody will ask for them.</param>
    internal sealed record Call(long HostIndex, string Id, KeptCall? Kept)
    {
        /// <summary>Some text of the arguments was passed on.</summary>
        public bool HasArguments { get; set; }

        public bool IsKnownAs(ReadOnlySpan<byte> id)
        {
            Span<byte> known = stackalloc byte[128];
            return Encoding.UTF8.TryGetBytes(Id, known, out var length) ? known[..length].SequenceEqual(id) : Id == Encoding.UTF8.GetString(id);
        }
    }
}
