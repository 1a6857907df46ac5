using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.FileParser.Ocr;

/// <summary>Where OCR is done, and how it is called.</summary>
/// <param name="BaseUrl">Without trailing slash.</param>
/// <param name="Key">The key.</param>
/// <param name="Timeout">For one file.</param>
/// <param name="AllowPrivate">The address may be loopback or private.</param>
internal sealed record OcrService(string BaseUrl, string Key, TimeSpan Timeout, bool AllowPrivate)
{
    /// <summary>
    /// What the configuration says: the service named under <c>inference.file_parser</c>, else the provider <c>mistral</c>. A 400 that says what to set where there
    /// is no key.
    /// </summary>
    public static Outcome<OcrService> Find(CatalogSnapshot catalog)
    {
        var named = catalog.Options.FileParser.MistralOcr;
        var mistral = catalog.Providers.FirstOrDefault(static provider => provider.Slug == "mistral");
        return (named.BaseUrl ?? mistral?.BaseUrl) is { } address && (named.ApiKey ?? mistral?.ApiKey) is { } key
            ? new OcrService(address, key, named.Timeout, named.BaseUrl is not null || mistral!.AllowPrivateNetwork)
            : GatewayError.Invalid(
                "The engine \"mistral-ocr\" is not set up on this gateway: its operator has to give the provider \"mistral\" a key (MISTRAL_API_KEY). Choose the engine \"pdf-text\".",
                "plugins.file-parser.pdf.engine");
    }
}
