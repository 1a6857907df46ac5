using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>Who reads a PDF.</summary>
internal enum PdfEngine
{
    /// <summary>Nobody said: the model where it takes files, else <see cref="PdfText"/>.</summary>
    Auto,
    /// <summary><c>native</c>: the model.</summary>
    Native,
    /// <summary><c>pdf-text</c>, also called <c>cloudflare-ai</c>: the text in the file.</summary>
    PdfText,
    /// <summary><c>mistral-ocr</c>: Mistral's OCR.</summary>
    MistralOcr,
}

/// <summary>The plugin's options for one request.</summary>
/// <param name="Engine">Who reads PDFs.</param>
/// <param name="MaxFiles">More files than this are refused. 1 to 100; default 20.</param>
internal readonly record struct FileParserSettings(PdfEngine Engine, int MaxFiles)
{
    private const int MostFiles = 100;
    private const int UsualFiles = 20;

    /// <summary>Reads them. Switched off means that files go to the model as they are.</summary>
    public static (FileParserSettings Settings, GatewayError? Error) Read(PluginChoice choice, string id)
    {
        var options = choice.Options(id);
        var most = options.Whole("max_files", 1, MostFiles) ?? UsualFiles;
        var pdf = options.Inside("pdf");
        var engine = pdf.Word("engine", "native", "pdf-text", "mistral-ocr", "cloudflare-ai") switch
        {
            "native" => PdfEngine.Native,
            "mistral-ocr" => PdfEngine.MistralOcr,
            "pdf-text" or "cloudflare-ai" => PdfEngine.PdfText,
            _ => PdfEngine.Auto,
        };
        return (new FileParserSettings(choice.IsOff ? PdfEngine.Native : engine, most), pdf.Error ?? options.Error);
    }
}
