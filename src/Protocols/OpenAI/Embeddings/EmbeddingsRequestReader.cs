using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.OpenAI.Embeddings;

/// <summary>
/// Reads the body of <c>POST /api/v1/embeddings</c> in one pass (inference contract §11). <c>models</c> is not applied: vectors of different models are
/// not comparable (I-54).
/// </summary>
public static class EmbeddingsRequestReader
{
    private const int LongestText = 256;

    private enum Member
    {
        Model,
        Input,
        EncodingFormat,
        Dimensions,
        InputType,
        User,
        Provider,
    }

    private static readonly NameTable<Member> Members = new(
        ("model", Member.Model), ("input", Member.Input), ("encoding_format", Member.EncodingFormat), ("dimensions", Member.Dimensions),
        ("input_type", Member.InputType), ("user", Member.User), ("provider", Member.Provider));

    private static readonly Conversation Nothing = new() { Messages = [] };

    /// <summary>Reads <paramref name="body"/>; exactly one of the results is set. The request refers to the body.</summary>
    public static (CanonicalRequest? Request, GatewayError? Error) Read(ReadOnlyMemory<byte> body)
    {
        if (BodyCheck.Check(ref body) is { } unreadable)
            return (null, unreadable);
        var cursor = new RequestCursor(body.Span);
        try
        {
            var draft = new Draft();
            return ReadMembers(ref cursor, body, ref draft) ? (Build(body, draft), null) : (null, cursor.Error);
        }
        catch (JsonException broken)
        {
            return (null, BrokenJson.Describe(body.Span, broken));
        }
        finally
        {
            cursor.Release();
        }
    }

    private static bool ReadMembers(ref RequestCursor cursor, ReadOnlyMemory<byte> body, ref Draft draft)
    {
        cursor.Read();
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            if (!ReadMember(ref cursor, member, body, ref draft))
                return false;
        }

        // Anything but white space after the object throws here.
        if (!cursor.Ok || cursor.Read())
            return false;
        return draft.Inputs.List.Count > 0 || cursor.FailNamed("input", "is required");
    }

    private static bool ReadMember(ref RequestCursor cursor, Member member, ReadOnlyMemory<byte> body, ref Draft draft)
    {
        switch (member)
        {
            case Member.Model:
                return cursor.ReadString(out draft.Model, LongestText) && (draft.Model.Length > 0 || cursor.Fail("must not be empty"));
            case Member.Input:
                return draft.Inputs.Read(ref cursor, body);
            case Member.EncodingFormat:
                var known = cursor.ReadWord(["float", "base64"], out var format);
                draft.Base64 = format == "base64";
                return known;
            case Member.Dimensions:
                return cursor.ReadInteger(1, 65_536, out draft.Dimensions);
            case Member.InputType:
                return cursor.ReadString(out draft.InputType, LongestText);
            case Member.User:
                return cursor.ReadString(out draft.User, LongestText);
            default:
                return ProviderReader.Read(ref cursor, out draft.Provider);
        }
    }

    private static CanonicalRequest Build(ReadOnlyMemory<byte> body, in Draft draft) => new()
    {
        Dialect = ClientDialect.Embeddings,
        Body = body,
        ReadConversation = static _ => Nothing,
        Model = draft.Model,
        User = draft.User,
        Provider = draft.Provider,
        Content = draft.Inputs.Content.ToFacts() with { PromptTokens = (int)Math.Min(draft.Inputs.Content.Tokens, int.MaxValue) },
        Embeddings = new EmbeddingRequest
        {
            Json = draft.Inputs.Json,
            Inputs = draft.Inputs.List,
            Base64 = draft.Base64,
            Dimensions = draft.Dimensions,
            InputType = draft.InputType,
            LongestTokens = draft.Inputs.List.Max(static input => input.Tokens),
        },
    };

    private struct Draft()
    {
        public string? Model;
        public bool Base64;
        public int? Dimensions;
        public string? InputType;
        public string? User;
        public ProviderPreferences Provider = ProviderPreferences.Default;
        public readonly EmbeddingInputs Inputs = new();
    }
}
