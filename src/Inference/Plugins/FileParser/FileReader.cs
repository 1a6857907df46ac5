using System.Security.Cryptography;
using System.Text;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Plugins.FileParser.Ocr;
using Fairlead.Inference.Plugins.FileParser.Pdf;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>A file at hand.</summary>
/// <param name="Name">Its name; made up where the caller gave none.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Hash">See <see cref="ParsedFile.Hash"/>.</param>
/// <param name="Bytes">Empty where only the address is known.</param>
/// <param name="Address">Where it can be fetched, or the <c>data:</c> URL it came as.</param>
internal sealed record FileAtHand(string Name, FileKind Kind, string Hash, ReadOnlyMemory<byte> Bytes, string Address);

/// <summary>What a file became, and how many pages of it are to be paid.</summary>
internal sealed record FileReading(ParsedFile File, int PaidPages);

/// <summary>Gets the files of a request, and turns them into text. What it read of a PDF it remembers for the account. Thread-safe.</summary>
internal sealed class FileReader(MediaFetcher fetcher, PdfTextExtractor pdfText, MistralOcr ocr, ParsedFiles cache)
{
    private const string UsualName = "document.pdf";

    /// <summary>The file of a part: decoded, fetched, or for OCR only named.</summary>
    public async ValueTask<Outcome<FileAtHand>> GetAsync(FilePart part, PdfEngine engine, CancellationToken cancellation)
    {
        if (part.Data is not { } data)
            return GatewayError.Invalid("Files by file_id are not offered: send the content as file_data.");
        if (!WebAddress.IsWeb(data))
            return Decode(part, data);

        var name = NameOf(part.FileName, data);
        if (engine == PdfEngine.MistralOcr && FileContent.KindOf([], null, name) != FileKind.Text)
            return new FileAtHand(name, FileKind.Pdf, HashOf(Encoding.UTF8.GetBytes(data)), default, data);
        if (!(await fetcher.FetchFileAsync(data, cancellation)).Try(out var fetched, out var error))
            return error;
        var kind = FileContent.KindOf(fetched.Bytes, fetched.MediaType, name);
        return new FileAtHand(name, kind, HashOf(fetched.Bytes), fetched.Bytes, data);
    }

    /// <summary>The text of a PDF or of a text file.</summary>
    public async ValueTask<Outcome<FileReading>> ReadAsync(FileAtHand file, PdfEngine engine, PluginCall call)
    {
        if (file.Kind == FileKind.Text)
        {
            return FileContent.ReadText(file.Bytes.Span) is { } plain
                ? new FileReading(new ParsedFile(file.Hash, file.Name, [new TextPart(plain)]), 0)
                : Wrong(file, GatewayError.Invalid("It is no UTF-8 text."));
        }

        var account = call.Context.Key!.AccountId;
        if (cache.Find(account, engine, file.Hash) is { } known)
            return new FileReading(known with { Name = file.Name }, 0);
        var outcome = engine == PdfEngine.MistralOcr ? await RecognizeAsync(file, call.Context.Catalog, call.Cancellation) : await ExtractAsync(file, call.Cancellation);
        if (!outcome.Try(out var reading, out var error))
            return Wrong(file, error);
        cache.Keep(account, engine, reading.File);
        return reading;
    }

    private static Outcome<FileAtHand> Decode(FilePart part, string data)
    {
        if (!DataUrl.TryParse(data, out var url) && !DataUrl.TrySniff(data, out url))
            return GatewayError.Invalid("file_data must be an http(s) address, a base64 data URL or a base64 PDF.");
        var bytes = Convert.FromBase64String(url.Base64);
        var name = NameOf(part.FileName, null);
        return new FileAtHand(name, FileContent.KindOf(bytes, url.MediaType, name), HashOf(bytes), bytes, $"data:{url.MediaType};base64,{url.Base64}");
    }

    private async ValueTask<Outcome<FileReading>> ExtractAsync(FileAtHand file, CancellationToken cancellation) =>
        (await pdfText.ExtractAsync(file.Bytes, cancellation)).Try(out var text, out var error)
            ? new FileReading(new ParsedFile(file.Hash, file.Name, [new TextPart(text.Text)]), 0)
            : error;

    private async ValueTask<Outcome<FileReading>> RecognizeAsync(FileAtHand file, CatalogSnapshot catalog, CancellationToken cancellation)
    {
        if (!OcrService.Find(catalog).Try(out var service, out var error) || !(await ocr.ReadAsync(service, file.Address, file.Name, cancellation)).Try(out var read, out error))
            return error;
        return new FileReading(new ParsedFile(file.Hash, file.Name, read.Content), read.Pages);
    }

    private static GatewayError Wrong(FileAtHand file, GatewayError error) => error with { Message = $"{file.Name}: {error.Message}" };

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string NameOf(string? given, string? address)
    {
        var name = string.IsNullOrWhiteSpace(given) && address is not null && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? Uri.UnescapeDataString(uri.Segments[^1])
            : given;
        // It stands in the prompt's line about the file.
        name = new string([.. (name ?? "").Where(static c => !char.IsControl(c)).Take(200)]).Trim('/', ' ');
        return name.Length == 0 ? UsualName : name;
    }
}
