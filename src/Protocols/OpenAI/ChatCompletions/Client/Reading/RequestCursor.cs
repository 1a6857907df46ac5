using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// Walks a request body once, token by token, and holds the first thing found wrong. Every method that can fail returns false after setting
/// <see cref="Error"/>; the readers above it only pass the false on. Broken JSON throws <see cref="JsonException"/>, caught once at the top.
/// Members whose value is null are skipped here: null is absent everywhere (I-01).
/// </summary>
internal ref struct RequestCursor(ReadOnlySpan<byte> body)
{
    /// <summary>Deep enough for JSON Schemas of tools, far from what could overflow a stack.</summary>
    public const int DeepestNesting = 128;

    private static readonly string TooMany = $"is one too many: an object may have at most {KeySet.MostOthers} members";

    public static JsonReaderOptions Options => new() { MaxDepth = DeepestNesting };

    private readonly ReadOnlySpan<byte> body = body;
    private Utf8JsonReader reader = new(body, Options);
    private byte[]? scratch;

    /// <summary>What was wrong, or null.</summary>
    public GatewayError? Error { get; private set; }

    /// <summary>Nothing was wrong so far.</summary>
    public readonly bool Ok => Error is null;

    /// <summary>Where the current token starts.</summary>
    public readonly int Position => (int)reader.TokenStartIndex;

    /// <summary>The bytes from <paramref name="start"/> to the end of the current token.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => body[start..(int)reader.BytesConsumed];

    /// <summary>What the current token is.</summary>
    public readonly JsonTokenType Kind => reader.TokenType;

    public bool Read() => reader.Read();

    /// <summary>Returns pooled memory.</summary>
    public readonly void Release()
    {
        if (scratch is not null)
            ArrayPool<byte>.Shared.Return(scratch);
    }

    /// <summary>The current token opens an object.</summary>
    public bool IsObject() => Is(JsonTokenType.StartObject, "an object");

    /// <summary>The current token opens an array.</summary>
    public bool IsArray() => Is(JsonTokenType.StartArray, "an array");

    /// <summary>
    /// Moves to the value of the next member that <paramref name="names"/> knows and whose value is not null. False at the object's end and
    /// when a name came twice. Members it does not know are kept in the bytes and skipped, or refused in a <paramref name="closed"/> object.
    /// </summary>
    public bool NextMember<T>(scoped ref KeySet seen, NameTable<T> names, out T member, bool closed = false)
        where T : struct, Enum
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text();
            var isKnown = names.TryFind(name, out member, out var bit);
            if (!isKnown && seen.IsFull)
                return Fail(TooMany);
            if (!(isKnown ? seen.AddKnown(bit) : seen.AddOther(name)))
                return Fail("is there twice");
            if (closed && !isKnown)
                return Fail("is not a member this object has");
            reader.Read();
            if (isKnown && reader.TokenType != JsonTokenType.Null)
                return true;
            reader.Skip();
        }

        member = default;
        return false;
    }

    /// <summary>Moves to the value of the next entry of a free map; the name is valid until the next call. False at the end or on a name that came twice.</summary>
    public bool NextEntry(scoped ref KeySet seen, out string name)
    {
        name = "";
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            return false;
        if (seen.IsFull)
            return Fail(TooMany);
        if (!seen.AddOther(Text()))
            return Fail("is there twice");
        name = reader.GetString()!;
        return reader.Read();
    }

    /// <summary>Moves to the next element; false at the array's end.</summary>
    public bool NextElement() => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Passes over the current value, whatever it is.</summary>
    public bool Skip()
    {
        reader.Skip();
        return true;
    }

    /// <summary>Passes over the current value, which must be an object.</summary>
    public bool SkipObject() => IsObject() && Skip();

    /// <summary>Passes over the current value, which must be an array.</summary>
    public bool SkipArray() => IsArray() && Skip();

    /// <summary>The current value must be a string; its content is in <see cref="Text"/>.</summary>
    public bool IsString() => Is(JsonTokenType.String, "a string");

    public bool ReadString(out string value, int longest = int.MaxValue)
    {
        value = "";
        if (!IsString())
            return false;
        if (reader.ValueSpan.Length > (long)longest * 6)
            return Fail($"must have at most {longest} characters");
        value = reader.GetString()!;
        return value.Length <= longest || Fail($"must have at most {longest} characters");
    }

    public bool ReadBoolean(out bool value)
    {
        value = reader.TokenType == JsonTokenType.True;
        return value || Is(JsonTokenType.False, "true or false");
    }

    /// <summary>Accepts <c>5.0</c> and <c>5e0</c>: some clients have one number type.</summary>
    public bool ReadInteger(long least, long most, out long value)
    {
        value = 0;
        if (!Is(JsonTokenType.Number, "an integer"))
            return false;
        if (!reader.TryGetInt64(out value))
        {
            if (!reader.TryGetDecimal(out var precise))
                return Fail($"must be an integer between {least} and {most}");
            if (decimal.Truncate(precise) != precise)
                return Fail("must be an integer");
            if (precise < least || precise > most)
                return Fail($"must be an integer between {least} and {most}");
            value = (long)precise;
        }

        return (value >= least && value <= most) || Fail($"must be an integer between {least} and {most}");
    }

    public bool ReadInteger(int least, int most, out int? value)
    {
        var ok = ReadInteger(least, (long)most, out var wide);
        value = (int)wide;
        return ok;
    }

    public bool ReadNumber(double least, double most, out double value)
    {
        value = 0;
        if (!Is(JsonTokenType.Number, "a number"))
            return false;
        return (reader.TryGetDouble(out value) && value >= least && value <= most) || Fail($"must be a number between {least} and {most}");
    }

    public readonly bool TryGetDecimal(out decimal value) => reader.TryGetDecimal(out value);

    public readonly bool TryGetDouble(out double value) => reader.TryGetDouble(out value);

    /// <summary>One of a few words; <paramref name="value"/> is the element of <paramref name="words"/>, so that nothing is allocated.</summary>
    public bool ReadWord(scoped ReadOnlySpan<string> words, out string value)
    {
        value = "";
        if (!IsString())
            return false;
        foreach (var word in words)
        {
            if (reader.ValueTextEquals(word))
            {
                value = word;
                return true;
            }
        }

        return Fail($"must be one of {string.Join(", ", words)}");
    }

    /// <summary>An array of strings, none of them empty.</summary>
    public bool ReadStrings(int most, int longest, out IReadOnlyList<string> values)
    {
        values = [];
        if (!IsArray())
            return false;
        List<string>? list = null;
        while (NextElement())
        {
            if (list?.Count == most)
                return Fail($"is one too many: at most {most} are accepted here");
            if (!ReadString(out var value, longest))
                return false;
            if (value.Length == 0)
                return Fail("must not be empty");
            (list ??= []).Add(value);
        }

        values = list ?? values;
        return true;
    }

    /// <summary>The current string or name, unescaped, as UTF-8. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Text()
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        var needed = reader.ValueSpan.Length;
        if (scratch is null || scratch.Length < needed)
        {
            Release();
            scratch = ArrayPool<byte>.Shared.Rent(needed);
        }

        return scratch.AsSpan(0, reader.CopyString(scratch));
    }

    /// <summary>The current string as it stands in the body, escapes and all. Valid as long as the body.</summary>
    public readonly ReadOnlySpan<byte> RawText => body.Slice(Position + 1, reader.ValueSpan.Length);

    /// <summary>The current value must be a string; counts its tokens.</summary>
    public bool CountText(ref long tokens)
    {
        if (!IsString())
            return false;
        tokens += Tokenizer.O200k.Count(Text());
        return true;
    }

    /// <summary>The current value as an element of its own; it must be an object.</summary>
    public bool ReadElement(out JsonElement element)
    {
        element = default;
        if (!IsObject())
            return false;
        element = JsonElement.ParseValue(ref reader);
        return true;
    }

    /// <summary>The bytes from <paramref name="start"/> to the end of the current token.</summary>
    public readonly ReadOnlySpan<byte> RawSince(int start) => body[start..(int)reader.BytesConsumed];

    /// <summary>The current value is wrong. <paramref name="problem"/> continues its path: "must be a string".</summary>
    public bool Fail(string problem, ErrorKind kind = ErrorKind.InvalidRequest) => FailAt(Position, problem, kind);

    /// <summary>The token that started at <paramref name="position"/> is wrong.</summary>
    public bool FailAt(int position, string problem, ErrorKind kind = ErrorKind.InvalidRequest) => FailNamed(BodyPath.At(body, position), problem, kind);

    /// <summary>A member is missing from the object that started at <paramref name="position"/>.</summary>
    public bool FailMissing(int position, string member, string problem = "is required")
    {
        var parent = BodyPath.At(body, position);
        return FailNamed(parent.Length == 0 ? member : $"{parent}.{member}", problem);
    }

    /// <summary>The member at <paramref name="path"/> is wrong.</summary>
    public bool FailNamed(string path, string problem, ErrorKind kind = ErrorKind.InvalidRequest)
    {
        Error ??= path.Length == 0
            ? new GatewayError { Kind = kind, Message = $"The body {problem}." }
            : new GatewayError { Kind = kind, Message = $"{path} {problem}.", Param = path };
        return false;
    }

    private bool Is(JsonTokenType wanted, string noun) => reader.TokenType == wanted || Fail($"must be {noun}, not {Noun(reader.TokenType)}");

    private static string Noun(JsonTokenType kind) => kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
