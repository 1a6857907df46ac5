using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>What a file became.</summary>
/// <param name="Hash">SHA-256 of its bytes, hexadecimal; of its address where only that was seen here (OCR of an address).</param>
/// <param name="Name">Its name.</param>
/// <param name="Content">Texts and pictures.</param>
internal sealed record ParsedFile(string Hash, string Name, IReadOnlyList<Part> Content)
{
    /// <summary>Roughly what it takes of memory, in characters.</summary>
    public long Size => Content.Sum(static part => 64L + (part is TextPart text ? text.Text.Length : ((ImagePart)part).Url.Length));

    /// <summary>As the caller gets it, to be sent back.</summary>
    public FileParsed ToAnnotation() => new(Hash, Name, ChatFiles.Write(Content));
}
