using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>How the files of a request are to reach one endpoint.</summary>
/// <param name="Pdfs">PDFs as text.</param>
/// <param name="Texts">Text files as text.</param>
/// <param name="Others">Files of other types as they are; without it they are an error.</param>
/// <param name="Images">With the pictures found in them.</param>
internal readonly record struct FileShape(bool Pdfs, bool Texts, bool Others, bool Images)
{
    /// <summary>Nothing changes.</summary>
    public bool IsNative => !Pdfs && !Texts;

    public static FileShape Of(PdfEngine engine, in RouteCandidate candidate)
    {
        var reads = candidate.Model.Architecture.InputModalities;
        var files = reads.Contains("file");
        var parse = engine != PdfEngine.Auto || !files;
        // OpenAI's own format has PDFs only; the others take text files too.
        return new FileShape(parse, parse || candidate.Endpoint.Target?.Protocol == UpstreamProtocol.OpenAIChat, files, reads.Contains("image"));
    }
}
