using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Json.Schemas;

/// <content>Schemas with types: which types, which choices, which keywords.</content>
internal sealed partial class SchemaCompiler
{
    // What a model may read of a limit that is not enforced.
    private const int LongestTold = 300;

    private void WriteTyped(JsonElement schema, string path, bool nullable, int depth)
    {
        var (types, withNull) = Types(schema, path);
        if (stopped)
            return;
        nullable |= withNull;
        if (Values(schema, path) is { } values)
        {
            if (!stopped)
                WriteChoices(schema, values, types, nullable, path, depth);
        }
        else if (stopped)
        {
            return;
        }
        else if (types.Count == 0 && nullable && (schema.Member("type"u8) is not null))
        {
            WriteNull(path);
        }
        else if (types.Count == 0)
        {
            foreach (var member in schema.EnumerateObject())
            {
                if (SchemaKeywords.Limits(member.Label()))
                    Report(path, member.Label(), SchemaChangeKind.Dropped);
            }

            WriteAny(path, schema.Text("description"u8), nullable);
        }
        else if (IsOneType(types, nullable))
        {
            WritePlain(schema, types, nullable, null, path, depth);
        }
        else if (!subset.Unions)
        {
            CannotSay(path, "type");
        }
        else
        {
            WriteEach(schema, [.. types.Select(static type => new Piece(type, null))], nullable, path, depth);
        }
    }

    // Null is one type more where it is said as one.
    private bool IsOneType(List<string> types, bool nullable) => subset.TypeLists || types.Count + (nullable && subset.Null == NullForm.Type ? 1 : 0) <= 1;

    /// <summary>The types of a schema without null, by its words or as its keywords mean it; none where any will do.</summary>
    private (List<string> Types, bool WithNull) Types(JsonElement schema, string path)
    {
        var types = new List<string>();
        if (schema.Member("type"u8) is { } named)
        {
            if (named.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
                Fail(path + "/type", "must be a type or a list of types");
            foreach (var one in named.ValueKind == JsonValueKind.Array ? [.. named.EnumerateArray()] : (JsonElement[])[named])
            {
                var type = one.ValueKind == JsonValueKind.String ? one.Decode().ToLowerInvariant() : "";
                if (type != "null" && !SchemaKeywords.Types.Contains(type))
                    Fail(path + "/type", "must be one of object, array, string, number, integer, boolean and null, or a list of these");
                else if (!types.Contains(type))
                    types.Add(type);
            }
        }

        var withNull = types.Remove("null") || schema.Flag("nullable"u8);
        if (types.Count == 0 && !withNull && schema.Member("enum"u8) is null && !schema.Has("const"u8))
        {
            foreach (var member in schema.EnumerateObject())
            {
                if (SchemaKeywords.TypeBy(member.Label()) is not { } meant)
                    continue;
                types.Add(meant);
                break;
            }
        }

        return (types, withNull);
    }

    /// <summary>What <c>const</c> or <c>enum</c> allows; null without either.</summary>
    private List<JsonElement>? Values(JsonElement schema, string path)
    {
        if (schema.Stated("const"u8) is { } only)
            return [only];
        if (schema.Member("enum"u8) is not { } listed)
            return null;
        if (listed.ValueKind == JsonValueKind.Array && listed.GetArrayLength() > 0)
        {
            choices += listed.GetArrayLength();
            if (choices > subset.MostChoices)
                CannotSay("#", "enum");
            return [.. listed.EnumerateArray()];
        }

        Fail(path + "/enum", "must be a list of values, not empty");
        return null;
    }

    private void WriteChoices(JsonElement schema, List<JsonElement> values, List<string> types, bool nullable, string path, int depth)
    {
        var kinds = values.Aggregate(ChoiceKinds.None, static (all, value) => all | KindOf(value));
        if ((kinds & ~subset.Choices) == ChoiceKinds.None && subset.EmptyChoices && (types.Count <= 1 || subset.TypeLists))
        {
            if (types.Count == 0)
                types = [.. values.Select(TypeOf).Where(static type => type != "null").Distinct(StringComparer.Ordinal)];
            var withNull = (nullable || (kinds & ChoiceKinds.Nulls) != ChoiceKinds.None) && types.Count > 0;
            if (IsOneType(types, withNull))
            {
                WritePlain(schema, types, withNull, values, path, depth);
                return;
            }
        }

        // Choices of different types, or of one that cannot be listed, are told apart.
        nullable |= (kinds & ChoiceKinds.Nulls) != ChoiceKinds.None;
        var pieces = new List<Piece>();
        var hasFractions = values.Exists(static value => TypeOf(value) == "number");
        foreach (var group in values.GroupBy(value => TypeOf(value) is "integer" && hasFractions ? "number" : TypeOf(value)).Where(group => group.Key != "null" && IsAllowed(group.Key, types)))
        {
            var listed = group.ToList();
            if (!subset.EmptyChoices && listed.RemoveAll(static value => value.ValueKind == JsonValueKind.String && value.Decode().Length == 0) > 0)
                Report(path, "enum", listed.Count > 0 ? SchemaChangeKind.Narrowed : SchemaChangeKind.Widened);
            pieces.Add(new Piece(group.Key, listed.Count > 0 ? listed : null));
        }

        if (pieces.Count == 0)
            WriteNull(path);
        else if (pieces.Count == 1 && (!nullable || subset.Null != NullForm.Type))
            WritePlain(schema, [pieces[0].Type], nullable, pieces[0].Values, path, depth);
        else if (!subset.Unions)
            CannotSay(path, "enum");
        else
            WriteEach(schema, pieces, nullable, path, depth);
    }

    private static bool IsAllowed(string type, List<string> types) =>
        types.Count == 0 || types.Contains(type) || (type is "integer" or "number" && (types.Contains("number") || types.Contains("integer")));

    private void WriteEach(JsonElement schema, List<Piece> pieces, bool nullable, string path, int depth)
    {
        writer.WriteStartObject();
        if (schema.Text("description"u8) is { } description)
            writer.WriteString("description"u8, description);
        writer.WriteStartArray("anyOf"u8);
        foreach (var piece in pieces)
            WritePlain(schema, [piece.Type], withNull: false, piece.Values, path, depth + 1, describe: false);
        if (nullable && subset.Null == NullForm.Type)
            WriteNull(path);
        writer.WriteEndArray();
        WriteNullable(nullable);
        writer.WriteEndObject();
    }

    private void WritePlain(JsonElement schema, List<string> types, bool withNull, List<JsonElement>? values, string path, int depth, bool describe = true)
    {
        if (stopped)
            return;
        if (withNull && subset.Null == NullForm.None)
        {
            CannotSay(path, "null");
            return;
        }

        var told = new List<string>();
        writer.WriteStartObject();
        WriteType(types, withNull);
        if (values is not null)
            WriteValues(schema, values, told, path);
        foreach (var member in schema.EnumerateObject())
            WriteKeyword(member.Label(), member.Value, types, told, path, describe);
        if (types.Contains("object"))
            WriteObject(schema, path, depth);
        if (types.Contains("array"))
            WriteArray(schema, told, path, depth);
        var description = describe ? schema.Text("description"u8) : null;
        if (told.Count > 0)
            description = (description is null ? "" : description + " ") + "(" + string.Join(", ", told) + ")";
        if (description is not null)
            writer.WriteString("description"u8, description);
        WriteNullable(withNull);
        writer.WriteEndObject();
    }

    private void WriteType(List<string> types, bool withNull)
    {
        var asType = withNull && subset.Null == NullForm.Type;
        if (types.Count + (asType ? 1 : 0) > 1)
            writer.WriteTexts("type"u8, asType ? [.. types, "null"] : types);
        else if (types.Count == 1)
            writer.WriteString("type"u8, types[0]);
    }

    private void WriteValues(JsonElement schema, List<JsonElement> values, List<string> told, string path)
    {
        var isListed = values.TrueForAll(value => (KindOf(value) & subset.Choices) != ChoiceKinds.None);
        if (isListed && values.Count == 1 && subset.Keywords.Contains("const") && schema.Has("const"u8))
        {
            writer.WritePropertyName("const"u8);
            writer.WriteAsIs(values[0]);
        }
        else if (isListed)
        {
            writer.WriteStartArray("enum"u8);
            foreach (var value in values)
                writer.WriteAsIs(value);
            writer.WriteEndArray();
        }
        else
        {
            var words = string.Join(" | ", values.Select(static value => value.Compact()));
            Report(path, schema.Has("const"u8) ? "const" : "enum", words.Length <= LongestTold ? SchemaChangeKind.Described : SchemaChangeKind.Dropped);
            if (words.Length <= LongestTold)
                told.Add((values.Count > 1 ? "one of: " : "always: ") + words);
        }
    }

    private void WriteKeyword(string keyword, JsonElement value, List<string> types, List<string> told, string path, bool describe)
    {
        switch (keyword)
        {
            // Written by those who know the structure.
            case "type" or "nullable" or "enum" or "const" or "description" or "properties" or "required" or "additionalProperties" or "patternProperties":
            case "items" or "prefixItems" or "additionalItems" or "$defs" or "definitions" or "$ref" or "anyOf" or "oneOf" or "allOf":
            case "title" when !describe:
                return;
            case "format" when value.ValueKind == JsonValueKind.String && subset.Formats?.Contains(value.Decode()) != false:
                writer.WriteString("format"u8, value.Decode());
                return;
        }

        if (subset.Keywords.Contains(keyword) && (keyword != "minItems" || (Number(value) <= subset.MostMinItems)))
        {
            if (!SchemaKeywords.Concerns(keyword, types) || !IsOfItsKind(keyword, value))
                return; // it says nothing about these values
            writer.WritePropertyName(keyword);
            writer.WriteAsIs(value);
            return;
        }

        var isShort = value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.True;
        if (keyword == "default" && value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null))
            Tell(keyword, value, told);
        else if (!SchemaKeywords.Limits(keyword) || !SchemaKeywords.Concerns(keyword, types) || value.ValueKind is JsonValueKind.False or JsonValueKind.Null)
            return;
        else
            Report(path, keyword, isShort && Tell(keyword, value, told) ? SchemaChangeKind.Described : SchemaChangeKind.Dropped);
    }

    private static bool Tell(string keyword, JsonElement value, List<string> told)
    {
        var text = value.Compact();
        if (text.Length > LongestTold)
            return false;
        told.Add($"{keyword}: {text}");
        return true;
    }

    private static bool IsOfItsKind(string keyword, JsonElement value) => keyword switch
    {
        "pattern" or "title" => value.ValueKind == JsonValueKind.String,
        "default" => true,
        "propertyOrdering" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Number,
    };

    private static decimal? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;

    private static ChoiceKinds KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => ChoiceKinds.Strings,
        JsonValueKind.Number => ChoiceKinds.Numbers,
        JsonValueKind.True or JsonValueKind.False => ChoiceKinds.Booleans,
        JsonValueKind.Null => ChoiceKinds.Nulls,
        _ => ChoiceKinds.Structures,
    };

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "array",
        _ => "object",
    };

    /// <summary>A type with its choices; null where they cannot be listed, or there are none.</summary>
    private sealed record Piece(string Type, List<JsonElement>? Values);
}
