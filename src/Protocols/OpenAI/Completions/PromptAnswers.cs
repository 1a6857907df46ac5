using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>
/// The answers to several prompts as one: choices in the order of the prompts, usage and cost added up, all else that of the first good answer. A prompt that could not be
/// answered has choices without text that end in an error and say which.
/// </summary>
public static class PromptAnswers
{
    /// <summary>Writes it.</summary>
    /// <param name="answers">Of each prompt the body and whether it is an answer, not an error. One of them at least is.</param>
    /// <param name="choices">How many choices each prompt has (<c>n</c>).</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<(bool IsGood, ReadOnlyMemory<byte> Body)> answers, int choices, IBufferWriter<byte> output)
    {
        var documents = answers.Select(answer => JsonDocument.Parse(answer.Body)).ToList();
        var good = documents.Where((_, i) => answers[i].IsGood).Select(document => document.RootElement).ToList();
        var usages = good.Select(answer => answer.Member("usage"u8)).OfType<JsonElement>().ToList();
        WriteObject(
            good[0],
            id: null,
            writer =>
            {
                for (var i = 0; i < documents.Count; i++)
                    WriteChoices(writer, documents[i].RootElement, answers[i].IsGood, i * choices, choices);
            },
            usages, output);
        documents.ForEach(document => document.Dispose());
    }

    /// <summary>Writes <paramref name="head"/> with other choices and, where there are any, the sum of <paramref name="usages"/>; with another id where one is given.</summary>
    internal static void WriteObject(JsonElement head, string? id, Action<Utf8JsonWriter> choices, List<JsonElement> usages, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        foreach (var member in head.EnumerateObject())
        {
            if (member.NameEquals("choices"u8))
            {
                writer.WriteStartArray("choices"u8);
                choices(writer);
                writer.WriteEndArray();
            }
            else if (id is not null && member.NameEquals("id"u8))
            {
                writer.WriteString("id"u8, id);
            }
            else if (!member.NameEquals("usage"u8))
            {
                writer.WritePropertyName(member.Name);
                writer.WriteAsIs(member.Value);
            }
        }

        if (usages.Count > 0)
        {
            writer.WritePropertyName("usage"u8);
            WriteSum(writer, usages);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the choices of one prompt.</summary>
    internal static void WriteChoices(Utf8JsonWriter writer, JsonElement answer, bool isGood, int first, int count)
    {
        if (!isGood)
        {
            for (var i = 0; i < count; i++)
                WriteFailed(writer, answer, first + i);
            return;
        }

        foreach (var choice in answer.Items("choices"u8))
        {
            writer.WriteStartObject();
            foreach (var member in choice.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (member.NameEquals("index"u8))
                    writer.WriteNumberValue(first + (choice.Whole("index"u8) ?? 0));
                else
                    writer.WriteAsIs(member.Value);
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteFailed(Utf8JsonWriter writer, JsonElement answer, int index)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
        writer.WriteString("text"u8, ""u8);
        writer.WriteNull("logprobs"u8);
        writer.WriteString("finish_reason"u8, "error"u8);
        writer.WriteNull("native_finish_reason"u8);
        if (answer.Member("error"u8) is { } error)
        {
            writer.WritePropertyName("error"u8);
            writer.WriteAsIs(error);
        }

        writer.WriteEndObject();
    }

    /// <summary>Numbers are added, a flag is there where one has it; of other values the first.</summary>
    private static void WriteSum(Utf8JsonWriter writer, List<JsonElement> values)
    {
        switch (values[0].ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var name in values.Where(value => value.ValueKind == JsonValueKind.Object).SelectMany(value => value.EnumerateObject()).Select(member => member.Name).Distinct())
                {
                    var members = values.Select(value => value.Member(name)).OfType<JsonElement>().ToList();
                    writer.WritePropertyName(name);
                    if (members.Count == 0)
                        writer.WriteNullValue();
                    else
                        WriteSum(writer, members);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Number:
                writer.WriteNumberValue(values.Sum(value => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : 0));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBooleanValue(values.Exists(value => value.ValueKind == JsonValueKind.True));
                break;
            default:
                writer.WriteAsIs(values[0]);
                break;
        }
    }
}
