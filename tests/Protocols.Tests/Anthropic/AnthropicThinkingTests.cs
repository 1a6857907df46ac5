using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicThinkingTests
{
    private static readonly AnthropicMessagesDialect Dialect = AnthropicMessagesDialect.Instance;

    private static JsonObject Write(string model, ReasoningOptions? reasoning, int? maxTokens = 10_000, Func<CanonicalRequest, CanonicalRequest>? change = null)
    {
        var request = Request(User("q")) with { Reasoning = reasoning, MaxTokens = maxTokens };
        return Dialect.Written(change is null ? request : change(request), Target(UpstreamProtocol.AnthropicMessages, model));
    }

    private static ReasoningOptions Effort(string effort) => new(effort, null, false, null, null);

    private static ReasoningOptions Budget(int tokens, string? effort = null) => new(effort, tokens, false, null, null);

    [Theory]
    [InlineData("minimal", 1024)]
    [InlineData("low", 2000)]
    [InlineData("medium", 5000)]
    [InlineData("high", 8000)]
    [InlineData("xhigh", 9500)]
    [InlineData("max", 9500)]
    public void BudgetModels_GetAShareOfMaxTokens(string effort, int budget)
    {
        var body = Write("claude-sonnet-4-5", Effort(effort));
        Same($$"""{"type":"enabled","budget_tokens":{{budget}}}""", body["thinking"]);
        Assert.Null(body["output_config"]);
    }

    [Fact]
    public void ExplicitBudget_IsUsedWithItsFloor_AndWinsOverEffortOnBudgetModels()
    {
        Assert.Equal(1024, (int?)Write("claude-sonnet-4-5", Budget(5))["thinking"]!["budget_tokens"]);
        Assert.Equal(3000, (int?)Write("claude-sonnet-4-5", Budget(3000, "high"))["thinking"]!["budget_tokens"]);
    }

    [Fact]
    public void WithoutMaxTokens_TheModelsMaximumIsTheBase_AndIsSent()
    {
        var body = Write("claude-sonnet-4-5", Effort("medium"), maxTokens: null);
        Assert.Equal((64000, 32000), ((int?)body["max_tokens"], (int?)body["thinking"]!["budget_tokens"]));
    }

    [Fact]
    public void BudgetThatLeavesNoRoom_IsRefusedNamingBothNumbers()
    {
        var error = Dialect.Refused(Request(User("q")) with { Reasoning = Budget(5000), MaxTokens = 4000 }, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5"));
        Assert.Equal(400, error.Status);
        Assert.Contains("5000", error.Message, StringComparison.Ordinal);
        Assert.Contains("4000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BudgetThatExceedsOurOwnCap_GivesWay()
    {
        var body = Dialect.Written(Request(User("q")) with { Reasoning = Budget(10_000) }, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5"), new UpstreamCall { MaxTokens = 8192 });
        Assert.Equal((8192, 6553), ((int?)body["max_tokens"], (int?)body["thinking"]!["budget_tokens"]));
    }

    [Fact]
    public void RefusedSignatures_StayOutTheSecondTime()
    {
        var history = Request(User("q"), Assistant("a") with { ReasoningDetails = [new() { Type = "reasoning.text", Text = "t", Signature = "s" }] }, User("r"));
        var body = Dialect.Written(history, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5"), new UpstreamCall { WithoutSignatures = true });
        Assert.Equal("a", (string?)body["messages"]![1]!["content"]);
        var failure = Dialect.ReadFailure(400, _ => null, """{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}"""u8);
        Assert.True(failure.BadSignatures);
    }

    [Theory]
    [InlineData("claude-opus-4-6", "minimal", "low")]
    [InlineData("claude-opus-4-6", "high", "high")]
    [InlineData("claude-opus-4-6", "xhigh", "max")]
    [InlineData("claude-opus-4-8", "xhigh", "xhigh")]
    [InlineData("claude-opus-5", "max", "max")]
    public void AdaptiveModels_GetTheNearestEffort(string model, string asked, string sent)
    {
        var body = Write(model, Effort(asked));
        Assert.Equal("adaptive", (string?)body["thinking"]!["type"]);
        Assert.Null(body["thinking"]!["budget_tokens"]);
        Assert.Equal(sent, (string?)body["output_config"]!["effort"]);
    }

    [Fact]
    public void ExplicitBudget_StaysABudgetOn46_AndBecomesAnEffortLater()
    {
        Same("""{"type":"enabled","budget_tokens":4000}""", Write("claude-opus-4-6", Budget(4000))["thinking"]);
        var newer = Write("claude-opus-4-7", Budget(4000));
        Assert.Equal(("adaptive", "medium"), ((string?)newer["thinking"]!["type"], (string?)newer["output_config"]!["effort"]));
    }

    [Fact]
    public void NewestModels_AreAskedForTextTheyWouldOmit_UnlessExcluded()
    {
        Same("""{"type":"adaptive","display":"summarized"}""", Write("claude-opus-4-8", Effort("high"))["thinking"]);
        Same("""{"type":"adaptive","display":"omitted"}""", Write("claude-opus-4-8", new ReasoningOptions("high", null, true, null, null))["thinking"]);
    }

    [Fact]
    public void WithoutAWord_OldModelsAreSilent_NewOnesThinkVisibly_AndOffIsSaidWhereNeeded()
    {
        Assert.Null(Write("claude-opus-4-8", null)["thinking"]);
        Same("""{"type":"adaptive","display":"summarized"}""", Write("claude-sonnet-5", null)["thinking"]);
        Same("""{"type":"disabled"}""", Write("claude-opus-5", new ReasoningOptions("none", null, false, null, null))["thinking"]);
        Assert.Null(Write("claude-opus-4-5", new ReasoningOptions(null, null, false, false, null))["thinking"]);
    }

    [Fact]
    public void AModelThatAlwaysThinks_CannotBeToldNotTo() =>
        Assert.Equal(400, Dialect.Refused(Request(User("q")) with { Reasoning = Effort("none") }, Target(UpstreamProtocol.AnthropicMessages, "claude-fable-5")).Status);

    [Fact]
    public void Disabled_CapsTheEffortVerbosityAsksFor() => Assert.Equal("high", (string?)Write("claude-opus-5", Effort("none"), change: r => r with { Verbosity = "max" })["output_config"]!["effort"]);

    [Fact]
    public void Thinking_SilencesTemperatureAndForcedCalls()
    {
        var body = Write("claude-sonnet-4-5", Effort("low"), change: r => With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with
        {
            Reasoning = r.Reasoning,
            MaxTokens = r.MaxTokens,
            Temperature = 0.3,
            TopP = 0.5,
            TopK = 4,
            ToolChoice = new ToolChoice(ToolChoiceKind.Required, null),
        });
        Assert.Null(body["temperature"]);
        Assert.Null(body["top_p"]);
        Assert.Null(body["top_k"]);
        Same("""{"type":"auto"}""", body["tool_choice"]);
    }

    [Fact]
    public void ForcedCallOnAModelThatThinksByDefault_TurnsThinkingOffInstead()
    {
        var body = Write("claude-opus-5", null, change: _ => With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with { ToolChoice = new ToolChoice(ToolChoiceKind.Required, null) });
        Same("""{"type":"disabled"}""", body["thinking"]);
        Same("""{"type":"any"}""", body["tool_choice"]);
    }

    [Fact]
    public void ToolLoopBegunByAnotherModel_GoesOnWithoutBudgetedThinking()
    {
        Message[] loop = [User("q"), Assistant(null, new ToolCall("a", "f", "{}")), Result("a", "1")];
        Assert.Null(Write("claude-sonnet-4-5", Effort("low"), change: r => Request(loop) with { Reasoning = r.Reasoning, MaxTokens = r.MaxTokens })["thinking"]);
        Assert.NotNull(Write("claude-opus-4-6", Effort("low"), change: r => Request(loop) with { Reasoning = r.Reasoning, MaxTokens = r.MaxTokens })["thinking"]);
    }

    [Theory]
    [InlineData("claude-opus-4-5", "high")]
    [InlineData("claude-sonnet-4-5", null)]
    [InlineData("claude-sonnet-4-6", "max")]
    public void Verbosity_IsTheEffortWhereThereIsOne(string model, string? effort) =>
        Assert.Equal(effort, (string?)Write(model, null, change: r => r with { Verbosity = "max" })["output_config"]?["effort"]);
}
