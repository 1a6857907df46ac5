using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>How this dialect's JSON is written: text beyond ASCII as it is, since it is never put into a page.</summary>
internal static class ChatJson
{
    /// <summary>The writer's own checks cost time on every token; the tests read back all that is written.</summary>
    public static JsonWriterOptions Options => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
