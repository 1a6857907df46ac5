namespace Fairlead.Protocols.Sse;

/// <summary>One server-sent event. Its spans point into the reader's buffer: valid until the next call on the reader.</summary>
/// <param name="name">The value of the last <c>event:</c> line, empty when there was none.</param>
/// <param name="data">The <c>data:</c> lines, joined with LF.</param>
public readonly ref struct SseEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
{
    /// <summary>The value of the last <c>event:</c> line, empty when there was none.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The <c>data:</c> lines, joined with LF; never absent, may be empty.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}
