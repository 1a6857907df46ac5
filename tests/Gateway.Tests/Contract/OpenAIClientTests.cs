using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Fairlead.Gateway.Tests.Contract;

/// <summary>The OpenAI .NET client, unchanged.</summary>
public sealed class OpenAIClientTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "get_weather", "The weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    public static TheoryData<string> Models => ["acme/openai", "acme/anthropic", "acme/gemini", "acme/fallback"];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Chat_AnswersWithTextAndUsage(string model)
    {
        ChatCompletion answer = await Chat(model).CompleteChatAsync([new UserChatMessage("Say hello.")]);
        Assert.NotEmpty(answer.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.True(answer.Usage.InputTokenCount > 0 && answer.Usage.OutputTokenCount > 0);
        Assert.StartsWith("gen-", answer.Id, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Streaming_PiecesAndUsageArrive(string model)
    {
        var text = new StringBuilder();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat(model).CompleteChatStreamingAsync([new UserChatMessage("Say hello.")]))
        {
            foreach (var part in update.ContentUpdate)
                text.Append(part.Text);
            finish ??= update.FinishReason;
            usage = update.Usage ?? usage;
        }

        Assert.NotEqual(0, text.Length);
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.True(usage!.OutputTokenCount > 0);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Tools_ThereAndBack(string model)
    {
        var options = new ChatCompletionOptions { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Paris?")];
        ChatCompletion first = await Chat(model).CompleteChatAsync(messages, options);
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        var call = Assert.Single(first.ToolCalls);
        Assert.Equal("get_weather", call.FunctionName);
        using var arguments = JsonDocument.Parse(call.FunctionArguments);
        Assert.True(arguments.RootElement.TryGetProperty("city", out _));

        messages.Add(new AssistantChatMessage(first));
        messages.Add(new ToolChatMessage(call.Id, "21 degrees"));
        ChatCompletion second = await Chat(model).CompleteChatAsync(messages, new ChatCompletionOptions { Tools = { Weather } });
        Assert.Equal(ChatFinishReason.Stop, second.FinishReason);
        Assert.NotEmpty(second.Content[0].Text);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task StreamedToolCall_PutsItsArgumentsTogether(string model)
    {
        var options = new ChatCompletionOptions { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        var arguments = new StringBuilder();
        string? name = null;
        await foreach (var update in Chat(model).CompleteChatStreamingAsync([new UserChatMessage("What is the weather in Paris?")], options))
        {
            foreach (var part in update.ToolCallUpdates)
            {
                name ??= part.FunctionName;
                arguments.Append(part.FunctionArgumentsUpdate?.ToString());
            }
        }

        Assert.Equal("get_weather", name);
        using var parsed = JsonDocument.Parse(arguments.ToString());
        Assert.True(parsed.RootElement.TryGetProperty("city", out _));
    }

    [Fact]
    public async Task Image_IsTaken()
    {
        var pixel = BinaryData.FromBytes(Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="));
        foreach (var model in new[] { "acme/openai", "acme/anthropic", "acme/gemini" })
        {
            ChatCompletion answer = await Chat(model).CompleteChatAsync(
                [new UserChatMessage(ChatMessageContentPart.CreateTextPart("What is this?"), ChatMessageContentPart.CreateImagePart(pixel, "image/png"))]);
            Assert.NotEmpty(answer.Content[0].Text);
        }
    }

    [Fact]
    public async Task Models_AreListed()
    {
        OpenAIModelCollection listed = await Client(gateway.Key).GetOpenAIModelClient().GetModelsAsync();
        Assert.Contains("acme/openai", listed.Select(model => model.Id));
    }

    [Fact]
    public async Task WrongKey_IsAClientResultExceptionOf401()
    {
        var failure = await Assert.ThrowsAsync<ClientResultException>(() =>
            Client("sk-or-v1-" + new string('f', 64)).GetChatClient("acme/openai").CompleteChatAsync([new UserChatMessage("hi")]));
        Assert.Equal(401, failure.Status);
    }

    [Fact]
    public async Task UnknownModel_IsAClientResultExceptionOf400ThatNamesIt()
    {
        var failure = await Assert.ThrowsAsync<ClientResultException>(() => Chat("acme/none").CompleteChatAsync([new UserChatMessage("hi")]));
        Assert.Equal(400, failure.Status);
        Assert.Contains("acme/none is not a valid model ID", failure.Message, StringComparison.Ordinal);
    }

    private ChatClient Chat(string model) => Client(gateway.Key).GetChatClient(model);

    private OpenAIClient Client(string key) => new(
        new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri($"{gateway.BaseUrl}/api/v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
