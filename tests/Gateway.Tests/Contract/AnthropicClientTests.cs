using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Contract;

/// <summary>The Anthropic .NET client, unchanged, over providers of every format.</summary>
public sealed class AnthropicClientTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private static readonly Tool Weather = new()
    {
        Name = "get_weather",
        Description = "The weather of a city",
        InputSchema = new InputSchema { Properties = new Dictionary<string, JsonElement> { ["city"] = JsonSerializer.SerializeToElement(new { type = "string" }) }, Required = ["city"] },
    };

    public static TheoryData<string> Models => ["acme/openai", "acme/anthropic", "acme/gemini"];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Message_AnswersWithTextAndUsage(string model)
    {
        var message = await Client().Messages.Create(Ask(model, "Repeat after me: hello") with { System = "Be kind." });
        message.Validate();
        Assert.Equal("hello", Text(message));
        Assert.Equal(StopReason.EndTurn, message.StopReason!.Value());
        Assert.True(message.Usage.InputTokens > 0 && message.Usage.OutputTokens > 0);
        Assert.StartsWith("gen-", message.ID, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Stream_PiecesAreTheMessageTheClientPutsTogether(string model)
    {
        var pieces = new StringBuilder();
        var events = new List<RawMessageStreamEvent>();
        await foreach (var one in Client().Messages.CreateStreaming(Ask(model, "Repeat after me: one two three")))
        {
            one.Validate();
            events.Add(one);
            if (one.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var text))
                pieces.Append(text.Text);
        }

        var message = await events.ToAsyncEnumerable().Aggregate();
        Assert.Equal("one two three", Text(message));
        Assert.Equal(Text(message), pieces.ToString());
        Assert.Equal(StopReason.EndTurn, message.StopReason!.Value());
        Assert.True(message.Usage.OutputTokens > 0);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Tools_ThereAndBack_WholeAndStreamed(string model)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var ask = Ask(model, "Use get_weather for \"Oslo\"") with { Tools = [Weather], ToolChoice = new ToolChoiceAny() };
            var first = await SendAsync(ask, stream);
            Assert.Equal(StopReason.ToolUse, first.StopReason!.Value());
            Assert.True(first.Content[^1].TryPickToolUse(out var call));
            Assert.Equal("get_weather", call.Name);
            Assert.True(call.Input.ContainsKey("city"));

            var second = await SendAsync(
                ask with { ToolChoice = null, Messages = [.. ask.Messages, Turn(first), Results(new ToolResultBlockParam(call.ID) { Content = "21 degrees" })] }, stream);
            Assert.Equal(StopReason.EndTurn, second.StopReason!.Value());
            Assert.Contains("21 degrees", Text(second), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thinking_ItsSignatureGoesBackByteForByte(bool stream)
    {
        var ask = Ask("acme/anthropic", "Use get_weather for \"Oslo\"") with { MaxTokens = 4000, Tools = [Weather], Thinking = new ThinkingConfigEnabled(1024) };
        for (var turn = 0; turn < 3; turn++)
        {
            var message = await SendAsync(ask, stream);
            Assert.True(message.Content[0].TryPickThinking(out var thought));
            Assert.NotEmpty(thought.Thinking);
            Assert.NotEmpty(thought.Signature);
            Assert.True(message.Content[^1].TryPickToolUse(out var call));
            ask = ask with { Messages = [.. ask.Messages, Turn(message), Results(new ToolResultBlockParam(call.ID) { Content = "cold" }, new TextBlockParam("Use get_weather for \"Rome\""))] };
            // The provider refuses a signature that is not its own.
            Assert.Equal(turn > 0, gateway.Simulator!.Requests[^1].BodyText.Contains("\"signature\":", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Image_IsSeen_AndMaxTokensAreObeyed(string model)
    {
        var image = new ImageBlockParam(new Base64ImageSource { Data = Pixel, MediaType = MediaType.ImagePng });
        var seen = await Client().Messages.Create(Ask(model, "") with { Messages = [Results(image, new TextBlockParam("Look"))] });
        Assert.StartsWith("I see 1 image", Text(seen), StringComparison.Ordinal);
        var cut = await Client().Messages.Create(Ask(model, "Repeat after me: one two three four five six") with { MaxTokens = 3 });
        Assert.Equal(StopReason.MaxTokens, cut.StopReason!.Value());
    }

    [Fact]
    public async Task Tokens_AreCounted()
    {
        var count = await Client().Messages.CountTokens(new MessageCountTokensParams { Model = "acme/anthropic", Messages = [new UserMessageParam("one two three four")] });
        Assert.InRange(count.InputTokens, 4, 20);
    }

    [Fact]
    public async Task WrongKey_UnknownModel_BadRequest_AreTheClientsOwnExceptions()
    {
        var stranger = await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() => Client("sk-ant-none").Messages.Create(Ask("acme/openai", "hi")));
        Assert.Contains("authentication_error", stranger.Type!.ToString(), StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<AnthropicBadRequestException>(() => Client().Messages.Create(Ask("acme/none", "hi")));
        Assert.Contains("invalid_request_error", unknown.Type!.ToString(), StringComparison.Ordinal);
        Assert.Contains("acme/none is not a valid model ID", unknown.Message, StringComparison.Ordinal);
        var empty = await Assert.ThrowsAsync<AnthropicBadRequestException>(() => Client().Messages.Create(Ask("acme/openai", "hi") with { Messages = [] }));
        Assert.Contains("messages is required", empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProviderFails_BeforeOrWithinTheAnswer_CallerIsTold_CancelReachesIt()
    {
        const string Limited = "acme/limited", Down = "acme/down", Cut = "acme/cut", Endless = "acme/endless";
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(
                new UpstreamSetup { Protocol = "anthropic-messages" },
                (Limited, ["sim?status=429"]), (Down, ["sim?status=503"]), (Cut, ["sim?cut_after=8&tokens=60"]), (Endless, ["sim?tokens=5000&token_ms=5"])),
        });
        var messages = Client(url: host.BaseUrl).Messages;
        await Assert.ThrowsAsync<AnthropicRateLimitException>(() => messages.Create(Ask(Limited, "hi")));
        await Assert.ThrowsAnyAsync<Anthropic5xxException>(() => messages.Create(Ask(Down, "hi")));
        await Assert.ThrowsAnyAsync<AnthropicServiceException>(async () =>
        {
            await foreach (var _ in messages.CreateStreaming(Ask(Cut, "hi")))
            {
            }
        });

        using var leave = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var one in messages.CreateStreaming(Ask(Endless, "hi"), leave.Token))
            {
                if (one.TryPickContentBlockDelta(out _))
                    await leave.CancelAsync();
            }
        });
        await host.Simulator!.Requests[^1].WhenAborted.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static MessageCreateParams Ask(string model, string text) => new() { Model = model, MaxTokens = 400, Messages = [new UserMessageParam(text)] };

    private static string Text(Message message) => string.Concat(message.Content.Select(block => block.TryPickText(out var text) ? text.Text : ""));

    private static MessageParam Turn(Message message) => new AssistantMessageParam(message.Content.Select(block => new ContentBlockParam(block.Json)).ToList());

    private static MessageParam Results(params ContentBlockParam[] blocks) => new UserMessageParam(blocks.ToList());

    private async Task<Message> SendAsync(MessageCreateParams ask, bool stream) =>
        stream ? await Client().Messages.CreateStreaming(ask).Aggregate() : await Client().Messages.Create(ask);

    private AnthropicClient Client(string? key = null, string? url = null) => new(new ClientOptions { BaseUrl = $"{url ?? gateway.BaseUrl}/api", ApiKey = key ?? gateway.Key, MaxRetries = 0 });
}
