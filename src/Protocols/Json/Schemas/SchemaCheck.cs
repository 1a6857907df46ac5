using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>
/// Validates a value against a JSON Schema (draft 7, and what 2020-12 renamed: <c>$defs</c>, <c>prefixItems</c>, <c>dependentRequired</c>). Both come from
/// outside, so the work is bounded: when <see cref="MostSteps"/> are used up, whatever is left passes. That bound, and patterns that cannot run away, are why
/// this is not a library. <c>format</c> is a note to the reader, not a check; so are keywords we do not know.
/// </summary>
/// <remarks>
/// Map: <see cref="Check"/> dispatches by keyword; then the general keywords, numbers, strings, arrays, objects, combinations, references, each in the order of
/// the specification. A keyword with a value of the wrong kind says nothing.
/// </remarks>
internal sealed class SchemaCheck
{
    private const int MostSteps = 50_000;
    private const int StepsOfPattern = 500;
    private const int LongestPattern = 512;
    private const int MostOpenReferences = 64;

    private readonly JsonElement root;
    private int steps = MostSteps;
    private int openReferences;

    private SchemaCheck(JsonElement root) => this.root = root;

    /// <summary>What is wrong with <paramref name="value"/>, beginning with its place (<c>$.city must be a string</c>); null when it is valid.</summary>
    public static string? FirstFault(JsonElement schema, JsonElement value)
    {
        try
        {
            return new SchemaCheck(schema).Check(schema, value, "$");
        }
        catch (InvalidOperationException)
        {
            return null; // names or texts with escapes that are half a character, which no reader decodes
        }
    }

    private string? Check(JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind == JsonValueKind.False)
            return at + " is not allowed";
        if (schema.ValueKind != JsonValueKind.Object || --steps < 0 || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return null;
        if (schema.Text("$ref"u8) is { } reference && Follow(reference, value, at) is { } beyond)
            return beyond;
        return General(schema, value, at) ?? Combined(schema, value, at) ?? value.ValueKind switch
        {
            JsonValueKind.Number => Number(schema, value, at),
            JsonValueKind.String => String(schema, value, at),
            JsonValueKind.Array => Array(schema, value, at),
            JsonValueKind.Object => Object(schema, value, at),
            _ => null,
        };
    }

    private bool Accepts(JsonElement schema, JsonElement value) => Check(schema, value, "") is null;

    private string? General(JsonElement schema, JsonElement value, string at)
    {
        if (schema.Member("type"u8) is { } type && !IsOfType(type, value))
            return $"{at} must be of type {type.Compact()}";
        if (schema.Stated("const"u8) is { } only && !only.IsSameAs(value))
            return $"{at} must be {Short(only)}";
        if (schema.Member("enum"u8) is { ValueKind: JsonValueKind.Array } words && (steps -= words.GetArrayLength()) >= 0 && !words.EnumerateArray().Any(word => word.IsSameAs(value)))
            return $"{at} must be one of {Short(words)}";
        return null;
    }

    private static bool IsOfType(JsonElement type, JsonElement value)
    {
        if (type.ValueKind == JsonValueKind.Array)
            return type.GetArrayLength() == 0 || type.EnumerateArray().Any(one => IsOfType(one, value));
        return type.ValueKind != JsonValueKind.String || type.Decode() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && (!value.TryGetDecimal(out var number) || decimal.Truncate(number) == number),
            _ => true,
        };
    }

    private static string? Number(JsonElement schema, JsonElement value, string at)
    {
        if (!value.TryGetDecimal(out var number))
            return null; // beyond what anybody's schema bounds
        if (Limit(schema, "minimum"u8) is { } least && number < least)
            return $"{at} must be at least {least}";
        if (Limit(schema, "maximum"u8) is { } most && number > most)
            return $"{at} must be at most {most}";
        if (Limit(schema, "exclusiveMinimum"u8) is { } above && number <= above)
            return $"{at} must be above {above}";
        if (Limit(schema, "exclusiveMaximum"u8) is { } below && number >= below)
            return $"{at} must be below {below}";
        return Limit(schema, "multipleOf"u8) is { } step && step > 0 && number % step != 0 ? $"{at} must be a multiple of {step}" : null;
    }

    private string? String(JsonElement schema, JsonElement value, string at)
    {
        var text = value.Decode();
        if (Limit(schema, "minLength"u8) is { } least && Characters(text) < least)
            return $"{at} must have at least {least} characters";
        if (Limit(schema, "maxLength"u8) is { } most && Characters(text) > most)
            return $"{at} must have at most {most} characters";
        return schema.Text("pattern"u8) is { } pattern && Pattern(pattern) is { } expression && !expression.IsMatch(text) ? $"{at} must match {pattern}" : null;
    }

    private string? Array(JsonElement schema, JsonElement value, string at)
    {
        var count = value.GetArrayLength();
        if (Limit(schema, "minItems"u8) is { } least && count < least)
            return $"{at} must hold at least {least} items";
        if (Limit(schema, "maxItems"u8) is { } most && count > most)
            return $"{at} must hold at most {most} items";
        if (schema.Flag("uniqueItems"u8) && HasEqualItems(value))
            return $"{at} must not hold an item twice";
        if (schema.Member("contains"u8) is { } wanted && !value.EnumerateArray().Any(item => Accepts(wanted, item)))
            return $"{at} lacks an item that it must contain";
        return Items(schema, value, at);
    }

    private string? Items(JsonElement schema, JsonElement value, string at)
    {
        var items = schema.Member("items"u8);
        var tuple = schema.Member("prefixItems"u8) ?? (items is { ValueKind: JsonValueKind.Array } ? items : null);
        var rest = items is { ValueKind: JsonValueKind.Array } ? schema.Member("additionalItems"u8) : items;
        var fixedItems = tuple is { ValueKind: JsonValueKind.Array } list ? list.GetArrayLength() : 0;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var rule = index < fixedItems ? tuple!.Value[index] : rest;
            if (rule is { } one && Check(one, item, $"{at}[{index}]") is { } fault)
                return fault;
            index++;
        }

        return null;
    }

    private string? Object(JsonElement schema, JsonElement value, string at)
    {
        foreach (var name in schema.Items("required"u8))
        {
            if (name.ValueKind == JsonValueKind.String && !value.Has(System.Text.Encoding.UTF8.GetBytes(name.Decode())))
                return $"{at} lacks {name.Decode()}";
        }

        var count = value.EnumerateObject().Count();
        if (Limit(schema, "minProperties"u8) is { } least && count < least)
            return $"{at} must have at least {least} members";
        if (Limit(schema, "maxProperties"u8) is { } most && count > most)
            return $"{at} must have at most {most} members";
        return Members(schema, value, at) ?? Dependent(schema, value, at);
    }

    private string? Members(JsonElement schema, JsonElement value, string at)
    {
        var named = schema.Member("properties"u8) ?? default;
        var patterns = schema.Member("patternProperties"u8) is { ValueKind: JsonValueKind.Object } byPattern
            ? byPattern.EnumerateObject().Select(one => (Expression: Pattern(one.Label()), Rule: one.Value)).Where(one => one.Expression is not null).ToList()
            : [];
        var names = schema.Member("propertyNames"u8);
        var others = schema.Member("additionalProperties"u8);
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Label();
            var place = $"{at}.{name}";
            if (--steps < 0)
                return null;
            if (names is { } rule && NameFault(rule, name, place) is { } misnamed)
                return misnamed;
            var own = named.Member(name);
            if (own is { } known && Check(known, member.Value, place) is { } fault)
                return fault;
            var matched = patterns.Where(one => one.Expression!.IsMatch(name)).ToList();
            foreach (var one in matched)
            {
                if (Check(one.Rule, member.Value, place) is { } unfit)
                    return unfit;
            }

            if (own is null && matched.Count == 0 && others is { } rest && Check(rest, member.Value, place) is { } stray)
                return stray;
        }

        return null;
    }

    private string? NameFault(JsonElement rule, string name, string place)
    {
        using var asValue = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(name));
        return Check(rule, asValue.RootElement, place);
    }

    private string? Dependent(JsonElement schema, JsonElement value, string at)
    {
        foreach (var keyword in (ReadOnlySpan<string>)["dependencies", "dependentRequired", "dependentSchemas"])
        {
            if (schema.Member(keyword) is not { ValueKind: JsonValueKind.Object } all)
                continue;
            foreach (var one in all.EnumerateObject())
            {
                if (value.Member(one.Label()) is null)
                    continue;
                if (one.Value.ValueKind == JsonValueKind.Array)
                {
                    if (one.Value.EnumerateArray().FirstOrDefault(name => name.ValueKind == JsonValueKind.String && value.Member(name.Decode()) is null) is { ValueKind: JsonValueKind.String } lacking)
                        return $"{at} has {one.Label()} and so must have {lacking.Decode()}";
                }
                else if (Check(one.Value, value, at) is { } fault)
                {
                    return fault;
                }
            }
        }

        return null;
    }

    private string? Combined(JsonElement schema, JsonElement value, string at)
    {
        foreach (var part in schema.Items("allOf"u8))
        {
            if (Check(part, value, at) is { } fault)
                return fault;
        }

        if (schema.Member("anyOf"u8) is { ValueKind: JsonValueKind.Array } any && any.GetArrayLength() > 0 && !any.EnumerateArray().Any(part => Accepts(part, value)))
            return at + " matches none of anyOf";
        if (schema.Member("oneOf"u8) is { ValueKind: JsonValueKind.Array } one && one.GetArrayLength() > 0)
        {
            var matches = one.EnumerateArray().Count(part => Accepts(part, value));
            if (matches != 1 && steps >= 0)
                return $"{at} matches {matches} of oneOf instead of one";
        }

        if (schema.Member("not"u8) is { } not && Accepts(not, value) && steps >= 0)
            return at + " matches what it must not";
        if (schema.Member("if"u8) is { } condition)
        {
            var branch = Accepts(condition, value) ? schema.Member("then"u8) : schema.Member("else"u8);
            return branch is { } chosen ? Check(chosen, value, at) : null;
        }

        return null;
    }

    private string? Follow(string reference, JsonElement value, string at)
    {
        // A reference that leads nowhere, or in circles without coming to a smaller value, says nothing.
        if (openReferences >= MostOpenReferences || SchemaReferences.Find(root, reference) is not { } target)
            return null;
        openReferences++;
        var fault = Check(target, value, at);
        openReferences--;
        return fault;
    }

    private Regex? Pattern(string pattern)
    {
        steps -= StepsOfPattern;
        if (steps < 0 || pattern.Length > LongestPattern)
            return null;
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception unusable) when (unusable is ArgumentException or NotSupportedException)
        {
            return null; // another dialect of patterns, or one whose time nobody can bound
        }
    }

    private bool HasEqualItems(JsonElement array)
    {
        var seen = new List<JsonElement>();
        foreach (var item in array.EnumerateArray())
        {
            steps -= seen.Count;
            if (steps < 0)
                return false;
            if (seen.Exists(other => other.IsSameAs(item)))
                return true;
            seen.Add(item);
        }

        return false;
    }

    private static decimal? Limit(JsonElement schema, ReadOnlySpan<byte> name) =>
        schema.Member(name) is { ValueKind: JsonValueKind.Number } limit && limit.TryGetDecimal(out var value) ? value : null;

    private static int Characters(string text) => text.Length - text.Count(char.IsLowSurrogate);

    private static string Short(JsonElement value) => value.Compact() is { Length: > 100 } all ? all[..100] + "…" : value.Compact();
}
