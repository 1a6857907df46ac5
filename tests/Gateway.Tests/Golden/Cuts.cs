namespace Fairlead.Gateway.Tests.Golden;

/// <summary>Where a provider's bytes are cut into separate writes. Each set of places is one answer.</summary>
internal static class Cuts
{
    private const int Seed = 20261120;

    public static IEnumerable<(string Name, int[] Places)> Of(WireAnswer answer)
    {
        var bytes = answer.Bytes;
        yield return ("every byte", [.. Enumerable.Range(1, bytes.Length - 1)]);
        if (answer.IsStream)
        {
            var ends = EventEnds(bytes, answer.CrLf ? "\r\n\r\n"u8 : "\n\n"u8);
            for (var offset = -2; offset <= 2; offset++)
                yield return ($"event ends {offset:+0;-0;0}", Within(bytes, ends.Select(end => end + offset)));
        }

        // Sixty-four places of one seed, sixteen an answer, so that the pieces are of very different lengths.
        var random = new Random(Seed);
        for (var round = 1; round <= 4; round++)
            yield return ($"places of seed {Seed}, {round} of 4", Within(bytes, Enumerable.Range(0, 16).Select(_ => random.Next(1, bytes.Length)).ToList()));
    }

    private static List<int> EventEnds(byte[] bytes, ReadOnlySpan<byte> separator)
    {
        var ends = new List<int>();
        for (var at = 0; bytes.AsSpan(at).IndexOf(separator) is >= 0 and var next;)
        {
            at += next + separator.Length;
            ends.Add(at);
        }

        return ends;
    }

    private static int[] Within(byte[] bytes, IEnumerable<int> places) => [.. places.Where(place => place > 0 && place < bytes.Length).Distinct().Order()];
}
