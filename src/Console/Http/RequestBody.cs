using System.Text.Json;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Console.Http;

/// <summary>
/// A JSON object sent to the management API. Members are read one by one; the first that is wrong is kept as <see cref="Mistake"/>, which names it.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Most a management request may hold, in bytes: the largest legitimate one is below 2 KiB.</summary>
    public const int Largest = 64 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly JsonDocument? document;

    private RequestBody(JsonDocument? document, GatewayError? mistake)
    {
        this.document = document;
        Mistake = mistake;
    }

    /// <summary>The first thing wrong with it; null when nothing was found so far.</summary>
    public GatewayError? Mistake { get; private set; }

    /// <summary>Reads the whole body. Whatever is wrong with it is in <see cref="Mistake"/>, and no member is there then.</summary>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (bytes, tooLarge) = await ReadBytesAsync(request, Largest, cancellationToken);
        if (tooLarge is not null)
            return new(null, tooLarge);
        try
        {
            var parsed = JsonDocument.Parse(bytes, Strict);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
                return new(parsed, null);
            parsed.Dispose();
            return new(null, GatewayError.Invalid("The body must be a JSON object."));
        }
        catch (JsonException wrong)
        {
            var where = wrong.LineNumber is { } line ? $" (line {line + 1}, byte {wrong.BytePositionInLine + 1})" : "";
            return new(null, GatewayError.Invalid($"The body is not a valid JSON object{where}: members must be named once and in quotes."));
        }
    }

    /// <summary>The bytes of a body of at most <paramref name="largest"/> bytes.</summary>
    public static async Task<(ReadOnlyMemory<byte> Bytes, GatewayError? TooLarge)> ReadBytesAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(largest, (int)Math.Clamp(request.ContentLength ?? 4096, 256, largest)) + 1];
        var length = 0;
        int read;
        while ((read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
        {
            length += read;
            if (length > largest)
                return (default, new() { Kind = ErrorKind.PayloadTooLarge, Message = $"The body is larger than {largest} bytes." });
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, largest + 1));
        }

        return (buffer.AsMemory(0, length), null);
    }

    /// <summary>Whether a member is there, null included.</summary>
    public bool Has(string name) => document?.RootElement.TryGetProperty(name, out _) == true;

    /// <summary>Refuses members that are not among these.</summary>
    public void RefuseOthersThan(params ReadOnlySpan<string> known)
    {
        if (document is null)
            return;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                Refuse(member.Name.Length <= 100 ? member.Name : member.Name[..100] + "…", $"is not known here. Known are: {string.Join(", ", known!)}");
        }
    }

    /// <summary>A text of 1 to <paramref name="longest"/> characters without control characters, trimmed; null when it is absent or wrong.</summary>
    public string? Text(string name, int longest)
    {
        if (!TryFind(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && Decoded(value)?.Trim() is { Length: > 0 } text && text.Length <= longest && !text.Any(char.IsControl))
            return text;
        Refuse(name, $"must be a text of 1 to {longest} characters");
        return null;
    }

    /// <summary>True or false; null when it is absent or wrong.</summary>
    public bool? Flag(string name)
    {
        if (!TryFind(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Refuse(name, "must be true or false");
        return null;
    }

    /// <summary>An amount of US dollars, any JSON number of that range, rounded to what a ledger holds; null when it is absent, null or wrong.</summary>
    public Ledger.Credits? Dollars(string name, decimal most)
    {
        if (!TryFind(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var amount) && amount >= 0 && amount <= most)
            return Ledger.Credits.Round(amount);
        Refuse(name, $"must be null or a number of US dollars from 0 to {most}");
        return null;
    }

    /// <summary>A positive whole number; null when it is absent, null or wrong.</summary>
    public long? Positive(string name, long most)
    {
        if (!TryFind(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        // Through decimal, so that 100.0 and 1e2 are the whole numbers they are.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.IsInteger(number) && number >= 1 && number <= most)
            return (long)number;
        Refuse(name, $"must be null (no limit) or a whole number from 1 to {most}");
        return null;
    }

    /// <summary>One of some words as the value it stands for, null being a word too; null when it is absent or wrong.</summary>
    public T? Choice<T>(string name, ReadOnlySpan<(string? Word, T Value)> choices)
        where T : struct
    {
        if (!TryFind(name, out var value))
            return null;
        var isNull = value.ValueKind == JsonValueKind.Null;
        var given = value.ValueKind == JsonValueKind.String ? Decoded(value) : null;
        var words = new List<string>();
        foreach (var (word, meaning) in choices)
        {
            if (word is null ? isNull : word == given)
                return meaning;
            words.Add(word ?? "null");
        }

        Refuse(name, $"must be one of: {string.Join(", ", words)}");
        return null;
    }

    /// <summary>A text of 1 to <paramref name="longest"/> characters, or null; null when it is absent or wrong too.</summary>
    public string? TextOrNull(string name, int longest) =>
        TryFind(name, out var value) && value.ValueKind == JsonValueKind.Null ? null : Text(name, longest);

    /// <summary>A list of texts of 1 to <paramref name="longest"/> characters, null being an empty one; null when it is absent or wrong.</summary>
    public IReadOnlyList<string>? Texts(string name, int most, int longest)
    {
        if (!TryFind(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Null)
            return [];
        var texts = new List<string>();
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most)
        {
            foreach (var element in value.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.String && Decoded(element)?.Trim() is { Length: > 0 } text && text.Length <= longest && !text.Any(char.IsControl))
                    texts.Add(text);
            }

            if (texts.Count == value.GetArrayLength())
                return texts;
        }

        Refuse(name, $"must be a list of at most {most} texts of 1 to {longest} characters");
        return null;
    }

    /// <summary>A list of objects, each read by <paramref name="read"/>; null when it is absent or wrong.</summary>
    /// <param name="name">The member.</param>
    /// <param name="most">Most elements.</param>
    /// <param name="expected">What an element must be, for the error.</param>
    /// <param name="read">Null for an element that is wrong.</param>
    public IReadOnlyList<T>? Objects<T>(string name, int most, string expected, Func<JsonElement, T?> read)
        where T : class
    {
        if (!TryFind(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Null)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > most)
        {
            Refuse(name, $"must be a list of at most {most} objects, each {expected}");
            return null;
        }

        var objects = new List<T>();
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object || read(element) is not { } known)
            {
                Refuse($"{name}[{objects.Count}]", $"must be {expected}");
                return null;
            }

            objects.Add(known);
        }

        return objects;
    }

    /// <summary>A moment in UTC; null when it is absent, null or wrong.</summary>
    public DateTimeOffset? Moment(string name)
    {
        if (!TryFind(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        // A time without a zone, or with another one, is refused rather than understood as some zone.
        if (value.ValueKind == JsonValueKind.String && Decoded(value) is { } text && (text.EndsWith('Z') || text.EndsWith("+00:00", StringComparison.Ordinal))
            && value.TryGetDateTimeOffset(out var moment))
            return moment;
        Refuse(name, "must be null or an ISO 8601 time in UTC, such as 2027-12-31T23:59:59Z");
        return null;
    }

    /// <summary>Notes what is wrong with a member, unless something was noted before.</summary>
    public void Refuse(string name, string what) => Mistake ??= GatewayError.Invalid($"Invalid request parameters: {name} {what}.", name);

    public void Dispose() => document?.Dispose();

    private bool TryFind(string name, out JsonElement value)
    {
        value = default;
        return document is not null && document.RootElement.TryGetProperty(name, out value);
    }

    /// <summary>Null when it holds half a surrogate pair, which is no text.</summary>
    private static string? Decoded(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
