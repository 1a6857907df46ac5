using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Catalog.Pricing;

/// <summary>Prices in their wire form: decimal strings without exponent, by wire name (platform §3.1). Stored with each charge (P37).</summary>
public static class PriceSheetJson
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<PriceSheet, string> Texts = [];

    /// <summary>The sheet as a JSON object. The same sheet always gives the same text, made once.</summary>
    public static string ToJson(this PriceSheet sheet) => Texts.GetValue(sheet, static priced =>
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            priced.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    });

    /// <summary>Writes the pricing object.</summary>
    public static void WriteTo(this PriceSheet sheet, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WritePrices(sheet, json);
        json.WriteNumber("discount", sheet.Discount);
        if (sheet.Overrides.Count > 0)
        {
            json.WriteStartArray("overrides");
            foreach (var entry in sheet.Overrides)
                WriteOverride(entry, json);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote. Throws <see cref="FormatException"/> naming the first mistake.</summary>
    public static PriceSheet Parse(ReadOnlyMemory<byte> utf8)
    {
        var mistakes = new MistakeList();
        try
        {
            var json = new ConfigurationCursor(new("pricing", utf8), new TextPool(), mistakes);
            json.Start();
            var sheet = PricingReader.Read(ref json);
            json.Finish();
            return mistakes.Count == 0 ? sheet! : throw new FormatException(mistakes.InOrder([])[0].ToString());
        }
        catch (JsonException broken)
        {
            throw new FormatException("The prices are not valid JSON.", broken);
        }
    }

    private static void WritePrices(PriceSheet sheet, Utf8JsonWriter json)
    {
        Write(json, "prompt", sheet.Prompt);
        Write(json, "completion", sheet.Completion);
        Write(json, "request", sheet.Request);
        Write(json, "image", sheet.Image);
        Write(json, "image_token", sheet.ImageToken);
        Write(json, "image_output", sheet.ImageOutput);
        Write(json, "web_search", sheet.WebSearch);
        Write(json, "internal_reasoning", sheet.InternalReasoning);
        Write(json, "input_cache_read", sheet.InputCacheRead);
        Write(json, "input_cache_write", sheet.InputCacheWrite);
        Write(json, "input_cache_write_1h", sheet.InputCacheWrite1h);
        Write(json, "audio", sheet.Audio);
        Write(json, "audio_output", sheet.AudioOutput);
        Write(json, "input_audio_cache", sheet.InputAudioCache);
    }

    private static void WriteOverride(PriceOverride entry, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (entry.MinPromptTokens is { } least)
            json.WriteNumber("min_prompt_tokens", least);
        if (entry.UtcStart is { } start)
            json.WriteNumber("utc_start", start);
        if (entry.UtcEnd is { } end)
            json.WriteNumber("utc_end", end);
        foreach (var (name, price) in entry.Prices)
            Write(json, name, price);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, decimal? price)
    {
        if (price is { } value)
            json.WriteString(name, PriceText.Format(value));
    }
}
