namespace Fairlead.Protocols.Framing;

/// <summary>
/// Splits a streamed body into events, whatever way its bytes were cut. Bytes are read into the reader's own rented buffer (<see cref="GetMemory"/>,
/// <see cref="Advance"/>), events come out as spans over it (<see cref="TryRead"/>). Not thread-safe.
/// </summary>
public abstract class FrameReader
{
    /// <summary>The most bytes one event may take, unless said otherwise: 16 MiB (an image as a data URL fits).</summary>
    public const int DefaultMaxEventBytes = 16 * 1024 * 1024;

    /// <summary>An event exceeded the limit. The reader dropped its bytes and yields nothing more: the stream is to be ended as a failure.</summary>
    public bool TooLarge { get; protected set; }

    /// <summary>The bytes are not what the framing allows (a checksum that does not match). The reader yields nothing more.</summary>
    public bool Broken { get; protected set; }

    /// <summary>Room for the next read, at least <paramref name="sizeHint"/> and never less than 256 bytes. Ends the life of spans handed out before.</summary>
    public abstract Memory<byte> GetMemory(int sizeHint = 1);

    /// <summary>Says that <paramref name="count"/> bytes were written to <see cref="GetMemory"/>.</summary>
    public abstract void Advance(int count);

    /// <summary>The body ended: what was gathered and stands without its end is the last event, where the framing can tell.</summary>
    public abstract void Complete();

    /// <summary>The next event, or false when more bytes are needed.</summary>
    public abstract bool TryRead(out StreamFrame frame);

    /// <summary>Gives the buffer back; what was held in it is lost. The reader may be used again, from where the stream goes on.</summary>
    public abstract void Release();
}
