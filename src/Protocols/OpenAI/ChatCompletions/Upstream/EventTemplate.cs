using System.Buffers;
using System.Text.Unicode;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// The events of a token stream differ in one string only. After an event was edited the long way, its bytes around that string and ours around its
/// copies are kept; an event with the same bytes around another string is then edited by comparing and copying. It is valid JSON because the learned
/// one was and the new string's inside is checked.
/// </summary>
internal sealed class EventTemplate
{
    // Longer events carry log probabilities or citations that change each time.
    private const int MostBytes = 2048;

    private byte[] buffer = [];
    private int headLength;
    private int tailLength;
    private int outputLength;
    private int firstAt;
    private int secondAt;
    private int afterFirst;
    private int afterSecond;
    private KeptCall? keptCall;

    /// <summary>Nothing is learned.</summary>
    public void Forget() => headLength = 0;

    /// <summary>Learns from an event and what it was turned into.</summary>
    public void Learn(ReadOnlySpan<byte> data, ReadOnlySpan<byte> output, scoped in CopiedText copied)
    {
        headLength = 0;
        if (!copied.IsFit || data.Length + output.Length > MostBytes || !data.Overlaps(copied.Source, out var at))
            return;
        if (buffer.Length == 0)
            buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        var length = copied.Source.Length;
        var tail = data[(at + length)..];
        data[..at].CopyTo(buffer);
        tail.CopyTo(buffer.AsSpan(at));
        headLength = at;
        keptCall = copied.Kept;
        tailLength = tail.Length;

        // Ours without the copies, and where the copies go.
        var target = buffer.AsSpan(at + tail.Length);
        output[..copied.FirstAt].CopyTo(target);
        firstAt = copied.FirstAt;
        var rest = output[(copied.FirstAt + length)..];
        rest.CopyTo(target[firstAt..]);
        outputLength = output.Length - length;
        afterFirst = secondAt = outputLength;
        afterSecond = outputLength;
        if (copied.SecondAt > 0)
        {
            secondAt = copied.SecondAt - length;
            afterFirst = secondAt;
            var behind = output[(copied.SecondAt + length)..];
            behind.CopyTo(target[secondAt..]);
            outputLength -= length;
            afterSecond = outputLength;
        }
    }

    /// <summary>Edits <paramref name="data"/> if it fits what was learned; the text is counted where there is a meter.</summary>
    public bool TryApply(ReadOnlySpan<byte> data, IBufferWriter<byte> output, OutputMeter? meter)
    {
        if (headLength == 0 || data.Length <= headLength + tailLength)
            return false;
        ReadOnlySpan<byte> kept = buffer;
        if (!data.StartsWith(kept[..headLength]) || !data.EndsWith(kept.Slice(headLength, tailLength)))
            return false;
        var inside = data[headLength..^tailLength];
        if (!IsInsideOfString(inside))
            return false;

        var ours = kept.Slice(headLength + tailLength, outputLength);
        var twice = secondAt < outputLength;
        var total = outputLength + (twice ? 2 * inside.Length : inside.Length);
        var target = output.GetSpan(total);
        ours[..firstAt].CopyTo(target);
        inside.CopyTo(target[firstAt..]);
        var length = firstAt + inside.Length;
        ours[firstAt..afterFirst].CopyTo(target[length..]);
        length += afterFirst - firstAt;
        if (twice)
        {
            inside.CopyTo(target[length..]);
            length += inside.Length;
            ours[secondAt..afterSecond].CopyTo(target[length..]);
        }
        output.Advance(total);
        MeterText.Add(meter, new TextPiece(inside, escaped: true));
        keptCall?.AddEscaped(inside);
        return true;
    }

    public void Release()
    {
        headLength = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private static bool IsInsideOfString(ReadOnlySpan<byte> inside)
    {
        if (!Utf8.IsValid(inside))
            return false;
        while (true)
        {
            var at = inside.IndexOfAny(JsonText.NeedsEscape);
            if (at < 0)
                return true;
            inside = inside[at..];
            var escape = inside is [(byte)'\\', (byte)'u', ..] ? 6 : 2;
            if (inside.Length < escape || inside[0] != (byte)'\\')
                return false;
            if (escape == 6 ? inside[2..6].ContainsAnyExcept(HexDigits) : !"\"\\/bfnrt"u8.Contains(inside[1]))
                return false;
            inside = inside[escape..];
        }
    }

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);
}
