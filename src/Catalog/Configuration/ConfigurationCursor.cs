using System.Text;
using System.Text.Json;

namespace Fairlead.Catalog.Configuration;

/// <summary>
/// A reader of configuration JSON that goes on after a mistake: everything wrong in a document is reported with its line, column and path.
/// Only broken syntax ends the reading. <c>null</c> is the same as leaving a member out.
/// </summary>
internal ref struct ConfigurationCursor
{
    private const int MaxDepth = 32;
    private readonly ConfigurationDocument document;
    private readonly MistakeList mistakes;
    private readonly TextPool pool;
    private readonly List<Frame> frames = [];
    private Utf8JsonReader json;

    public ConfigurationCursor(ConfigurationDocument document, TextPool pool, MistakeList mistakes)
    {
        this.document = document;
        this.pool = pool;
        this.mistakes = mistakes;
        json = new(document.Json.Span, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
    }

    // Index: of the element in a list; in an object, the member to look for first.
    private readonly record struct Frame(bool IsList, string? Name, int Index, ulong Seen);

    /// <summary>Where the current value stands, to be kept: costs a path.</summary>
    public readonly SourcePoint Here => new(document, json.TokenStartIndex, Path());

    /// <summary>Where the current value stands, for a mistake reported while still at it or just past it.</summary>
    public readonly long Mark => json.TokenStartIndex;

    /// <summary>Moves to the first value.</summary>
    public void Start() => json.Read();

    /// <summary>Reads to the end, so that anything after the document is reported as a syntax error.</summary>
    public void Finish() => json.Read();

    /// <summary>Enters an object; false (and a mistake) when the value is something else.</summary>
    public bool EnterObject() => Enter(JsonTokenType.StartObject, "an object");

    /// <summary>Enters a list; false (and a mistake) when the value is something else.</summary>
    public bool EnterList() => Enter(JsonTokenType.StartArray, "a list");

    /// <summary>Moves to the next known member of the object entered last. Unknown and repeated ones are mistakes and skipped.</summary>
    public bool NextMember(MemberNames names, out string name)
    {
        while (true)
        {
            frames[^1] = frames[^1] with { Name = null };
            json.Read();
            if (json.TokenType == JsonTokenType.EndObject)
            {
                frames.RemoveAt(frames.Count - 1);
                name = "";
                return false;
            }

            var frame = frames[^1];
            var at = names.Find(in json, frame.Index);
            if (at < 0)
            {
                Report(names.Unknown(Excerpt()));
            }
            else if ((frame.Seen & (1UL << at)) != 0)
            {
                Report($"\"{names[at]}\" is given twice in the same object.");
            }
            else
            {
                name = names[at];
                frames[^1] = new(false, name, at + 1, frame.Seen | (1UL << at));
                json.Read();
                return true;
            }

            json.Read();
            json.Skip();
        }
    }

    /// <summary>Moves to the next element of the list entered last.</summary>
    public bool NextElement()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.EndArray)
        {
            frames.RemoveAt(frames.Count - 1);
            return false;
        }

        frames[^1] = frames[^1] with { Index = frames[^1].Index + 1 };
        return true;
    }

    /// <summary>The value as text, at most <paramref name="maxLength"/> characters; null when absent or (with a mistake) not text.</summary>
    public string? Text(int maxLength = 300)
    {
        if (json.TokenType == JsonTokenType.Null || !Is(JsonTokenType.String, "text in quotes"))
            return null;
        if (json.ValueSpan.Length > maxLength * 6)
            return Refuse<string>($"must be at most {maxLength} characters long.");
        var buffer = json.ValueSpan.Length <= 512 ? stackalloc char[512] : new char[json.ValueSpan.Length];
        int length;
        try
        {
            length = json.CopyString(buffer);
        }
        catch (InvalidOperationException)
        {
            return Refuse<string>("is not valid Unicode text.");
        }

        return length <= maxLength ? pool.Share(buffer[..length]) : Refuse<string>($"must be at most {maxLength} characters long.");
    }

    /// <summary>The value as true or false.</summary>
    public bool? Flag()
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Null: return null;
            case JsonTokenType.True: return true;
            case JsonTokenType.False: return false;
            default:
                Is(JsonTokenType.True, "true or false");
                return null;
        }
    }

    /// <summary>The value as a whole number within a range.</summary>
    public long? Whole(long min, long max)
    {
        if (json.TokenType == JsonTokenType.Null || !Is(JsonTokenType.Number, "a whole number"))
            return null;
        return json.TryGetInt64(out var value) && value >= min && value <= max ? value : RefuseValue<long>($"must be a whole number from {min} to {max}.");
    }

    /// <summary>The value as a number within a range.</summary>
    public decimal? Number(decimal min, decimal max)
    {
        if (json.TokenType == JsonTokenType.Null || !Is(JsonTokenType.Number, "a number"))
            return null;
        return json.TryGetDecimal(out var value) && value >= min && value <= max
            ? value
            : RefuseValue<decimal>(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be a number from {min} to {max}."));
    }

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string>? Texts(int maxLength = 100)
    {
        if (json.TokenType == JsonTokenType.Null || !EnterList())
            return null;
        var list = new List<string>();
        while (NextElement())
        {
            if (Text(maxLength) is { } text)
                list.Add(text);
        }

        return pool.Share(list);
    }

    /// <summary>True when the value is text: for members that take a text or a list.</summary>
    public readonly bool IsText => json.TokenType == JsonTokenType.String;

    /// <summary>True when the value is <c>null</c>.</summary>
    public readonly bool IsNull => json.TokenType == JsonTokenType.Null;

    /// <summary>Reports a mistake at the current value.</summary>
    public readonly void Report(string reason) => Report(Mark, reason);

    /// <summary>Reports a mistake at a value that was just read.</summary>
    public readonly void Report(long mark, string reason) => mistakes.Add(new SourcePoint(document, mark, Path()), reason);

    /// <summary>Reports a mistake at an earlier place.</summary>
    public readonly void Report(SourcePoint at, string reason) => mistakes.Add(at, reason);

    /// <summary>Whether a mistake was already reported for a member of the object just read: it is then not also missing.</summary>
    public readonly bool HasMistakeUnder(string member) => mistakes.Has(Path() is { Length: > 0 } path ? $"{path}.{member}" : member);

    private readonly T? Refuse<T>(string reason) where T : class
    {
        Report(reason);
        return null;
    }

    private readonly T? RefuseValue<T>(string reason) where T : struct
    {
        Report(reason);
        return null;
    }

    private bool Enter(JsonTokenType start, string wanted)
    {
        if (!Is(start, wanted))
            return false;
        frames.Add(start == JsonTokenType.StartArray ? new(true, null, -1, 0) : new(false, null, 0, 0));
        return true;
    }

    // Passes over a value of the wrong type. The value itself is never repeated: it may be a secret in the wrong place.
    private bool Is(JsonTokenType wanted, string description)
    {
        if (json.TokenType == wanted)
            return true;
        Report($"must be {description}, not {Describe(json.TokenType)}.");
        json.Skip();
        return false;
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => "null",
    };

    private readonly string Excerpt()
    {
        try
        {
            var name = json.GetString() ?? "";
            return name.Length <= 60 ? name : name[..60] + "…";
        }
        catch (InvalidOperationException)
        {
            return "(not valid Unicode)";
        }
    }

    private readonly string Path()
    {
        var path = new StringBuilder();
        foreach (var frame in frames)
        {
            if (frame.Name is not null)
                path.Append(path.Length == 0 ? "" : ".").Append(frame.Name);
            else if (frame.IsList && frame.Index >= 0)
                path.Append('[').Append(frame.Index).Append(']');
        }

        return path.ToString();
    }
}
