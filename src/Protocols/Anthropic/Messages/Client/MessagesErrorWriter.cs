using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>Errors as this format's clients read them (inference §12.4): the vendor's type by status, our own in <c>error_type</c>.</summary>
internal static class MessagesErrorWriter
{
    public static void WriteBody(GatewayError error, string generationId, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        WriteEnvelope(writer, error);
        writer.WriteString("request_id"u8, generationId);
        if (!error.RouterMetadata.IsEmpty)
        {
            writer.WritePropertyName("openrouter_metadata"u8);
            writer.WriteRawValue(error.RouterMetadata.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>The event that ends a stream.</summary>
    public static void WriteEvent(GatewayError error, IBufferWriter<byte> output)
    {
        output.Write("event: error\ndata: "u8);
        using (var writer = JsonWriting.Create(output))
        {
            WriteEnvelope(writer, error);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private static void WriteEnvelope(Utf8JsonWriter writer, GatewayError error)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, TypeOf(error.Status));
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("error_type"u8, ErrorKinds.WireName(error.Kind));
        if (error.Metadata is { Count: > 0 })
        {
            writer.WritePropertyName("metadata"u8);
            error.Metadata.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> TypeOf(int status) => status switch
    {
        401 => "authentication_error"u8,
        402 => "billing_error"u8,
        403 => "permission_error"u8,
        404 => "not_found_error"u8,
        413 => "request_too_large"u8,
        429 => "rate_limit_error"u8,
        503 or 529 => "overloaded_error"u8,
        408 or 504 or 524 => "timeout_error"u8,
        >= 500 => "api_error"u8,
        _ => "invalid_request_error"u8,
    };
}
