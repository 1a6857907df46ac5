using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary><c>response_format</c> (inference §3.6).</summary>
internal static class ResponseFormatReader
{
    private const int LongestName = 64;

    private enum Member
    {
        Type,
        JsonSchema,
        Grammar,
    }

    private enum SchemaMember
    {
        Name,
        Description,
        Schema,
        Strict,
    }

    private static readonly NameTable<Member> Members = new(("type", Member.Type), ("json_schema", Member.JsonSchema), ("grammar", Member.Grammar));

    private static readonly NameTable<SchemaMember> SchemaMembers = new(
        ("name", SchemaMember.Name), ("description", SchemaMember.Description), ("schema", SchemaMember.Schema), ("strict", SchemaMember.Strict));

    /// <summary>Null for <c>text</c>, which is what an absent format means too.</summary>
    public static bool Read(ref RequestCursor cursor, out ResponseFormat? format)
    {
        format = null;
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? type = null;
        ResponseFormat? schema = null;
        var hasGrammar = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            var ok = member switch
            {
                Member.Type => cursor.ReadWord(["text", "json_object", "json_schema", "grammar", "python"], out type),
                Member.JsonSchema => ReadSchema(ref cursor, out schema),
                _ => hasGrammar = cursor.IsString(),
            };
            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        switch (type)
        {
            case null:
                return cursor.FailMissing(start, "type");
            case "json_schema" when schema is null:
                return cursor.FailMissing(start, "json_schema", "is required with type json_schema");
            case "grammar" when !hasGrammar:
                return cursor.FailMissing(start, "grammar", "is required with type grammar");
        }

        format = type switch
        {
            "json_object" => new ResponseFormat(ResponseFormatKind.JsonObject, null, null, null, null),
            "json_schema" => schema,
            "grammar" => new ResponseFormat(ResponseFormatKind.Grammar, null, null, null, null),
            "python" => new ResponseFormat(ResponseFormatKind.Python, null, null, null, null),
            _ => null,
        };
        return true;
    }

    private static bool ReadSchema(ref RequestCursor cursor, out ResponseFormat? format)
    {
        format = null;
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? name = null;
        string? description = null;
        JsonElement? schema = null;
        bool? strict = null;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, SchemaMembers, out var member))
        {
            bool ok;
            switch (member)
            {
                case SchemaMember.Name:
                    ok = cursor.ReadString(out name, LongestName);
                    break;
                case SchemaMember.Description:
                    ok = cursor.ReadString(out description);
                    break;
                case SchemaMember.Schema:
                    ok = cursor.ReadElement(out var element);
                    schema = element;
                    break;
                default:
                    ok = cursor.ReadBoolean(out var isStrict);
                    strict = isStrict;
                    break;
            }

            if (!ok)
                return false;
        }

        if (cursor.Ok && string.IsNullOrEmpty(name))
            return cursor.FailMissing(start, "name");
        format = new ResponseFormat(ResponseFormatKind.JsonSchema, name, description, schema, strict);
        return cursor.Ok;
    }
}
