namespace Fairlead.Testing.Fuzzing;

/// <summary>A parser to fuzz.</summary>
/// <param name="Name">As in reports and in the file of what was found.</param>
/// <param name="Samples">Input it reads well; mutations begin with one of them.</param>
/// <param name="Read">Reads any bytes and throws where something does not hold; the randomness is for cuts and choices.</param>
public sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Samples, Action<byte[], Random> Read)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
