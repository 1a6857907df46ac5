using System.Buffers;

namespace Fairlead.Protocols.Json.Repair;

/// <summary>A part of a text that is meant to be JSON.</summary>
/// <param name="Start">Of its opening bracket.</param>
/// <param name="End">Behind its closing bracket, or where the text or its fence ends.</param>
/// <param name="Limit">Nothing behind this is read as part of it.</param>
/// <param name="Closed">Its bracket was closed.</param>
/// <param name="Fenced">It stands first in a fence of Markdown.</param>
/// <param name="Inner">Of a region that was not closed, the longest closed one in it.</param>
internal readonly record struct JsonRegion(int Start, int End, int Limit, bool Closed, bool Fenced, Range? Inner);

/// <summary>
/// Finds the outermost <c>{…}</c> and <c>[…]</c> of a text in one pass: a stack of brackets, strings and comments skipped inside them. A bracket of the wrong
/// kind closes whatever is open within its partner. What Markdown fences comes first, then the longest.
/// </summary>
internal ref struct JsonRegions
{
    /// <summary>So many are tried, which bounds the work.</summary>
    private const int Most = 3;

    private static readonly SearchValues<byte> Telling = SearchValues.Create("{}[]\"'`/#"u8);

    private readonly ReadOnlySpan<byte> text;
    private readonly bool looseQuotes;
    private readonly List<JsonRegion> best = [];
    private int[] opened = ArrayPool<int>.Shared.Rent(64);
    private int depth;
    private int braces;
    private Range? inner;
    private bool inFence;
    private int fencedStart = -1;

    private JsonRegions(ReadOnlySpan<byte> text, bool looseQuotes)
    {
        this.text = text;
        this.looseQuotes = looseQuotes;
    }

    /// <summary>The outermost regions, in the order in which they are to be tried.</summary>
    public static IReadOnlyList<JsonRegion> Find(ReadOnlySpan<byte> text, bool looseQuotes)
    {
        var regions = new JsonRegions(text, looseQuotes);
        regions.Scan();
        ArrayPool<int>.Shared.Return(regions.opened);
        return regions.best;
    }

    private void Scan()
    {
        for (var at = 0; at < text.Length; at++)
        {
            var found = depth == 0 ? text[at..].IndexOfAny((byte)'{', (byte)'[', (byte)'`') : text[at..].IndexOfAny(Telling);
            if (found < 0)
                break;
            at += found;
            switch (text[at])
            {
                case (byte)'{' or (byte)'[':
                    Open(at);
                    break;
                case (byte)'}' or (byte)']':
                    Close(at);
                    break;
                case (byte)'`' when Blanks.IsFence(text, at):
                    at = Fence(at) - 1;
                    break;
                case (byte)'"' or (byte)'\'' when BeginsString(at):
                    var end = Quotes.End(text, at, looseQuotes);
                    at = end < 0 ? text.Length : end;
                    break;
                case (byte)'/' or (byte)'#' when Blanks.IsComment(text, at):
                    at = Blanks.EndOfComment(text, at) - 1;
                    break;
            }
        }

        LeaveOpen(text.Length);
    }

    /// <summary>An apostrophe within a word begins nothing.</summary>
    private readonly bool BeginsString(int at) =>
        text[at] == (byte)'"' || text[..at].TrimEnd(Blanks.All) is [.., (byte)'{' or (byte)'[' or (byte)',' or (byte)':'];

    private void Open(int at)
    {
        if (depth == opened.Length)
        {
            var bigger = ArrayPool<int>.Shared.Rent(depth * 2);
            opened.AsSpan(0, depth).CopyTo(bigger);
            ArrayPool<int>.Shared.Return(opened);
            opened = bigger;
        }

        opened[depth++] = at;
        braces += text[at] == (byte)'{' ? 1 : 0;
    }

    private void Close(int at)
    {
        var partner = text[at] == (byte)'}' ? (byte)'{' : (byte)'[';
        if ((partner == (byte)'{' ? braces : depth - braces) == 0)
            return;
        byte closed;
        do
        {
            closed = text[opened[--depth]];
            braces -= closed == (byte)'{' ? 1 : 0;
        }
        while (closed != partner);

        var start = opened[depth];
        if (depth == 0)
            Add(new JsonRegion(start, at + 1, text.Length, Closed: true, start == fencedStart, null));
        else if (inner is not { } longest || at + 1 - start > longest.End.Value - longest.Start.Value)
            inner = start..(at + 1);
    }

    /// <summary>A fence ends what is open. Returns the index behind it and its language; a bracket there is the fence's content.</summary>
    private int Fence(int at)
    {
        LeaveOpen(at);
        at += 3;
        inFence = !inFence;
        if (!inFence)
            return at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] is (byte)'_' or (byte)'-' or (byte)'+'))
            at++;
        fencedStart = JsonScan.SkipBlank(text, at);
        return at;
    }

    private void LeaveOpen(int end)
    {
        if (depth > 0)
            Add(new JsonRegion(opened[0], end, EndOfOpen(end), Closed: false, opened[0] == fencedStart, inner));
        (depth, braces) = (0, 0);
    }

    /// <summary>A string that nobody closed must not swallow the fence at the end.</summary>
    private readonly int EndOfOpen(int end)
    {
        var open = text[..end].TrimEnd(Blanks.All);
        return inFence && open.EndsWith("```"u8) ? open[..^3].TrimEnd(Blanks.All).Length : open.Length;
    }

    private void Add(JsonRegion region)
    {
        inner = null;
        var place = best.Count;
        while (place > 0 && Goes(region, best[place - 1]))
            place--;
        best.Insert(place, region);
        if (best.Count > Most)
            best.RemoveAt(Most);
    }

    private static bool Goes(in JsonRegion first, in JsonRegion second) =>
        first.Fenced != second.Fenced ? first.Fenced : first.End - first.Start > second.End - second.Start;
}
