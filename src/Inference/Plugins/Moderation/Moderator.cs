using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Catalog.Configuration;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Plugins.Moderation;

/// <summary>
/// Judges texts and images: the operator's rules first, which see texts only, then the operator's service, which speaks OpenAI's <c>POST /moderations</c>
/// (https://platform.openai.com/docs/api-reference/moderations, read November 2026). Never throws for what a service does.
/// </summary>
internal sealed class Moderator : IDisposable
{
    private const int LongestAnswer = 4 << 20;
    private const int LongestReason = 100;

    // The operator names the service; one of one's own mostly stands next door.
    private readonly HttpMessageInvoker invoker = new(GuardedConnect.CreateHandler(allowPrivate: true, TimeSpan.FromSeconds(5)));

    /// <param name="options">Who judges.</param>
    /// <param name="texts">What is written.</param>
    /// <param name="images">Addresses or <c>data:</c> URLs of images for the service; each is a call of its own, as OpenAI's takes one at a time.</param>
    /// <param name="cancellation">The caller left.</param>
    public async ValueTask<Verdict> JudgeAsync(ModerationOptions options, IReadOnlyList<string> texts, IReadOnlyList<string> images, CancellationToken cancellation)
    {
        if (ByRules(options.Rules, texts) is { } flagged)
            return new Verdict(flagged);
        if (options.Service.BaseUrl is null)
            return Verdict.Clean;
        var asked = new List<Task<Verdict>>(1 + images.Count);
        if (texts.Count > 0)
            asked.Add(ByServiceAsync(options, json => WriteTexts(json, texts), texts, cancellation));
        foreach (var image in images)
            asked.Add(ByServiceAsync(options, json => WriteImage(json, image), [image.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? "[image]" : image], cancellation));
        var verdicts = await Task.WhenAll(asked);
        return Array.Find(verdicts, static verdict => verdict.Flagged is not null) ?? Array.Find(verdicts, static verdict => verdict.Trouble is not null) ?? Verdict.Clean;
    }

    public void Dispose() => invoker.Dispose();

    private static FlaggedInput? ByRules(IReadOnlyList<ModerationRule> rules, IReadOnlyList<string> texts)
    {
        foreach (var text in texts)
        {
            var reasons = rules.Where(rule => Matches(rule.Pattern, text)).Select(static rule => rule.Reason).Distinct(StringComparer.Ordinal).ToList();
            if (reasons.Count > 0)
                return FlaggedInput.Of(reasons, text);
        }

        return null;
    }

    /// <summary>A pattern that ran out of time has not cleared the text.</summary>
    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return true;
        }
    }

    /// <param name="options">The service.</param>
    /// <param name="write">Writes the input.</param>
    /// <param name="shown">What the caller is shown of each part of it that is flagged.</param>
    /// <param name="cancellation">The caller left.</param>
    private async Task<Verdict> ByServiceAsync(ModerationOptions options, Action<Utf8JsonWriter> write, IReadOnlyList<string> shown, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Service.Timeout);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, options.Service.BaseUrl + "/moderations") { Content = Body(options.Model, write) };
            if (options.Service.ApiKey is { } key)
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var response = await invoker.SendAsync(message, limit.Token);
            if (!response.IsSuccessStatusCode)
                return Failed($"it answered {(int)response.StatusCode}");
            using var body = new PooledBody(16 * 1024);
            await using var stream = ResponseReading.Open(response, limit.Token);
            if (!await ResponseReading.ReadAsync(stream, body, LongestAnswer, limit.Token))
                return Failed("its answer is too large");
            return Read(body.Memory, shown) ?? Failed("its answer could not be read");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed($"it did not answer within {options.Service.Timeout.TotalSeconds:0.#} s");
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            return Failed("it could not be reached");
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, IReadOnlyList<string> texts)
    {
        json.WriteStartArray();
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteImage(Utf8JsonWriter json, string url)
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("type", "image_url");
        json.WriteStartObject("image_url");
        json.WriteString("url", url);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static ByteArrayContent Body(string model, Action<Utf8JsonWriter> write)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WritePropertyName("input");
            write(json);
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(output.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>One result for each part, in order; the categories that are true are the reasons. The first part that is flagged is shown.</summary>
    private static Verdict? Read(ReadOnlyMemory<byte> body, IReadOnlyList<string> shown)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("results", out var results)
                || results.ValueKind != JsonValueKind.Array || results.GetArrayLength() != shown.Count)
                return null;
            for (var i = 0; i < shown.Count; i++)
            {
                var result = results[i];
                if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("flagged", out var flagged) || flagged.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return null;
                if (flagged.ValueKind == JsonValueKind.True)
                    return new Verdict(FlaggedInput.Of(Categories(result), shown[i]));
            }

            return Verdict.Clean;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<string> Categories(JsonElement result) =>
        result.TryGetProperty("categories", out var categories) && categories.ValueKind == JsonValueKind.Object
            ? [.. categories.EnumerateObject().Where(static category => category.Value.ValueKind == JsonValueKind.True && category.Name.Length <= LongestReason).Select(static category => category.Name)]
            : [];

    private static Verdict Failed(string why) => new(null, $"The moderation service could not be used: {why}.");
}
