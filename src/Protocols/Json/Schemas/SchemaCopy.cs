using System.Buffers;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>
/// Copies a schema that a subset takes as it is, notes left out, in one pass over its bytes: most schemas of most tools. It gives up at whatever would have to be
/// reported, told in a description or said in another way; the <see cref="SchemaCompiler"/> then compiles the whole. What it copies is the JSON value the compiler
/// would write, members perhaps in another order.
/// </summary>
internal ref struct SchemaCopy
{
    // Larger schemas are rare, and the compiler's own bounds are then near.
    private const int MostBytes = 64 * 1024;
    private const int MostNodes = 1_000;
    private const int Deepest = 16;
    private const int MostKept = 12;
    private const int MostRequired = 64;
    private const int LongestKeyword = 24;

    private readonly ReadOnlySpan<byte> json;
    private readonly SchemaSubset subset;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> keywords;
    private Utf8JsonReader reader;
    private JsonOutput output;
    private int nodes;

    private SchemaCopy(ReadOnlySpan<byte> json, SchemaSubset subset, PooledBuffer target)
    {
        this.json = json;
        this.subset = subset;
        keywords = subset.Keywords.GetAlternateLookup<ReadOnlySpan<char>>();
        reader = new Utf8JsonReader(json, JsonLimits.Reader);
        output = new JsonOutput(target);
    }

    [Flags]
    private enum Types
    {
        None = 0,
        Object = 1,
        Array = 2,
        String = 4,
        Number = 8,
        Integer = 16,
        Boolean = 32,
        Null = 64,
    }

    [Flags]
    private enum Members
    {
        None = 0,
        Type = 1,
        Description = 2,
        Properties = 4,
        Required = 8,
        Items = 16,
        Enum = 32,
        Union = 64,
        Others = 128,
        Format = 256,
    }

    /// <summary>The schema to send, an object; null where it is for the compiler.</summary>
    public static CompiledSchema? TryMake(JsonElement schema, SchemaSubset subset)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(schema);
        // Halves of characters are mended by the compiler.
        if (!subset.IsOpen || bytes.Length > MostBytes || bytes.IndexOf("\\ud"u8) >= 0 || bytes.IndexOf("\\uD"u8) >= 0 || !Utf8.IsValid(bytes))
            return null;
        var target = new PooledBuffer();
        var copy = new SchemaCopy(bytes, subset, target);
        copy.reader.Read();
        var isWhole = copy.reader.TokenType == JsonTokenType.StartObject && copy.TryCopy(0);
        copy.output.Flush();
        var compiled = isWhole ? new CompiledSchema { Json = target.Written.ToArray() } : null;
        target.Release();
        return compiled;
    }

    private bool TryCopy(int depth)
    {
        if (++nodes > MostNodes || depth > Deepest)
            return false;
        var said = default(Said);
        output.BeginObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
                return false;
            var from = (int)reader.TokenStartIndex;
            var name = reader.ValueSpan;
            reader.Read();
            if (!(Find(name) is var member and not Members.None ? TryStructure(member, from, depth, ref said) : TryKeyword(name, from, ref said)))
                return false;
        }

        if (!TryClose(said))
            return false;
        output.EndObject();
        return true;
    }

    /// <summary>At a schema's end it is known what becomes of the keywords that were kept back.</summary>
    private bool TryClose(in Said said)
    {
        var more = said.Members & ~(Members.Type | Members.Description | Members.Union);
        var judges = more != Members.None || said.HasLimits;
        // A union is its description and its branches, a schema without a type its description.
        if ((said.Members & Members.Type) == Members.None)
            return !judges;
        if ((said.Members & Members.Union) != Members.None)
            return false;
        if (said.Types == Types.Null)
            return !judges && (said.Members & Members.Description) == Members.None;
        var types = (said.Types & Types.Integer) != Types.None ? said.Types | Types.Number : said.Types;
        if (said.TellsDefault || (said.Concerned & ~types) != Types.None)
            return false;
        if (subset.OpenStated && (types & Types.Object) != Types.None && !said.HasNamed && (said.Members & Members.Others) == Members.None)
            return false;
        for (var i = 0; i < said.KeptCount; i++)
            output.Raw(json[said.Kept[i].From..said.Kept[i].To]);
        return true;
    }

    // The value's first token was read.
    private bool TryStructure(Members member, int from, int depth, ref Said said)
    {
        if ((said.Members & member) != Members.None)
            return false; // said twice
        said.Members |= member;
        switch (member)
        {
            case Members.Type:
                return TryTypes(ref said.Types) && Copied(from);
            case Members.Description:
                return reader.TokenType == JsonTokenType.String && Copied(from);
            case Members.Format:
                return reader.TokenType == JsonTokenType.String && (subset.Formats?.Contains(reader.GetString()!) ?? true) && Copied(from);
            case Members.Enum:
                return TryChoices() && Copied(from);
            case Members.Union:
                return TryUnion(depth);
            case Members.Properties:
                said.Concerned |= Types.Object;
                return TryProperties(depth, out said.HasNamed);
            case Members.Required:
                said.Concerned |= Types.Object;
                return TryRequired(out var isEmpty) && (isEmpty || Copied(from));
            case Members.Others:
                said.Concerned |= Types.Object;
                return TryOthers(from, depth);
            default:
                said.Concerned |= Types.Array;
                output.Name("items"u8);
                return reader.TokenType == JsonTokenType.StartObject && TryCopy(depth + 1);
        }
    }

    private bool TryKeyword(scoped ReadOnlySpan<byte> name, int from, ref Said said)
    {
        Span<char> word = stackalloc char[LongestKeyword];
        if (name.Length > LongestKeyword || Ascii.ToUtf16(name, word, out var length) != OperationStatus.Done)
        {
            reader.Skip();
            return true; // none we know
        }

        var keyword = word[..length];
        if (keyword is "const" or "nullable" or "oneOf" or "allOf" or "$ref" or "prefixItems")
            return false;
        var limits = SchemaKeywords.Limits(keyword, out var about);
        if (!keywords.Contains(keyword))
        {
            var isScalar = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Null);
            said.TellsDefault |= isScalar && keyword is "default";
            reader.Skip();
            return !limits;
        }

        if (!IsOfItsKind(keyword) || said.KeptCount == MostKept)
            return false;
        reader.Skip();
        said.HasLimits |= limits;
        said.Concerned |= about switch
        {
            "object" => Types.Object,
            "array" => Types.Array,
            "string" => Types.String,
            "number" => Types.Number,
            _ => Types.None,
        };
        said.Kept[said.KeptCount++] = (from, (int)reader.BytesConsumed);
        return true;
    }

    private readonly bool IsOfItsKind(scoped ReadOnlySpan<char> keyword) => keyword switch
    {
        "title" or "pattern" => reader.TokenType == JsonTokenType.String,
        "default" => true,
        "propertyOrdering" => reader.TokenType == JsonTokenType.StartArray,
        _ => reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out _),
    };

    private bool TryTypes(ref Types types)
    {
        if (reader.TokenType == JsonTokenType.String)
            return (types = TypeOf(reader.ValueSpan)) != Types.None;
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            // Each once, null the last: that is how they are written.
            var type = TypeOf(reader.ValueSpan);
            if (type == Types.None || (types & (type | Types.Null)) != Types.None)
                return false;
            types |= type;
            count++;
        }

        return reader.TokenType == JsonTokenType.EndArray && count > 1;
    }

    private bool TryChoices()
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        var isEmpty = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var kind = reader.TokenType switch
            {
                JsonTokenType.String => ChoiceKinds.Strings,
                JsonTokenType.Number => ChoiceKinds.Numbers,
                JsonTokenType.True or JsonTokenType.False => ChoiceKinds.Booleans,
                JsonTokenType.Null => ChoiceKinds.None, // it is a type too
                _ => ChoiceKinds.Structures,
            };
            if ((subset.Choices & kind) == ChoiceKinds.None)
                return false;
            reader.Skip();
            isEmpty = false;
        }

        return !isEmpty;
    }

    private bool TryUnion(int depth)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        output.Name("anyOf"u8);
        output.BeginArray();
        var branches = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (!TryCopy(depth + 1))
                return false;
            branches++;
        }

        output.EndArray();
        return reader.TokenType == JsonTokenType.EndArray && branches > 1;
    }

    private bool TryProperties(int depth, out bool hasNamed)
    {
        hasNamed = false;
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        output.Name("properties"u8);
        output.BeginObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasNamed = true;
            output.Name(reader.ValueSpan);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject || !TryCopy(depth + 1))
                return false;
        }

        output.EndObject();
        return true;
    }

    private bool TryRequired(out bool isEmpty)
    {
        isEmpty = true;
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        Span<(int From, int To)> seen = stackalloc (int, int)[MostRequired];
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            if (reader.ValueIsEscaped || count == MostRequired)
                return false;
            var name = reader.ValueSpan;
            foreach (var (from, to) in seen[..count])
            {
                if (json[from..to].SequenceEqual(name))
                    return false;
            }

            var at = (int)reader.TokenStartIndex + 1;
            seen[count++] = (at, at + name.Length);
        }

        isEmpty = count == 0;
        return reader.TokenType == JsonTokenType.EndArray;
    }

    private bool TryOthers(int from, int depth)
    {
        if (reader.TokenType == JsonTokenType.True)
            return !subset.OpenStated || Copied(from); // mostly that is what holds without it
        if (!subset.Keywords.Contains("additionalProperties"))
            return false;
        if (reader.TokenType == JsonTokenType.False)
            return Copied(from);
        output.Name("additionalProperties"u8);
        return reader.TokenType == JsonTokenType.StartObject && TryCopy(depth + 1);
    }

    // Name and value, which was read to its end.
    private bool Copied(int from)
    {
        output.Raw(json[from..(int)reader.BytesConsumed]);
        return true;
    }

    private static Members Find(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("type"u8) ? Members.Type
        : name.SequenceEqual("description"u8) ? Members.Description
        : name.SequenceEqual("properties"u8) ? Members.Properties
        : name.SequenceEqual("required"u8) ? Members.Required
        : name.SequenceEqual("items"u8) ? Members.Items
        : name.SequenceEqual("enum"u8) ? Members.Enum
        : name.SequenceEqual("anyOf"u8) ? Members.Union
        : name.SequenceEqual("additionalProperties"u8) ? Members.Others
        : name.SequenceEqual("format"u8) ? Members.Format
        : Members.None;

    private static Types TypeOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("string"u8) ? Types.String
        : name.SequenceEqual("object"u8) ? Types.Object
        : name.SequenceEqual("array"u8) ? Types.Array
        : name.SequenceEqual("integer"u8) ? Types.Integer
        : name.SequenceEqual("number"u8) ? Types.Number
        : name.SequenceEqual("boolean"u8) ? Types.Boolean
        : name.SequenceEqual("null"u8) ? Types.Null
        : Types.None;

    /// <summary>What one schema says, as far as its end decides about it.</summary>
    private struct Said
    {
        public Types Types;
        /// <summary>Each of these must be among the types: a keyword is about it.</summary>
        public Types Concerned;
        public Members Members;
        /// <summary>A keyword that was kept limits values.</summary>
        public bool HasLimits;
        /// <summary>A default that a schema with a type tells in its description.</summary>
        public bool TellsDefault;
        /// <summary>Members are named.</summary>
        public bool HasNamed;
        public int KeptCount;
        /// <summary>Where the members are that only a schema with a type keeps.</summary>
        public Ranges Kept;
    }

    [InlineArray(MostKept)]
    private struct Ranges
    {
        private (int From, int To) first;
    }
}
