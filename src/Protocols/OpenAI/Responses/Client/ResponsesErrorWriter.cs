using System.Text.Json;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>Errors of this dialect (inference §10.5): before generation the common envelope, in a stream a flat event (I-51, I-52).</summary>
internal static class ResponsesErrorWriter
{
    /// <summary>The vendor's code for a failed turn; the exact one is in <c>error_type</c>.</summary>
    public static string CodeOf(ErrorKind kind) => kind switch
    {
        ErrorKind.RateLimitExceeded => "rate_limit_exceeded",
        ErrorKind.ContextLengthExceeded or ErrorKind.InvalidRequest or ErrorKind.InvalidPrompt or ErrorKind.MaxTokensExceeded => "invalid_prompt",
        ErrorKind.ContentPolicyViolation => "image_content_policy_violation",
        ErrorKind.InvalidImage => "invalid_image",
        ErrorKind.ImageDownloadFailed => "failed_to_download_image",
        _ => "server_error",
    };

    /// <summary>The error event.</summary>
    public static void WriteEvent(Utf8JsonWriter writer, GatewayError error, int sequence)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesEventTypes.Error);
        writer.WriteNumber("sequence_number"u8, sequence);
        writer.WriteString("code"u8, CodeOf(error.Kind));
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("param"u8, error.Param);
        writer.WriteString("error_type"u8, ErrorKinds.WireName(error.Kind));
        writer.WriteEndObject();
    }
}
