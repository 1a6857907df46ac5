using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Json.Schemas;

/// <content>References, and schemas that all hold at once.</content>
internal sealed partial class SchemaCompiler
{
    private void WriteReference(JsonElement schema, string reference, string path, bool nullable, int depth)
    {
        if (graph.Find(reference) is not { } target)
        {
            Fail(path + "/$ref", $"leads nowhere: \"{reference}\" is not in this schema, and others are not fetched");
            return;
        }

        var isDefinition = TryName(reference, out var name);
        var mayStand = subset.References != ReferenceForm.Inlined && (isDefinition || (reference == SchemaGraph.Root && subset.RootReference))
            && !(subset.References == ReferenceForm.FiniteOrCut && graph.IsRecursive(reference));
        var hasMore = JudgesBeside(schema, "$ref");
        // What describes a reference is lost where it must stand alone; a copy of what it names can be described.
        hasMore |= subset.LoneReferences && nodes < MostNodes / 4 && schema.Member("description"u8) is not null && !graph.IsRecursive(reference);
        if (mayStand && subset.References == ReferenceForm.Finite && graph.IsRecursive(reference))
        {
            CannotSay(path, "$ref");
        }
        else if (mayStand && (!hasMore || inlining.Contains(reference)))
        {
            if (hasMore)
                Report(path, "$ref", SchemaChangeKind.Widened); // in a circle: what stands beside it is left out
            WriteKept(schema, reference, name);
        }
        else if (!inlining.Add(reference))
        {
            Cut(target, path, "$ref", nullable);
        }
        else
        {
            if (hasMore || schema.Member("description"u8) is not null)
            {
                using var merged = Composed(Merge().Add(schema), path);
                Write(merged.RootElement, reference, nullable, depth + 1);
            }
            else
            {
                Write(target, reference, nullable, depth + 1);
            }

            inlining.Remove(reference);
        }
    }

    private void WriteKept(JsonElement schema, string reference, string? name)
    {
        if (name is not null && definitions.TryAdd(reference, name) && names.Add(name))
            unwritten.Enqueue(reference);
        writer.WriteStartObject();
        writer.WriteString("$ref"u8, name is null ? SchemaGraph.Root : "#/$defs/" + Escaped(name));
        if (!subset.LoneReferences && schema.Text("description"u8) is { } description)
            writer.WriteString("description"u8, description);
        writer.WriteEndObject();
    }

    // Definitions stand in one place in what is sent, whatever the caller's schema called it.
    private bool TryName(string reference, out string? name)
    {
        name = null;
        if (definitions.TryGetValue(reference, out name))
            return true;
        var older = reference.StartsWith("#/definitions/", StringComparison.Ordinal);
        if (!older && !reference.StartsWith("#/$defs/", StringComparison.Ordinal))
            return false;
        var step = reference[(older ? "#/definitions/" : "#/$defs/").Length..];
        if (step.Contains('/', StringComparison.Ordinal))
            return false;
        name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        if (older && root.Member("$defs"u8)?.Member(name) is not null)
            name = "definitions." + name;
        return true;
    }

    private void WriteAllOf(JsonElement schema, JsonElement all, string path, bool nullable, int depth)
    {
        if (all.ValueKind != JsonValueKind.Array || all.GetArrayLength() == 0)
        {
            Fail(path + "/allOf", "must be a list of schemas, not empty");
            return;
        }

        // A reference wrapped only to describe it needs no merging.
        if (all.GetArrayLength() == 1 && all[0].Text("$ref"u8) is not null && !JudgesBeside(all[0], "$ref") && !JudgesBeside(schema, "allOf"))
        {
            using var rewritten = Rewritten(schema, all[0]);
            Write(rewritten.RootElement, path, nullable, depth + 1);
            return;
        }

        var merge = Merge().Add(schema, "allOf");
        var entered = new List<string>();
        foreach (var part in all.EnumerateArray())
        {
            if (TryFollow(part, path, entered))
                merge.Add(part);
        }

        using var merged = Composed(merge, path);
        Write(merged.RootElement, path, nullable, depth + 1);
        inlining.ExceptWith(entered);
    }

    /// <summary>Merging puts what a part refers to in its place: once on each way down, else it would never end.</summary>
    private bool TryFollow(JsonElement part, string path, List<string> entered)
    {
        if (part.Text("$ref"u8) is not { } reference)
            return true;
        if (!inlining.Add(reference))
        {
            Report(path, "$ref", SchemaChangeKind.Widened);
            return false;
        }

        entered.Add(reference);
        return true;
    }

    private static bool JudgesBeside(JsonElement schema, string keyword)
    {
        foreach (var member in schema.EnumerateObject())
        {
            if (member.Label() != keyword && SchemaKeywords.Judges(member.Label()))
                return true;
        }

        return false;
    }

    private static JsonDocument Rewritten(JsonElement schema, JsonElement reference)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = JsonWriting.Create(text))
        {
            json.WriteStartObject();
            json.WriteString("$ref"u8, reference.Text("$ref"u8));
            if (schema.Text("description"u8) is { } description)
                json.WriteString("description"u8, description);
            json.WriteEndObject();
        }

        return JsonDocument.Parse(text.WrittenMemory);
    }

    private SchemaMerge Merge() => new(graph, Math.Max(MostNodes - nodes, 1));

    /// <summary>The merged parts as one schema, for the caller to dispose; the first one's words stand.</summary>
    private JsonDocument Composed(SchemaMerge merge, string path)
    {
        var merged = merge.Compose(out var bytes);
        nodes += merge.Nodes;
        copied += bytes;
        foreach (var keyword in merge.Lost)
            Report(path, keyword, SchemaChangeKind.Dropped);
        return merged;
    }
}
