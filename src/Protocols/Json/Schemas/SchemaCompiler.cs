using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>
/// Compiles a caller's JSON Schema (draft 7, and what 2020-12 renamed) to the subset a provider takes, row by row of <see cref="SchemaSubsets"/>. Whatever fits
/// the caller's schema fits the compiled one too, except where the subset must close objects and tuples or cannot offer a choice; each change is reported.
/// The work is bounded: recursion, depth, parts and bytes.
/// </summary>
/// <remarks>
/// Map: this file goes from a schema to its form; <c>.References.cs</c> has references and <c>allOf</c>, <c>.Unions.cs</c> unions, <c>.Types.cs</c> schemas with types
/// (which types, choices, limits), <c>.Members.cs</c> members of objects and items of arrays. Each method writes exactly one value, or stops the whole
/// compilation.
/// </remarks>
internal sealed partial class SchemaCompiler
{
    // Inlining and merging can multiply a schema.
    private const int MostNodes = 5_000;
    private const int Deepest = 32;
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly SchemaSubset subset;
    private readonly JsonElement root;
    private readonly SchemaGraph graph;
    private readonly ArrayBufferWriter<byte> output = new(1024);
    private readonly Utf8JsonWriter writer;
    private readonly List<(string Path, string Keyword, SchemaChangeKind Kind)> changes = [];
    private readonly HashSet<string> inlining = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> definitions = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly Queue<string> unwritten = [];
    private string within = SchemaGraph.Root;
    private string? fault;
    private long copied;
    private int nodes;
    private int levels;
    private int properties;
    private int choices;
    private bool stopped;
    private bool overflown;

    private SchemaCompiler(JsonElement root, SchemaSubset subset)
    {
        this.root = root;
        this.subset = subset;
        graph = new SchemaGraph(root);
        writer = JsonWriting.Create(output);
    }

    /// <summary>Compiles <paramref name="schema"/>, which must be an object.</summary>
    public static CompiledSchema Compile(JsonElement schema, SchemaSubset subset)
    {
        if (subset.Root == RootForm.FlatObject)
            return FlatObject.Compile(schema);
        return SchemaCopy.TryMake(schema, subset) ?? CompileInFull(schema, subset);
    }

    /// <summary>The same, where nothing is known yet of what has to change.</summary>
    internal static CompiledSchema CompileInFull(JsonElement schema, SchemaSubset subset)
    {
        var compiler = new SchemaCompiler(schema, subset);
        using (compiler.writer)
            return compiler.Compile();
    }

    private CompiledSchema Compile()
    {
        if (graph.IsTooLarge)
            Cut(root, "#", "$ref", nullable: false);
        else if (subset.Root == RootForm.Object)
            WriteRootObject();
        else
            Write(root, "#", nullable: false, 0);
        writer.Flush();
        if (fault is not null)
            return new CompiledSchema { Fault = fault, Changes = changes };
        if (overflown)
        {
            Report("#", "$ref", subset.WholeOrNot ? SchemaChangeKind.NotEnforced : SchemaChangeKind.Cut);
            return new CompiledSchema { Changes = changes, Json = subset.WholeOrNot ? default : AnyObject() };
        }

        if (stopped)
            return new CompiledSchema { Changes = changes };
        var compiled = WithDefinitions(output.WrittenSpan.ToArray());
        if (!compiled.CanBeSaid || !subset.WholeOrNot || Encoding.UTF8.GetCharCount(compiled.Json.Span) <= subset.MostCharacters)
            return compiled;
        CannotSay("#", "length");
        return new CompiledSchema { Changes = changes };
    }

    private byte[] AnyObject() => subset.OpenStated ? """{"type":"object","additionalProperties":true}"""u8.ToArray() : """{"type":"object"}"""u8.ToArray();

    // What is not an object by its own words may still refer to one.
    private void WriteRootObject()
    {
        if (root.Text("$ref"u8) is null && root.Member("allOf"u8) is null)
        {
            WriteObjectOrNothing(root);
            return;
        }

        if (root.Text("$ref"u8) is { } reference && graph.Find(reference) is null)
        {
            Write(root, "#", nullable: false, 0);
            return;
        }

        inlining.Add(SchemaGraph.Root);
        using var merged = Composed(Merge().Add(root), "#");
        WriteObjectOrNothing(merged.RootElement);
    }

    private void WriteObjectOrNothing(JsonElement schema)
    {
        var (types, withNull) = Types(schema, "#");
        if (stopped)
            return;
        if (UnionOf(schema) is { } union)
            CannotSay("#", union);
        else if (types is not ["object"] || withNull || schema.Member("enum"u8) is not null || schema.Has("const"u8))
            CannotSay("#", "type");
        else
            Write(schema, "#", nullable: false, 0);
    }

    /// <summary>Writes the definitions that were referred to, behind the rest.</summary>
    private CompiledSchema WithDefinitions(byte[] schema)
    {
        if (definitions.Count == 0)
            return new CompiledSchema { Json = schema, Changes = changes };
        output.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
        while (unwritten.TryDequeue(out var reference) && !stopped)
        {
            within = reference;
            levels = 0;
            writer.WritePropertyName(definitions[reference]);
            Write(graph.Find(reference)!.Value, reference, nullable: false, 1);
        }

        writer.WriteEndObject();
        writer.Flush();
        if (stopped)
        {
            return new CompiledSchema
            {
                Fault = fault,
                Changes = changes,
                Json = fault is null && !subset.WholeOrNot ? AnyObject() : default,
            };
        }

        var whole = new ArrayBufferWriter<byte>(schema.Length + output.WrittenCount + 16);
        whole.Write(schema.AsSpan(..^1));
        whole.Write(schema.Length > 2 ? ",\"$defs\":"u8 : "\"$defs\":"u8);
        whole.Write(output.WrittenSpan);
        whole.Write("}"u8);
        return new CompiledSchema { Json = whole.WrittenMemory, Changes = changes };
    }

    /// <summary>Writes any schema. <paramref name="nullable"/>: null is valid too, where the subset says so by a member.</summary>
    private void Write(JsonElement schema, string path, bool nullable, int depth)
    {
        if (stopped)
            return;
        if (copied + writer.BytesCommitted + writer.BytesPending > MostBytes)
        {
            stopped = overflown = true;
        }
        else if (schema.ValueKind is JsonValueKind.True)
        {
            WriteAny(path, null, nullable);
        }
        else if (schema.ValueKind is JsonValueKind.False)
        {
            Report(path, "false", SchemaChangeKind.Dropped);
            WriteAny(path, null, nullable);
        }
        else if (schema.ValueKind != JsonValueKind.Object)
        {
            Fail(path, "must be a schema, an object");
        }
        else if (++nodes > MostNodes || depth > Deepest)
        {
            Cut(schema, path, depth > Deepest ? "depth" : "size", nullable);
        }
        else if (schema.Member("$ref"u8) is { } reference)
        {
            if (reference.ValueKind == JsonValueKind.String)
                WriteReference(schema, reference.Decode(), path, nullable, depth);
            else
                Fail(path + "/$ref", "must be a string");
        }
        else if (schema.Member("allOf"u8) is { } all)
        {
            WriteAllOf(schema, all, path, nullable, depth);
        }
        else if (UnionOf(schema) is { } keyword)
        {
            WriteUnion(schema, keyword, path, nullable, depth);
        }
        else
        {
            WriteTyped(schema, path, nullable, depth);
        }
    }

    /// <summary>Leaves out what is below: a value of the type named there, or any.</summary>
    private void Cut(JsonElement schema, string path, string keyword, bool nullable)
    {
        if (subset.WholeOrNot)
        {
            CannotSay(path, keyword);
            return;
        }

        Report(path, keyword, SchemaChangeKind.Cut);
        if (schema.Text("type"u8)?.ToLowerInvariant() is not { } type || type == "array" || !SchemaKeywords.Types.Contains(type))
        {
            WriteAny(path, null, nullable);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (subset.OpenStated && type == "object")
            writer.WriteBoolean("additionalProperties"u8, true);
        WriteNullable(nullable);
        writer.WriteEndObject();
    }

    /// <summary>Writes a schema that takes any value.</summary>
    private void WriteAny(string path, string? description, bool nullable)
    {
        if (subset.Any == AnyForm.None)
        {
            CannotSay(path, "type");
            return;
        }

        writer.WriteStartObject();
        if (description is not null)
            writer.WriteString("description"u8, description);
        if (subset.Any == AnyForm.Union)
            WriteAnyTypes(nullable);
        writer.WriteEndObject();
    }

    // Lists of lists of lists are beyond it.
    private void WriteAnyTypes(bool nullable, bool inner = false)
    {
        writer.WriteStartArray("anyOf"u8);
        foreach (var type in (ReadOnlySpan<string>)["string", "number", "boolean", "object", "array"])
        {
            if (inner && type == "array")
                continue;
            writer.WriteStartObject();
            writer.WriteString("type"u8, type);
            if (type == "array")
            {
                writer.WriteStartObject("items"u8);
                WriteAnyTypes(nullable: true, inner: true);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteNullable(nullable || subset.Null == NullForm.Member);
    }

    private void WriteNull(string path)
    {
        if (subset.Null == NullForm.None)
        {
            CannotSay(path, "null");
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, subset.Null == NullForm.Type ? "null"u8 : "string"u8);
        WriteNullable(true);
        writer.WriteEndObject();
    }

    private void WriteNullable(bool nullable)
    {
        if (nullable && subset.Null == NullForm.Member)
            writer.WriteBoolean("nullable"u8, true);
    }

    /// <summary>The provider cannot be told this: the whole schema is not sent, or any value is allowed here.</summary>
    private void CannotSay(string path, string keyword)
    {
        if (subset.WholeOrNot)
        {
            Report(path, keyword, SchemaChangeKind.NotEnforced);
            stopped = true;
            return;
        }

        Report(path, keyword, SchemaChangeKind.Cut);
        WriteAny(path, null, nullable: false);
    }

    private void Fail(string path, string what)
    {
        fault ??= $"{path} {what}.";
        stopped = true;
    }

    private void Report(string path, string keyword, SchemaChangeKind kind)
    {
        if (changes.Count < SchemaReport.MostChanges && !changes.Contains((path, keyword, kind)))
            changes.Add((path, keyword, kind));
    }

    private static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
