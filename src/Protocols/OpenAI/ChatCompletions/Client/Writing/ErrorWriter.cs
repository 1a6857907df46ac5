using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>Errors in the one shape that serves every generation of clients (inference §13, I-58).</summary>
internal static class ErrorWriter
{
    /// <summary>The whole body of a failed request. <paramref name="nullMetadata"/>: with a top-level <c>metadata</c> that is null (I-52).</summary>
    public static void WriteBody(GatewayError error, string? userId, IBufferWriter<byte> output, bool nullMetadata = false)
    {
        using var writer = new Utf8JsonWriter(output, ChatJson.Options);
        writer.WriteStartObject();
        writer.WritePropertyName("error"u8);
        WriteError(writer, error);
        if (userId is not null)
            writer.WriteString("user_id"u8, userId);
        if (nullMetadata)
            writer.WriteNull("metadata"u8);
        RouterMetadataWriter.Write(writer, error.RouterMetadata);
        writer.WriteEndObject();
    }

    /// <summary>
    /// A chunk with the error, and the terminator, where comments went out but no endpoint has answered (I-27): with the model that was asked, and the provider
    /// where one was tried.
    /// </summary>
    public static void WriteStream(GatewayError error, AnswerIdentity identity, string? userId, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(output, ChatJson.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, identity.GenerationId);
            if (identity.Provider.Length > 0)
                writer.WriteString("provider"u8, identity.Provider);
            writer.WriteString("model"u8, identity.Model);
            writer.WriteString("object"u8, "chat.completion.chunk"u8);
            writer.WriteNumber("created"u8, identity.Created);
            writer.WritePropertyName("error"u8);
            WriteError(writer, error);
            WriteErrorChoices(writer, native: null);
            if (userId is not null)
                writer.WriteString("user_id"u8, userId);
            RouterMetadataWriter.Write(writer, error.RouterMetadata);
            writer.WriteEndObject();
        }

        output.Write("\n\ndata: [DONE]\n\n"u8);
    }

    /// <summary>The <c>choices</c> of an error chunk: one that ends with <c>error</c>.</summary>
    public static void WriteErrorChoices(Utf8JsonWriter writer, string? native)
    {
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        writer.WriteStartObject("delta"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("content"u8, ""u8);
        writer.WriteEndObject();
        writer.WriteString("finish_reason"u8, "error"u8);
        writer.WriteString("native_finish_reason"u8, native);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    /// <summary>The <c>error</c> object: its <c>code</c> is always the HTTP status as a number (I-29), the symbolic name is in the metadata.</summary>
    public static void WriteError(Utf8JsonWriter writer, GatewayError error)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code"u8, error.Status);
        writer.WriteString("message"u8, error.Message);
        if (error.Param is not null)
        {
            writer.WriteString("type"u8, "invalid_request_error"u8);
            writer.WriteString("param"u8, error.Param);
        }

        WriteMetadata(writer, error);
        if (error.Availability is not null)
            WriteAvailability(writer, error);
        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, GatewayError error)
    {
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("error_type"u8, ErrorKinds.WireName(error.Kind));
        error.RateLimit?.WriteMetadata(writer);
        if (error.Metadata is not null)
        {
            foreach (var (name, value) in error.Metadata)
            {
                if (name == "error_type")
                    continue;
                writer.WritePropertyName(name);
                if (value is null)
                    writer.WriteNullValue();
                else
                    value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteAvailability(Utf8JsonWriter writer, GatewayError error)
    {
        writer.WriteString("error_type"u8, ErrorKinds.WireName(error.Kind));
        writer.WriteNumber("http_status"u8, error.Status);
        writer.WritePropertyName("availability"u8);
        error.Availability!.WriteTo(writer);
    }
}
