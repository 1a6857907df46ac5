using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Json.Schemas;

/// <content>Unions.</content>
internal sealed partial class SchemaCompiler
{
    private static string? UnionOf(JsonElement schema) => schema.Member("anyOf"u8) is not null ? "anyOf" : schema.Member("oneOf"u8) is not null ? "oneOf" : null;

    private void WriteUnion(JsonElement schema, string keyword, string path, bool nullable, int depth)
    {
        if (schema.Member(keyword) is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            Fail($"{path}/{keyword}", "must be a list of schemas, not empty");
            return;
        }

        if (keyword == "oneOf")
            Report(path, "oneOf", SchemaChangeKind.Widened); // of several that fit the first is as good
        else if (schema.Member("oneOf"u8) is not null)
            Report(path, "oneOf", SchemaChangeKind.Dropped);
        var branches = list.EnumerateArray().Select((branch, index) => (Schema: branch, Path: $"{path}/{keyword}/{index}")).Where(static one => one.Schema.ValueKind != JsonValueKind.False).ToList();
        if (subset.Null == NullForm.Member && branches.Count > 1)
            nullable |= branches.RemoveAll(static one => one.Schema.Text("type"u8) == "null") > 0;
        var hasMore = schema.EnumerateObject().Any(static member => member.Label() is not ("anyOf" or "oneOf") && SchemaKeywords.Judges(member.Label()));
        if (branches.Count == 0)
        {
            WriteNull(path);
        }
        else if (branches.Count == 1)
        {
            WriteOnly(schema, branches[0].Schema, branches[0].Path, nullable, depth);
        }
        else if (!subset.Unions)
        {
            CannotSay(path, keyword);
        }
        else
        {
            WriteBranches(schema, branches, hasMore, path, nullable, depth);
        }
    }

    // What the union itself is called is nearer to the reader than what its branch is.
    private void WriteOnly(JsonElement schema, JsonElement branch, string path, bool nullable, int depth)
    {
        var entered = new List<string>();
        if (!TryFollow(branch, path, entered))
        {
            Write(branch, path, nullable, depth + 1);
            return;
        }

        using var merged = Composed(Merge().Add(schema, "anyOf", "oneOf").Add(branch), path);
        Write(merged.RootElement, path, nullable, depth + 1);
        inlining.ExceptWith(entered);
    }

    // Every branch stands alone: what is said beside the union is said in each.
    private void WriteBranches(JsonElement schema, List<(JsonElement Schema, string Path)> branches, bool hasMore, string path, bool nullable, int depth)
    {
        writer.WriteStartObject();
        if (schema.Text("description"u8) is { } description)
            writer.WriteString("description"u8, description);
        writer.WriteStartArray("anyOf"u8);
        foreach (var branch in branches)
        {
            if (stopped)
                return;
            var entered = new List<string>();
            if (!hasMore || branch.Schema.ValueKind != JsonValueKind.Object || !TryFollow(branch.Schema, path, entered))
            {
                Write(branch.Schema, branch.Path, nullable: false, depth + 1);
                continue;
            }

            using var merged = Composed(Merge().Add(branch.Schema).Add(schema, "anyOf", "oneOf", "description", "title", "default", "examples"), path);
            Write(merged.RootElement, branch.Path, nullable: false, depth + 1);
            inlining.ExceptWith(entered);
        }

        writer.WriteEndArray();
        WriteNullable(nullable);
        writer.WriteEndObject();
    }
}
