using Fairlead.Catalog.Configuration;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>
/// What OCR of a request's files costs. How many pages a file has is known only afterwards: before, a page is held for each
/// <see cref="BytesOfAPage"/>, at least <see cref="LeastPages"/>, and of an address as many as one document may have. Never more than was held is charged.
/// </summary>
internal sealed class OcrFee(FileParserOptions prices, IReadOnlyList<ChatFile> files)
{
    // A scanned page takes twenty times as much, one of dense text about twice.
    private const int BytesOfAPage = 2048;
    private const int LeastPages = 20;

    /// <summary>The price of one page.</summary>
    public Credits Page { get; } = Credits.Exact(prices.MistralOcr.Price);

    /// <summary>The price of all that is held.</summary>
    public Credits Worst => new(checked(files.Sum(file => (long)MostPages(file.File)) * Page.PicoDollars));

    /// <summary>How many pages of a file are charged at the most.</summary>
    public int MostPages(FilePart file) => file.Data is not { } data || WebAddress.IsWeb(data)
        ? prices.MaxOcrPages
        : Math.Clamp(data.Length / 4 * 3 / BytesOfAPage, Math.Min(LeastPages, prices.MaxOcrPages), prices.MaxOcrPages);
}
