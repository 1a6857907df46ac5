namespace Fairlead.Protocols.Framing;

/// <summary>One event of a stream, whatever frames it. Its spans point into the reader's buffer: valid until the next call on the reader.</summary>
/// <param name="name">What the frame calls the event, empty when it does not say.</param>
/// <param name="data">What it carries.</param>
public readonly ref struct StreamFrame(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
{
    /// <summary>The value of the last <c>event:</c> line, or of the header that names the event; empty when there was none.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The <c>data:</c> lines joined with LF, the line, or the payload; never absent, may be empty.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}
