using System.Globalization;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// Puts the arguments of a call together that arrive as values at paths such as <c>$.recipe.steps[2]</c> (providers contract §6.5). Strings grow while
/// their pieces say <c>willContinue</c>.
/// </summary>
internal sealed class GeminiPartialArguments
{
    // Bounds against a provider gone mad: more values, more text or deeper paths than any call has are ignored, and lists grow by one at a time.
    private const int MostValues = 20_000;
    private const int MostCharacters = 16 * 1024 * 1024;
    private const int Deepest = 64;

    private readonly Dictionary<string, object?> root = new(StringComparer.Ordinal);
    private int values;
    private int written;

    /// <summary>Takes one <c>partialArgs</c> entry.</summary>
    public void Add(JsonElement partial)
    {
        if (++values > MostValues || partial.Text("jsonPath"u8) is not { } path || Parse(path) is not { Count: > 0 and <= Deepest } steps)
            return;
        object? value;
        if (partial.Text("stringValue"u8) is { } text)
        {
            if ((written += text.Length) > MostCharacters)
                return;
            value = new StringBuilder(text);
        }
        else if (partial.Member("numberValue"u8) is { ValueKind: JsonValueKind.Number } number)
            value = number.Compact();
        else if (partial.Member("boolValue"u8) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag)
            value = flag.ValueKind == JsonValueKind.True;
        else if (partial.Has("nullValue"u8))
            value = null;
        else
            return;
        Set(root, steps, 0, value);
    }

    /// <summary>The arguments as JSON.</summary>
    public string ToJson()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = JsonWriting.Create(output))
            Write(writer, root);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Set(object container, List<object> steps, int at, object? value)
    {
        var last = at == steps.Count - 1;
        if (container is Dictionary<string, object?> members && steps[at] is string name)
        {
            members.TryGetValue(name, out var known);
            members[name] = last ? Join(known, value) : Child(known, steps[at + 1]);
            if (!last)
                Set(members[name]!, steps, at + 1, value);
        }
        else if (container is List<object?> items && steps[at] is int index && index <= items.Count)
        {
            if (index == items.Count)
                items.Add(null);
            items[index] = last ? Join(items[index], value) : Child(items[index], steps[at + 1]);
            if (!last)
                Set(items[index]!, steps, at + 1, value);
        }
    }

    private static object? Join(object? known, object? value) =>
        known is StringBuilder text && value is StringBuilder more ? text.Append(more) : value;

    private static object Child(object? known, object next) => next is int
        ? known as List<object?> ?? []
        : known as Dictionary<string, object?> ?? new Dictionary<string, object?>(StringComparer.Ordinal);

    // $.a.b[0]['c d'] → a, b, 0, c d
    private static List<object>? Parse(string path)
    {
        if (!path.StartsWith('$'))
            return null;
        var steps = new List<object>();
        for (var i = 1; i < path.Length;)
        {
            if (path[i] == '.')
            {
                var end = path.AsSpan(i + 1).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : i + 1 + end;
                steps.Add(path[(i + 1)..end]);
                i = end;
            }
            else if (path[i] == '[')
            {
                var end = path.IndexOf(']', i);
                if (end < 0)
                    return null;
                var inner = path[(i + 1)..end];
                if (int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    steps.Add(index);
                else
                    steps.Add(inner.Trim('\'', '"'));
                i = end + 1;
            }
            else
            {
                return null;
            }
        }
        return steps;
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case Dictionary<string, object?> members:
                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }
                writer.WriteEndObject();
                break;
            case List<object?> items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case StringBuilder text:
                writer.WriteStringValue(text.ToString());
                break;
            case string number:
                writer.WriteRawValue(number, skipInputValidation: true);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
