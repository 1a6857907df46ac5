using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Errors.Classification;

/// <summary>What an error body said, whatever its shape.</summary>
/// <param name="Message">The provider's message; empty when there was none.</param>
/// <param name="Code">Its code, also when it was a number; null when there was none.</param>
/// <param name="Type">Its type or status word; null when there was none.</param>
/// <param name="Status">An HTTP status told inside the body; 0 when there was none.</param>
internal sealed record ErrorBody(string Message, string? Code = null, string? Type = null, int Status = 0)
{
    private const int LongestMessage = 1024;
    private const int DeepestNesting = 4;

    /// <summary>Nothing readable.</summary>
    public static ErrorBody Empty { get; } = new("");

    /// <summary>
    /// Reads any of the shapes of OpenAI-style hosts: <c>{error:{message,type,code}}</c>, <c>{error:"text"}</c>, flat <c>{message,type,code}</c>
    /// (Cerebras, Mistral, SGLang, SiliconFlow), <c>{code,error:"text"}</c> (xAI), <c>{detail:"text"}</c> and <c>{detail:[{loc,msg}]}</c>
    /// (Mistral, vLLM), <c>{errors:[{code,message}]}</c> (Cloudflare), <c>{base_resp:{status_code,status_msg}}</c> (MiniMax), a bare string, or
    /// text that is no JSON at all.
    /// </summary>
    public static ErrorBody Read(ReadOnlySpan<byte> body)
    {
        body = body.Trim(" \t\r\n"u8);
        if (body.IsEmpty)
            return Empty;
        if (JsonCheck.IsValid(body))
            return ReadValue(body, 0) ?? Empty;
        // An HTML page of a proxy in between, or plain text: the text is all there is to say.
        return body[0] == (byte)'<' ? Empty : new ErrorBody(Cut(Encoding.UTF8.GetString(body[..Math.Min(body.Length, LongestMessage * 4)])));
    }

    private static ErrorBody? ReadValue(ReadOnlySpan<byte> json, int depth)
    {
        if (depth > DeepestNesting)
            return null;
        if (json[0] == (byte)'"')
            return new ErrorBody(Text(json));
        if (json[0] == (byte)'[')
            return ReadList(json, depth);

        string? message = null, code = null, type = null;
        var status = 0;
        ErrorBody? nested = null;
        var members = new JsonMembers(json);
        while (members.Next())
        {
            var name = members.Name;
            if (members.Kind == JsonTokenType.Null)
                continue;
            if (name.SequenceEqual("error"u8) || name.SequenceEqual("errors"u8) || name.SequenceEqual("detail"u8) || name.SequenceEqual("base_resp"u8))
                nested ??= ReadValue(members.Value, depth + 1);
            else if (name.SequenceEqual("message"u8) || name.SequenceEqual("msg"u8) || name.SequenceEqual("status_msg"u8))
                message ??= members.Kind == JsonTokenType.String ? Text(members.Value) : ReadValue(members.Value, depth + 1)?.Message;
            else if (name.SequenceEqual("code"u8) || name.SequenceEqual("status_code"u8))
                code = Scalar(members.Value, members.Kind) ?? code;
            else if (name.SequenceEqual("type"u8))
                type = Scalar(members.Value, members.Kind) ?? type;
            else if (name.SequenceEqual("status"u8))
                (type, status) = members.Kind == JsonTokenType.String ? (type ?? Text(members.Value), status) : (type, HttpStatus(members.Value));
        }
        if (code is not null && HttpStatus(code) is > 0 and var told && status == 0)
            status = told;
        if (nested is null)
            return message is null && code is null && type is null ? null : new ErrorBody(message ?? "", code, type, status);
        return new ErrorBody(
            nested.Message.Length > 0 ? nested.Message : message ?? "",
            nested.Code ?? code,
            nested.Type ?? type,
            nested.Status > 0 ? nested.Status : status);
    }

    private static ErrorBody? ReadList(ReadOnlySpan<byte> json, int depth)
    {
        ErrorBody? first = null;
        var messages = new StringBuilder();
        var elements = new JsonElements(json);
        for (var read = 0; read < 4 && elements.Next(); read++)
        {
            var one = ReadValue(elements.Value, depth + 1);
            first ??= one;
            if (one is { Message.Length: > 0 })
                messages.Append(messages.Length > 0 ? "; " : "").Append(Location(elements.Value)).Append(one.Message);
        }
        return first is null ? null : first with { Message = Cut(messages.ToString()) };
    }

    // {loc:["body","messages",0,"content"], msg}: the place is half of the message.
    private static string Location(ReadOnlySpan<byte> json)
    {
        var where = new JsonElements(json[0] == (byte)'{' ? JsonMembers.Find(json, "loc"u8) is { IsEmpty: false } loc ? loc : "[]"u8 : "[]"u8);
        var path = new StringBuilder();
        for (var read = 0; read < 12 && where.Next(); read++)
            path.Append(path.Length > 0 ? "." : "").Append(where.Value[0] == (byte)'"' ? Text(where.Value) : Encoding.UTF8.GetString(where.Value));
        return path.Length > 0 ? Cut(path.ToString()) + ": " : "";
    }

    private static string? Scalar(ReadOnlySpan<byte> value, JsonTokenType kind) => kind switch
    {
        JsonTokenType.String => Text(value) is { Length: > 0 } text ? text : null,
        JsonTokenType.Number => Cut(Encoding.UTF8.GetString(value)),
        _ => null,
    };

    private static string Text(ReadOnlySpan<byte> quoted) => Cut(JsonText.ToText(quoted[1..^1][..Math.Min(quoted.Length - 2, LongestMessage * 8)]));

    private static string Cut(string text) => text.Length <= LongestMessage ? text : text[..LongestMessage] + "…";

    private static int HttpStatus(ReadOnlySpan<byte> value) => HttpStatus(Encoding.UTF8.GetString(value[..Math.Min(value.Length, 8)]));

    private static int HttpStatus(string value) => int.TryParse(value, out var number) && number is >= 400 and < 600 ? number : 0;
}
