namespace Fairlead.Protocols.Framing;

/// <summary>Splits a body of JSON documents, one per line (<c>application/x-ndjson</c>), into lines. Empty lines are passed over. Not thread-safe.</summary>
/// <param name="maxLineBytes">The most bytes one line may take.</param>
public sealed class JsonLinesReader(int maxLineBytes = FrameReader.DefaultMaxEventBytes) : HeldBytesReader(maxLineBytes)
{
    private int searched;
    private bool completed;

    /// <inheritdoc/>
    public override void Complete() => completed = true;

    /// <inheritdoc/>
    public override bool TryRead(out StreamFrame frame)
    {
        frame = default;
        while (!TooLarge)
        {
            var held = Held;
            var length = held[searched..].IndexOf((byte)'\n');
            if (length < 0 && !completed)
            {
                searched = held.Length;
                if (held.Length > MaxFrameBytes)
                    Refuse();
                return false;
            }

            length = length < 0 ? held.Length : searched + length;
            searched = 0;
            if (length > MaxFrameBytes)
            {
                Refuse();
                return false;
            }

            Consume(Math.Min(length + 1, held.Length));
            var line = held[..length].Trim(" \t\r"u8);
            if (!line.IsEmpty)
            {
                frame = new StreamFrame(default, line);
                return true;
            }

            if (length == held.Length)
                return false;
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        searched = 0;
        base.Release();
    }
}
