using Fairlead.Inference.Plugins.FileParser.Ocr;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary><c>file-parser</c> (routing §11.3): files for models that take none. On for every request with a file, asked for or not.</summary>
internal sealed class FileParserPlugin(FileReader reader) : IPlugin
{
    public string Id => "file-parser";

    public GatewayError? Begin(in PluginStart start, out PluginRun? run)
    {
        run = null;
        var files = start.Request.Content.Files;
        if (files == 0 && !start.Choice.IsOn)
            return null;
        var (settings, error) = FileParserSettings.Read(start.Choice, Id);
        if (error is not null)
            return error;
        var catalog = start.Context.Catalog;
        if (settings.Engine == PdfEngine.MistralOcr && !OcrService.Find(catalog).Try(out _, out error))
            return error;
        if (files > settings.MaxFiles)
            return GatewayError.Invalid($"The request has {files} files, and at most {settings.MaxFiles} are allowed (max_files of the plugin file-parser).", "plugins.file-parser.max_files");
        if (files == 0 || settings.Engine == PdfEngine.Native)
            return null;
        var fee = settings.Engine == PdfEngine.MistralOcr ? new OcrFee(catalog.Options.FileParser, ChatFiles.Find(ChatMessages.Of(start.Request).Items)) : null;
        run = new FileParserRun(Id, reader, settings.Engine, fee);
        return null;
    }
}
