using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Json.Schemas;

/// <content>Members of objects, items of arrays.</content>
internal sealed partial class SchemaCompiler
{
    // Places of a tuple beyond these are not compared with one another.
    private const int MostAlike = 64;

    private void WriteObject(JsonElement schema, string path, int depth)
    {
        var named = Named(schema, path);
        if (stopped || !TryEnter(named.Count))
            return;
        var others = schema.Member("additionalProperties"u8);
        var hasPatterns = schema.Member("patternProperties"u8) is { ValueKind: JsonValueKind.Object } patterns && patterns.EnumerateObject().Any();
        if (subset.Closed && (hasPatterns || (named.Count == 0 && others is not { ValueKind: JsonValueKind.False })))
        {
            CannotSay(path, hasPatterns ? "patternProperties" : "additionalProperties");
            return;
        }

        WriteRequired(schema, named, path);
        if (named.Count > 0 || subset.Closed || schema.Member("properties"u8) is not null)
        {
            writer.WriteStartObject("properties"u8);
            foreach (var (name, property) in named)
            {
                if (stopped)
                    return;
                writer.WritePropertyName(name);
                Write(property, $"{path}/properties/{Escaped(name)}", nullable: false, depth + 1);
            }

            writer.WriteEndObject();
        }

        levels--;
        WriteOthers(others, named.Count == 0, hasPatterns, path, depth);
    }

    private bool TryEnter(int named)
    {
        properties += named;
        if (++levels <= subset.MostLevels && properties <= subset.MostProperties)
            return true;
        CannotSay("#", levels > subset.MostLevels ? "depth" : "properties");
        return false;
    }

    private List<(string Name, JsonElement Schema)> Named(JsonElement schema, string path)
    {
        if (schema.Member("properties"u8) is not { } named)
            return [];
        if (named.ValueKind == JsonValueKind.Object)
            return [.. named.EnumerateObject().Select(static one => (one.Label(), one.Value))];
        // An empty list is what some languages make of an empty object.
        if (named.ValueKind != JsonValueKind.Array || named.GetArrayLength() > 0)
            Fail(path + "/properties", "must be an object of schemas");
        return [];
    }

    private void WriteRequired(JsonElement schema, List<(string Name, JsonElement Schema)> named, string path)
    {
        var known = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, property) in named)
            known[name] = property;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var required = new List<string>();
        foreach (var one in schema.Items("required"u8))
        {
            if (one.ValueKind != JsonValueKind.String || !seen.Add(one.Decode()))
                continue;
            var name = one.Decode();
            var isKnown = known.TryGetValue(name, out var property);
            if (!isKnown && subset.RequiredDescribed && subset.Closed)
            {
                CannotSay(path, "required"); // nothing could stand there
                return;
            }

            if (!isKnown && subset.RequiredDescribed)
                Report(path, "required", SchemaChangeKind.Dropped);
            else if (isKnown && subset.References == ReferenceForm.RecursiveWhereOptional && CallsItself(property, 0))
                Report($"{path}/properties/{Escaped(name)}", "required", SchemaChangeKind.Dropped);
            else
                required.Add(name);
        }

        var optional = subset.AllRequired ? named.Find(one => !seen.Contains(one.Name)).Name : null;
        if (optional is not null)
            CannotSay($"{path}/properties/{Escaped(optional)}", "required");
        else if (subset.SomeRequired && required.Count == 0)
            CannotSay(path, "required");
        else if (required.Count > 0 || subset.AllRequired)
            writer.WriteTexts("required"u8, required);
    }

    // Down to the members of objects below: those are judged by themselves.
    private bool CallsItself(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > Deepest || !graph.HasReferences)
            return false;
        if (schema.Text("$ref"u8) is { } reference && graph.AreOnOneCycle(reference, within))
            return true;
        foreach (var keyword in (ReadOnlySpan<string>)["items", "additionalProperties", "anyOf", "oneOf", "allOf", "prefixItems"])
        {
            if (schema.Member(keyword) is not { } inner)
                continue;
            if (inner.ValueKind == JsonValueKind.Array ? inner.EnumerateArray().Any(one => CallsItself(one, depth + 1)) : CallsItself(inner, depth + 1))
                return true;
        }

        return false;
    }

    private void WriteOthers(JsonElement? others, bool isBare, bool hasPatterns, string path, int depth)
    {
        if (stopped)
            return;
        if (subset.Closed)
        {
            if (others is not { ValueKind: JsonValueKind.False })
                Report(path, "additionalProperties", SchemaChangeKind.Closed);
            writer.WriteBoolean("additionalProperties"u8, false);
            return;
        }

        // Members that patterns allow are among the others here.
        if (hasPatterns)
            Report(path, "patternProperties", SchemaChangeKind.Dropped);
        if (others is not { ValueKind: JsonValueKind.False or JsonValueKind.Object } rest)
        {
            // What names no members and is not closed is meant to hold some.
            if (subset.OpenStated && (hasPatterns || isBare || others is { ValueKind: JsonValueKind.True }))
                writer.WriteBoolean("additionalProperties"u8, true);
            return;
        }

        if (hasPatterns || !subset.Keywords.Contains("additionalProperties"))
        {
            Report(path, "additionalProperties", SchemaChangeKind.Dropped);
            if (subset.OpenStated)
                writer.WriteBoolean("additionalProperties"u8, true);
        }
        else if (rest.ValueKind == JsonValueKind.False)
        {
            writer.WriteBoolean("additionalProperties"u8, false);
        }
        else
        {
            writer.WritePropertyName("additionalProperties"u8);
            Write(rest, path + "/additionalProperties", nullable: false, depth + 1);
        }
    }

    private void WriteArray(JsonElement schema, List<string> told, string path, int depth)
    {
        if (stopped)
            return;
        var items = schema.Member("items"u8);
        var tuple = schema.Member("prefixItems"u8) ?? (items is { ValueKind: JsonValueKind.Array } ? items : null); // the second is the older form
        var rest = items is { ValueKind: JsonValueKind.Array } ? schema.Member("additionalItems"u8) : items;
        if (tuple is { ValueKind: JsonValueKind.Array } fixedItems && fixedItems.GetArrayLength() > 0)
        {
            WriteTuple(schema, [.. fixedItems.EnumerateArray()], rest, told, path, depth);
        }
        else if (rest is { ValueKind: not JsonValueKind.True } each)
        {
            writer.WritePropertyName("items"u8);
            Write(each, path + "/items", nullable: false, depth + 1);
        }
        else if (subset.ItemsRequired)
        {
            writer.WritePropertyName("items"u8);
            WriteAny(path + "/items", null, nullable: false);
        }
    }

    private void WriteTuple(JsonElement schema, List<JsonElement> tuple, JsonElement? rest, List<string> told, string path, int depth)
    {
        if (subset.Keywords.Contains("prefixItems"))
        {
            writer.WriteStartArray("prefixItems"u8);
            for (var i = 0; i < tuple.Count && !stopped; i++)
                Write(tuple[i], $"{path}/prefixItems/{i}", nullable: false, depth + 1);
            writer.WriteEndArray();
            if (stopped)
                return;
            if (rest is not { ValueKind: JsonValueKind.False or JsonValueKind.Object } others)
            {
                if (!subset.ItemsRequired)
                    return;
                Report(path, "prefixItems", SchemaChangeKind.Closed);
                writer.WriteBoolean("items"u8, false);
                return;
            }

            writer.WritePropertyName("items"u8);
            if (others.ValueKind == JsonValueKind.False)
                writer.WriteBooleanValue(false);
            else
                Write(others, path + "/items", nullable: false, depth + 1);
            return;
        }

        // Each item may be what any of the places allows; what the places are is for the model to read.
        Report(path, "prefixItems", SchemaChangeKind.Widened);
        if (rest is { ValueKind: JsonValueKind.Object } more)
            tuple.Add(more);
        else if (rest is not { ValueKind: JsonValueKind.False } && !(schema.Member("maxItems"u8) is { } most && Number(most) <= tuple.Count))
            Report(path, "prefixItems", SchemaChangeKind.Closed);
        told.Add($"{tuple.Count} items of different kinds in a fixed order");
        var distinct = new List<JsonElement>();
        foreach (var place in tuple.Where(place => distinct.Count > MostAlike || !distinct.Exists(one => one.IsSameAs(place))))
            distinct.Add(place);
        if (distinct.Count > 1 && !subset.Unions)
            return; // a list of anything
        writer.WritePropertyName("items"u8);
        if (distinct.Count == 1)
        {
            Write(distinct[0], path + "/prefixItems/0", nullable: false, depth + 1);
            return;
        }

        writer.WriteStartObject();
        writer.WriteStartArray("anyOf"u8);
        foreach (var place in distinct)
            Write(place, path + "/prefixItems", nullable: false, depth + 1);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
