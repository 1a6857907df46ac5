using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.OpenAI.Embeddings;

/// <summary>Reads <c>input</c> in each of its forms: a string, strings, token numbers, arrays of them, objects with <c>content</c>.</summary>
internal sealed class EmbeddingInputs
{
    /// <summary>As many as OpenAI takes in one call; it bounds an answer too.</summary>
    public const int MostInputs = 2048;

    /// <summary>No model of embeddings reads a longer input.</summary>
    private const int MostTokens = 1_000_000;

    private enum Member
    {
        Content,
    }

    private static readonly NameTable<Member> Members = new(("content", Member.Content));

    private ContentCount content;

    /// <summary>The inputs in order.</summary>
    public List<EmbeddingInput> List { get; } = [];

    /// <summary>The whole value as sent.</summary>
    public ReadOnlyMemory<byte> Json { get; private set; }

    /// <summary>What they hold.</summary>
    public ContentCount Content => content;

    public bool Read(ref RequestCursor cursor, ReadOnlyMemory<byte> body)
    {
        var start = cursor.Position;
        var ok = cursor.Kind switch
        {
            JsonTokenType.String => ReadText(ref cursor, body),
            JsonTokenType.StartArray => ReadArray(ref cursor, body),
            _ => cursor.Fail("must be a string, an array of strings, an array of token numbers, or an array of such arrays"),
        };
        Json = ok ? body.Slice(start, cursor.RawSince(start).Length) : default;
        return ok;
    }

    private bool ReadArray(ref RequestCursor cursor, ReadOnlyMemory<byte> body)
    {
        var start = cursor.Position;
        if (!cursor.NextElement())
            return cursor.FailAt(start, "must not be empty");
        if (cursor.Kind == JsonTokenType.Number)
            return ReadTokens(ref cursor, body, start, isInside: true);
        do
        {
            if (List.Count == MostInputs)
                return cursor.Fail($"is one too many: at most {MostInputs} inputs are accepted");
            var ok = cursor.Kind switch
            {
                JsonTokenType.String => ReadText(ref cursor, body),
                JsonTokenType.StartArray => ReadTokens(ref cursor, body, cursor.Position, isInside: false),
                JsonTokenType.StartObject => ReadContent(ref cursor, body),
                _ => cursor.Fail("must be a string, an array of token numbers, or an object with content"),
            };
            if (!ok)
                return false;
        }
        while (cursor.NextElement());
        return cursor.Ok;
    }

    private bool ReadText(ref RequestCursor cursor, ReadOnlyMemory<byte> body)
    {
        var start = cursor.Position;
        var tokens = 0L;
        if (!cursor.CountText(ref tokens))
            return false;
        if (cursor.RawText.IsEmpty)
            return cursor.Fail("must not be empty");
        Add(EmbeddingInputKind.Text, body.Slice(start, cursor.RawSince(start).Length), tokens);
        return true;
    }

    /// <summary>An array of numbers; <paramref name="isInside"/> when the first of them was read already.</summary>
    private bool ReadTokens(ref RequestCursor cursor, ReadOnlyMemory<byte> body, int start, bool isInside)
    {
        var count = 0;
        while (isInside || cursor.NextElement())
        {
            isInside = false;
            if (!cursor.ReadInteger(0, int.MaxValue, out long _))
                return false;
            if (++count > MostTokens)
                return cursor.Fail($"is one too many: an input may have at most {MostTokens} tokens");
        }

        if (count == 0)
            return cursor.FailAt(start, "must not be empty");
        Add(EmbeddingInputKind.Tokens, body.Slice(start, cursor.RawSince(start).Length), count);
        return cursor.Ok;
    }

    private bool ReadContent(ref RequestCursor cursor, ReadOnlyMemory<byte> body)
    {
        var start = cursor.Position;
        var parts = ReadOnlyMemory<byte>.Empty;
        var before = content.Tokens;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out _))
        {
            var from = cursor.Position;
            if (!cursor.IsArray() || !PartReader.ReadContent(ref cursor, ref content, out _))
                return false;
            parts = body.Slice(from, cursor.RawSince(from).Length);
        }

        if (!cursor.Ok)
            return false;
        if (parts.Length == 0)
            return cursor.FailMissing(start, "content");
        var tokens = content.Tokens - before;
        content.Tokens = before;
        Add(EmbeddingInputKind.Content, parts, tokens);
        return true;
    }

    private void Add(EmbeddingInputKind kind, ReadOnlyMemory<byte> json, long tokens)
    {
        content.Tokens += tokens;
        List.Add(new EmbeddingInput(kind, json, (int)Math.Min(tokens, int.MaxValue)));
    }
}
