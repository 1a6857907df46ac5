using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>The items of a copied stream as far as they came: what the last response object holds when the stream does not come to its own end.</summary>
internal sealed class ForwardedItems
{
    private readonly SortedDictionary<long, Item> items = [];

    /// <summary>Takes an event in.</summary>
    public void Take(string type, ReadOnlySpan<byte> data)
    {
        if (!System.Buffers.Text.Utf8Parser.TryParse(JsonMembers.Find(data, "output_index"u8), out long index, out _))
            return;
        if (type is ResponsesEventTypes.ItemAdded or ResponsesEventTypes.ItemDone)
        {
            var item = JsonMembers.Find(data, "item"u8);
            if (item is [(byte)'{', ..])
                items[index] = new Item(item.ToArray(), type == ResponsesEventTypes.ItemDone);
        }
        else if (type is ResponsesEventTypes.TextDelta or ResponsesEventTypes.ArgumentsDelta && items.TryGetValue(index, out var open))
        {
            open.Said.Append(JsonText.ToText(JsonMembers.FindString(data, "delta"u8)));
        }
    }

    /// <summary>Ends the open items where they are, and gives them with their places.</summary>
    public IReadOnlyList<(long Index, ReadOnlyMemory<byte> Item)> CutShort()
    {
        var cut = new List<(long, ReadOnlyMemory<byte>)>();
        foreach (var (index, item) in items)
        {
            if (item.IsDone)
                continue;
            item.Json = Incomplete(item);
            item.IsDone = true;
            cut.Add((index, item.Json));
        }

        return cut;
    }

    /// <summary>All of them, as an array.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = JsonWriting.Create(output);
        writer.WriteStartArray();
        foreach (var item in items.Values)
            writer.WriteRawValue(item.IsDone ? item.Json : Incomplete(item), skipInputValidation: true);
        writer.WriteEndArray();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static byte[] Incomplete(Item item)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = JsonWriting.Create(output))
        {
            var type = JsonText.ToText(JsonMembers.FindString(item.Json, "type"u8));
            var text = item.Said.ToString();
            writer.WriteStartObject();
            var members = new JsonMembers(item.Json);
            while (members.Next())
            {
                var name = Encoding.UTF8.GetString(members.Name);
                if (name == "status" || (name == "content" && type == ResponsesItemTypes.Message) || (name == "arguments" && type == ResponsesItemTypes.FunctionCall))
                    continue;
                writer.WritePropertyName(members.Name);
                writer.WriteRawValue(members.Value, skipInputValidation: true);
            }

            writer.WriteString("status"u8, "incomplete"u8);
            if (type == ResponsesItemTypes.FunctionCall)
                writer.WriteString("arguments"u8, text);
            if (type == ResponsesItemTypes.Message)
                WriteContent(writer, text);
            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteContent(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartArray("content"u8);
        if (text.Length > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ResponsesItemTypes.OutputText);
            writer.WriteString("text"u8, text);
            writer.WriteStartArray("annotations"u8);
            writer.WriteEndArray();
            writer.WriteStartArray("logprobs"u8);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private sealed class Item(byte[] json, bool isDone)
    {
        public byte[] Json { get; set; } = json;

        public bool IsDone { get; set; } = isDone;

        public StringBuilder Said { get; } = new();
    }
}
