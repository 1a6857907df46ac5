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
/// Judges texts: the operator's rules first, then the operator's service, which speaks OpenAI's <c>POST /moderations</c>
/// (https://platform.openai.com/docs/api-reference/moderations, read November 2026). Never throws for what a service does.
/// </summary>
internal sealed class Moderator : IDisposable
{
    private const int LongestAnswer = 4 << 20;
    private const int LongestReason = 100;

    // The operator names the service; one of one's own mostly stands next door.
    private readonly HttpMessageInvoker invoker = new(GuardedConnect.CreateHandler(allowPrivate: true, TimeSpan.FromSeconds(5)));

    public async ValueTask<Verdict> JudgeAsync(ModerationOptions options, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        if (texts.Count == 0)
            return Verdict.Clean;
        if (ByRules(options.Rules, texts) is { } flagged)
            return new Verdict(flagged);
        return options.Service.BaseUrl is null ? Verdict.Clean : await ByServiceAsync(options, texts, cancellation);
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

    private async ValueTask<Verdict> ByServiceAsync(ModerationOptions options, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Service.Timeout);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, options.Service.BaseUrl + "/moderations") { Content = Body(options.Model, texts) };
            if (options.Service.ApiKey is { } key)
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var response = await invoker.SendAsync(message, limit.Token);
            if (!response.IsSuccessStatusCode)
                return Failed($"it answered {(int)response.StatusCode}");
            using var body = new PooledBody(16 * 1024);
            await using var stream = await ResponseReading.OpenAsync(response, limit.Token);
            if (!await ResponseReading.ReadAsync(stream, body, LongestAnswer, limit.Token))
                return Failed("its answer is too large");
            return Read(body.Memory, texts) ?? Failed("its answer could not be read");
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

    private static ByteArrayContent Body(string model, IReadOnlyList<string> texts)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteStartArray("input");
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(output.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>One result for each text, in order; the categories that are true are the reasons. The first text that is flagged is shown.</summary>
    private static Verdict? Read(ReadOnlyMemory<byte> body, IReadOnlyList<string> texts)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("results", out var results)
                || results.ValueKind != JsonValueKind.Array || results.GetArrayLength() != texts.Count)
                return null;
            for (var i = 0; i < texts.Count; i++)
            {
                var result = results[i];
                if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("flagged", out var flagged) || flagged.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return null;
                if (flagged.ValueKind == JsonValueKind.True)
                    return new Verdict(FlaggedInput.Of(Categories(result), texts[i]));
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
