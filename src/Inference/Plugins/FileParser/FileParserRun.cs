using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>
/// The files of one request. Before the first endpoint is asked, those that some endpoint of the plan cannot take are read; then each endpoint gets them as it can
/// take them: as they are, or as texts, with or without the pictures in them.
/// </summary>
internal sealed class FileParserRun(string id, FileReader reader, PdfEngine engine, OcrFee? fee) : PluginRun(id)
{
    // Far beyond any context; more only takes memory.
    private const long MostCharacters = 32 << 20;

    private readonly List<HandledFile> files = [];
    private bool perEndpoint;
    private int paidPages;

    public override Credits WorstFee => fee?.Worst ?? Credits.Zero;

    public override bool ActsBefore => true;

    public override bool ActsPerEndpoint => true;

    public override bool ActsOnAnswer => true;

    public override bool TakesFiles => true;

    public override PluginFee? Fee => paidPages > 0 && fee is not null ? new PluginFee(Id, paidPages, fee.Page) : null;

    public override async ValueTask<Outcome<CanonicalRequest>> BeforeAsync(PluginCall call, CanonicalRequest request)
    {
        var plan = call.Plan;
        var wanted = Array.ConvertAll(plan.Attempts, index => FileShape.Of(engine, plan.Candidates[index]));
        if (Array.TrueForAll(wanted, static shape => shape.IsNative))
            return request;
        if (await ReadAsync(call, request, Array.Exists(wanted, static shape => shape.Pdfs)) is { } error)
            return error;
        if (!Array.Exists(wanted, static shape => shape.Others) && files.Find(static file => file.Parsed is null) is { } other)
            return CannotRead(other);

        // What most of the text reaches is what is held for.
        var largest = wanted.OrderByDescending(static shape => shape.Pdfs).ThenByDescending(static shape => shape.Images).First();
        perEndpoint = !Array.TrueForAll(wanted, shape => shape == largest);
        if (!Shape(request, largest).Try(out var shaped, out var refused))
            return refused;
        if (!perEndpoint)
            return shaped;
        return await PluginSteps.TryGrowAsync(call, request, shaped) ? request : PluginSteps.TooFewCredits;
    }

    public override ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate)
    {
        if (!perEndpoint)
            return new(new EndpointShape(request, null));
        var shape = FileShape.Of(engine, in candidate);
        if (!shape.Others && files.Find(static file => file.Parsed is null) is { } other)
            return new(Impossible(CannotRead(other)));
        return new(Shape(request, shape).Try(out var shaped, out var error) ? new EndpointShape(shaped, null) : Impossible(error));
    }

    public override IReadOnlyList<AnswerEvent> Annotate(string text) => [.. NewlyParsed.Select(static file => file.ToAnnotation())];

    public override GatewayError WhenUnanswered(GatewayError error)
    {
        var parsed = NewlyParsed.Select(static file => file.ToAnnotation()).ToList();
        if (parsed.Count == 0)
            return error;
        var metadata = error.Metadata ?? [];
        metadata["file_annotations"] = new JsonArray([.. parsed.Select(static file => new JsonObject
        {
            ["type"] = "file",
            ["file"] = new JsonObject { ["hash"] = file.Hash, ["name"] = file.Name, ["content"] = JsonNode.Parse(file.Content) },
        })]);
        return error with { Metadata = metadata };
    }

    public override bool WriteStage(Utf8JsonWriter json)
    {
        if (!files.Exists(static file => file.Parsed is not null))
            return false;
        json.WriteString("type"u8, "plugin"u8);
        json.WriteString("name"u8, Id);
        json.WriteStartObject("data"u8);
        json.WriteString("engine"u8, engine == PdfEngine.MistralOcr ? "mistral-ocr" : "pdf-text");
        json.WriteNumber("files"u8, files.Count(static file => file.Parsed is not null));
        if (paidPages > 0)
            json.WriteNumber("pages"u8, paidPages);
        json.WriteEndObject();
        if (Fee is { } due)
            json.WriteNumber("cost_usd"u8, due.Total.Dollars);
        return true;
    }

    /// <summary>PDFs that were read here: the caller does not have them yet. A text file is not worth sending back.</summary>
    private IEnumerable<ParsedFile> NewlyParsed => files.Where(static file => file is { Kind: FileKind.Pdf, Brought: false, Parsed: not null }).Select(static file => file.Parsed!).DistinctBy(static file => file.Hash);

    private async ValueTask<GatewayError?> ReadAsync(PluginCall call, CanonicalRequest request, bool pdfs)
    {
        var messages = ChatMessages.Of(request).Items;
        var brought = ChatFiles.Annotated(messages);
        var size = 0L;
        foreach (var source in ChatFiles.Find(messages).Select(static place => place.File))
        {
            // Where PDFs stay they are not even decoded, and no address is fetched only to see what is there.
            if (!pdfs && source.Data is { } data && (WebAddress.IsWeb(data) || IsPdf(data)))
            {
                files.Add(new HandledFile(source, FileKind.Other, null, Brought: false));
                continue;
            }

            if (!(await reader.GetAsync(source, engine, call.Cancellation)).Try(out var file, out var error))
                return error;
            if (file.Kind == FileKind.Other || (file.Kind == FileKind.Pdf && !pdfs))
            {
                files.Add(new HandledFile(source, file.Kind, null, Brought: false));
                continue;
            }

            if (brought.LastOrDefault(one => string.Equals(one.Hash, file.Hash, StringComparison.OrdinalIgnoreCase)) is { } annotation)
            {
                var content = ChatFiles.PartsOf(System.Text.Encoding.UTF8.GetBytes(annotation.Content));
                files.Add(new HandledFile(source, file.Kind, new ParsedFile(file.Hash, file.Name, content), Brought: true));
                continue;
            }

            if (!(await reader.ReadAsync(file, engine, call)).Try(out var reading, out error))
                return error;
            paidPages += Math.Min(reading.PaidPages, fee?.MostPages(source) ?? 0);
            files.Add(new HandledFile(source, file.Kind, reading.File, Brought: false));
            if ((size += reading.File.Size) > MostCharacters)
                return GatewayError.Invalid($"The files of the request hold more than {MostCharacters} characters together. Send fewer.");
        }

        return null;
    }

    /// <summary>
    /// The request with its files as an endpoint is to have them. They are looked for anew: other plugins may have put messages in or taken some out since.
    /// </summary>
    private Outcome<CanonicalRequest> Shape(CanonicalRequest request, FileShape shape)
    {
        var replaced = files.FindAll(file => file.Parsed is not null && (file.Kind == FileKind.Pdf ? shape.Pdfs : shape.Texts));
        if (replaced.Count == 0)
            return request;
        var messages = ChatMessages.Of(request);
        var pictures = shape.Images ? FileText.MostPictures : 0;
        foreach (var message in ChatFiles.Find(messages.Items).GroupBy(static file => file.Message))
        {
            var replacements = new Dictionary<int, IReadOnlyList<Part>>();
            foreach (var place in message)
            {
                if (replaced.Find(file => file.Source == place.File) is { Parsed: { } parsed })
                    replacements[place.Part] = FileText.Of(parsed, ref pictures);
            }

            messages.Items[message.Key] = ChatFiles.Replace(messages.Items[message.Key], replacements);
        }

        var (changed, error) = messages.ApplyTo(request);
        return changed is null ? error! : changed;
    }

    private static bool IsPdf(string data) =>
        data.StartsWith("data:application/pdf", StringComparison.OrdinalIgnoreCase) || data.StartsWith("JVBERi", StringComparison.Ordinal);

    private static EndpointShape Impossible(GatewayError error) =>
        new(null, new UpstreamFailure { Kind = error.Kind, Retry = RetryClass.NextOnce, Status = error.Status, Message = error.Message });

    private static GatewayError CannotRead(HandledFile file) => GatewayError.Invalid(
        $"{file.Source.FileName ?? "A file"} cannot be given to this model: it takes no files, and only PDF and text files (txt, md, csv, json, html) can be read for it.");

    private sealed record HandledFile(FilePart Source, FileKind Kind, ParsedFile? Parsed, bool Brought);
}
