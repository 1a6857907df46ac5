using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>
/// Invariant M6 from a provider's socket to the balance: a report that is negative, no number, huge or contradicts itself never tops an account up
/// and never charges more than the answer was worth. It is charged by our own count instead.
/// </summary>
public sealed class AbsurdUsageTests(BillingHost host) : IClassFixture<BillingHost>
{
    private static readonly int Counted = (int)Tokenizer.O200k.Count(Encoding.UTF8.GetBytes(string.Concat(AnswerScript.Words)));

    [Theory]
    [InlineData("openai-chat", """{"prompt_tokens":-40,"completion_tokens":25}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":-250000}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":-5,"completion_tokens_details":{"reasoning_tokens":10}}""")]
    [InlineData("openai-chat", """{"prompt_tokens":"NaN","completion_tokens":25}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":"Infinity"}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":1e400}""")]
    [InlineData("openai-chat", """{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":250000}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":25,"prompt_tokens_details":{"cached_tokens":41}}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":25,"prompt_tokens_details":{"cached_tokens":30,"cache_write_tokens":30}}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":25,"prompt_tokens_details":{"cached_tokens":-1000000}}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":25,"prompt_tokens_details":{"audio_tokens":41}}""")]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":25,"num_search_queries":-9}""")]
    [InlineData("anthropic-messages", """{"input_tokens":-40,"output_tokens":25}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"output_tokens":-250000}""")]
    [InlineData("anthropic-messages", """{"input_tokens":-40,"cache_read_input_tokens":80,"output_tokens":25}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"cache_creation_input_tokens":-1000,"output_tokens":25}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"cache_creation_input_tokens":10,"cache_creation":{"ephemeral_1h_input_tokens":99},"output_tokens":25}""")]
    [InlineData("anthropic-messages", """{"input_tokens":"NaN","output_tokens":25}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"output_tokens":1e400}""")]
    [InlineData("anthropic-messages", """{"input_tokens":9223372036854775807,"cache_read_input_tokens":9223372036854775807,"output_tokens":25}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"output_tokens":25,"server_tool_use":{"web_search_requests":-9}}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"output_tokens":25,"iterations":[{"input_tokens":40,"output_tokens":-25}]}""")]
    [InlineData("gemini", """{"promptTokenCount":-40,"candidatesTokenCount":25}""")]
    [InlineData("gemini", """{"promptTokenCount":-40,"toolUsePromptTokenCount":90,"candidatesTokenCount":25}""")]
    [InlineData("gemini", """{"promptTokenCount":40,"candidatesTokenCount":-25,"thoughtsTokenCount":50}""")]
    [InlineData("gemini", """{"promptTokenCount":40,"candidatesTokenCount":"NaN"}""")]
    [InlineData("gemini", """{"promptTokenCount":40,"candidatesTokenCount":1e400}""")]
    [InlineData("gemini", """{"promptTokenCount":9223372036854775807,"candidatesTokenCount":9223372036854775807,"thoughtsTokenCount":9223372036854775807}""")]
    [InlineData("gemini", """{"promptTokenCount":40,"candidatesTokenCount":25,"cachedContentTokenCount":41}""")]
    [InlineData("gemini", """{"promptTokenCount":40,"candidatesTokenCount":25,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":-7}]}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":-40,"output_tokens":25}}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":40,"output_tokens":25},"cached_tokens":41}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":40,"output_tokens":25},"billed_units":{"input_tokens":-40,"output_tokens":25}}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":40,"output_tokens":25},"billed_units":{"input_tokens":41,"output_tokens":25}}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":40,"output_tokens":25},"billed_units":{"input_tokens":40,"output_tokens":1e400}}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":40,"output_tokens":"NaN"}}""")]
    [InlineData("ollama", "\"prompt_eval_count\":-40,\"eval_count\":25")]
    [InlineData("ollama", "\"prompt_eval_count\":40,\"eval_count\":-25")]
    [InlineData("ollama", "\"prompt_eval_count\":1e400,\"eval_count\":25")]
    [InlineData("openai-responses", """{"input_tokens":-40,"output_tokens":25}""")]
    [InlineData("openai-responses", """{"input_tokens":40,"output_tokens":"NaN"}""")]
    [InlineData("openai-responses", """{"input_tokens":40,"output_tokens":1e400}""")]
    [InlineData("openai-responses", """{"input_tokens":40,"output_tokens":25,"input_tokens_details":{"cached_tokens":41}}""")]
    [InlineData("openai-responses", """{"input_tokens":40,"output_tokens":25,"output_tokens_details":{"reasoning_tokens":26}}""")]
    public async Task Nonsense_IsReplacedByOurOwnCount(string protocol, string usage)
    {
        foreach (var stream in (bool[])[true, false])
        {
            var (record, shown, charged) = await AnswerAsync(protocol, usage, stream);
            var prompt = (int)record["tokens_prompt"]!;

            Assert.InRange(prompt, 5, 30);
            Assert.Equal((prompt, Counted), ((int)record["native_tokens_prompt"]!, (int)record["native_tokens_completion"]!));
            Assert.Equal((prompt * BillingHost.PromptPrice) + (Counted * BillingHost.CompletionPrice), charged);
            Assert.Equal((charged, prompt, Counted), ((decimal)shown["cost"]!, (int)shown["prompt_tokens"]!, (int)shown["completion_tokens"]!));
        }
    }

    /// <summary>Ollama leaves the prompt's count out where its cache had all of it (providers §2.2).</summary>
    [Fact]
    public async Task OllamasCachedPrompt_IsCountedByUs_AndItsAnswerAsReported()
    {
        foreach (var stream in (bool[])[true, false])
        {
            var (record, _, charged) = await AnswerAsync("ollama", "\"eval_count\":25", stream);
            var prompt = (int)record["tokens_prompt"]!;

            Assert.InRange(prompt, 5, 30);
            Assert.Equal((prompt, 25), ((int)record["native_tokens_prompt"]!, (int)record["native_tokens_completion"]!));
            Assert.Equal((prompt * BillingHost.PromptPrice) + (25 * BillingHost.CompletionPrice), charged);
        }
    }

    [Theory]
    [InlineData("openai-chat", """{"prompt_tokens":40,"completion_tokens":0}""")]
    [InlineData("anthropic-messages", """{"input_tokens":40,"output_tokens":0}""")]
    [InlineData("gemini", """{"promptTokenCount":40,"totalTokenCount":40}""")]
    [InlineData("cohere", """{"tokens":{"input_tokens":40,"output_tokens":0},"billed_units":{"input_tokens":40,"output_tokens":0}}""")]
    [InlineData("ollama", "\"prompt_eval_count\":40")]
    [InlineData("openai-responses", """{"input_tokens":40,"output_tokens":0}""")]
    public async Task NothingWrittenByTheReport_AndYetThereIsText_IsCounted(string protocol, string usage)
    {
        foreach (var stream in (bool[])[true, false])
        {
            var (record, _, charged) = await AnswerAsync(protocol, usage, stream);

            Assert.Equal((AnswerScript.ReportedPrompt, Counted), ((int)record["native_tokens_prompt"]!, (int)record["native_tokens_completion"]!));
            Assert.Equal((40 * BillingHost.PromptPrice) + (Counted * BillingHost.CompletionPrice), charged);
        }
    }

    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    [InlineData("gemini")]
    [InlineData("cohere")]
    [InlineData("ollama")]
    [InlineData("openai-responses")]
    public async Task SoundReport_IsWhatIsCharged(string protocol)
    {
        var sound = AnswerScript.Of(protocol);
        foreach (var stream in (bool[])[true, false])
        {
            var (_, _, charged) = await AnswerAsync(sound, stream);

            Assert.Equal((40 * BillingHost.PromptPrice) + (25 * BillingHost.CompletionPrice), charged);
        }
    }

    private Task<(JsonNode Record, JsonNode Shown, decimal Charged)> AnswerAsync(string protocol, string usage, bool stream) =>
        AnswerAsync(AnswerScript.Of(protocol, usage), stream);

    private async Task<(JsonNode Record, JsonNode Shown, decimal Charged)> AnswerAsync(AnswerScript script, bool stream)
    {
        var before = host.Balance();
        using var call = host.Send(script.Protocol, canAbort: true, stream);
        using var upstream = await host.Upstream.RequestAsync();
        if (stream)
            await upstream.StartStreamAsync(script.MediaType);
        else
            await upstream.StartWholeAsync(Encoding.UTF8.GetByteCount(script.Whole));
        foreach (var text in stream ? script.Events.Select(e => e.Text) : [script.Whole])
            await upstream.WriteAsync(text);
        await upstream.EndAsync();
        Assert.Equal(200, await call.ReadToEndAsync());

        var record = await call.RecordAsync();
        var after = host.Balance();
        Assert.Equal((decimal)record["total_cost"]!, (after.TotalUsage - before.TotalUsage).Dollars);
        Assert.Equal((before.TotalCredits, before.Held), (after.TotalCredits, after.Held));
        var shown = stream
            ? call.Received.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!["usage"]).Last(node => node is not null)!
            : JsonNode.Parse(call.Received)!["usage"]!;
        return (record, shown, (decimal)record["total_cost"]!);
    }
}
