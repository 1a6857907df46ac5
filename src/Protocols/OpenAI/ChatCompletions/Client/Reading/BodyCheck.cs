using System.Globalization;
using System.Text.Unicode;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>What a body must be before anything is read of it: there, UTF-8, without half characters.</summary>
internal static class BodyCheck
{
    /// <summary>Null when <paramref name="body"/>, from which a byte order mark is taken, may be read.</summary>
    public static GatewayError? Check(ref ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
            body = body[3..];
        var bytes = body.Span;
        if (bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return GatewayError.Invalid("The body is empty; send a JSON object.");
        if (!Utf8.IsValid(bytes))
            return GatewayError.Invalid("The body is not valid UTF-8.");
        return Surrogates.FindLone(bytes) is >= 0 and var at
            ? GatewayError.Invalid(string.Create(CultureInfo.InvariantCulture, $"The body holds half of a surrogate pair at byte {at}; such an escape is not a character."))
            : null;
    }
}
