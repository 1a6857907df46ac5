namespace Fairlead.Catalog.Configuration;

/// <summary><c>inference.file_parser</c>: who reads scanned files, and what a page costs.</summary>
public sealed record FileParserOptions
{
    /// <summary>Mistral's OCR where the provider <c>mistral</c> has a key.</summary>
    public static FileParserOptions Default { get; } = new();

    /// <summary>
    /// <c>mistral_ocr</c>: Mistral's OCR, or a service that speaks the same. Address and key are those of the provider <c>mistral</c> unless they are given. Default
    /// 0.002 dollars a page, 120 seconds.
    /// </summary>
    public OutsideService MistralOcr { get; init; } = new() { Price = 0.002m, Timeout = TimeSpan.FromSeconds(120) };
    /// <summary><c>max_ocr_pages</c>: pages of one file that are held and charged at the most. Default 1000, as many as Mistral reads; 1 to 10,000.</summary>
    public int MaxOcrPages { get; init; } = 1000;

    /// <summary>The same with the keys that the environment holds.</summary>
    internal FileParserOptions WithKeys(Func<string, string?> environment) => this with { MistralOcr = MistralOcr.WithKey(environment) };
}
