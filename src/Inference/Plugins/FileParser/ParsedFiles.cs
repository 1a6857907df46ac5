using Microsoft.Extensions.Caching.Memory;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>What files became, by account, engine and hash, for an hour in the memory of the node that read them. Bounded; thread-safe.</summary>
internal sealed class ParsedFiles : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);
    private const long MostCharacters = 32L << 20;
    private const long LongestFile = 4L << 20;

    private readonly MemoryCache files = new(new MemoryCacheOptions { SizeLimit = MostCharacters });

    public ParsedFile? Find(long accountId, PdfEngine engine, string hash) => files.Get<ParsedFile>((accountId, engine, hash));

    public void Keep(long accountId, PdfEngine engine, ParsedFile file)
    {
        if (file.Size > LongestFile)
            return;
        using var entry = files.CreateEntry((accountId, engine, file.Hash));
        entry.Value = file;
        entry.Size = file.Size;
        entry.AbsoluteExpirationRelativeToNow = KeptFor;
    }

    public void Dispose() => files.Dispose();
}
