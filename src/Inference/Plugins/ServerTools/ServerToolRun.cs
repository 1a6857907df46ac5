using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Plugins.WebSearch;
using Fairlead.Protocols.Canonical;
using Tools = Fairlead.Protocols.Canonical.ServerTools;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>One request's tools and what its earlier turns came to: they are paid with the last one, in one charge .</summary>
/// <param name="id">The plugin's id.</param>
/// <param name="tools">The tools.</param>
/// <param name="mostCalls">The budget: calls beyond it are not run, whatever <paramref name="stop"/> says.</param>
/// <param name="stop">What ends it sooner.</param>
internal sealed class ServerToolRun(string id, IReadOnlyList<ServerTool> tools, int mostCalls, StopConditions stop) : PluginRun(id)
{
    private Usage earlier;
    private int turns;
    private long largestPrompt;
    private Usage ended;
    private decimal dollars;
    private bool isOver;

    /// <summary>Calls the model asked for, run or not.</summary>
    public int Calls { get; private set; }

    /// <summary>The budget of calls is used up, or a condition to stop was met: the model has been asked for its last word.</summary>
    public bool IsOver => isOver || Calls >= mostCalls;

    /// <summary>What was called; null where nothing was.</summary>
    public ServerToolUse? Use => Calls == 0
        ? null
        : new ServerToolUse(Calls, tools.Sum(static tool => tool.Uses), UsesOf(Tools.WebSearch), UsesOf(Tools.WebFetch));

    public override bool ActsOnAnswer => true;

    public override PluginFee? Fee => tools.Select(static tool => tool.Fee).FirstOrDefault(static fee => fee is not null);

    /// <summary>The tool behind a function; null where the function is the caller's.</summary>
    public ServerTool? Find(string function) => Tools.TypeOfFunction(function) is { } type ? tools.FirstOrDefault(tool => tool.Type == type) : null;

    /// <summary>Runs one call; what is beyond the budget is told to the model instead.</summary>
    public ValueTask<string> CallAsync(PluginCall call, ServerTool tool, string arguments)
    {
        return ++Calls > mostCalls ? new(ServerTool.Error($"The tools may be called {mostCalls} times for one request, and have been.")) : tool.CallAsync(call, arguments);
    }

    /// <summary>A turn ended in calls; another is to follow.</summary>
    /// <param name="usage">What it took, as it will be billed.</param>
    /// <param name="cost">That at list price, in dollars.</param>
    /// <param name="names">The functions it called.</param>
    /// <param name="finish">How it ended, in the contract's word.</param>
    public void EndTurn(in Usage usage, decimal cost, IEnumerable<string> names, string finish)
    {
        ended = usage;
        dollars += cost;
        isOver |= turns + 1 >= stop.Steps || earlier.TotalTokens + usage.TotalTokens >= stop.Tokens || dollars >= stop.Dollars || stop.Finishes.Contains(finish)
            || names.Any(name => stop.Tools.Contains(name) || (Tools.TypeOfFunction(name) is { } type && stop.Tools.Contains(type)));
    }

    /// <summary>The calls of a turn were run.</summary>
    /// <param name="fees">What all plugins did so far that costs, in dollars.</param>
    public void EndCalls(decimal fees) => isOver |= dollars + fees >= stop.Dollars;

    /// <summary>The next turn answers: the one that ended is among those before it.</summary>
    public void BeginNext()
    {
        earlier = Sum(earlier, ended);
        largestPrompt = Math.Max(largestPrompt, ended.PromptTokens);
        turns++;
    }

    /// <summary>The last turn's counts with those before it, and what that means for prices.</summary>
    public (Usage Usage, PricingContext Pricing) WithEarlierTurns(in Usage last, in PricingContext pricing) => turns == 0
        ? (last, pricing)
        : (Sum(earlier, last), pricing with { Turns = turns + 1, Images = pricing.Images * (turns + 1), LargestPrompt = Math.Max(largestPrompt, last.PromptTokens) });

    public override IReadOnlyList<AnswerEvent> Annotate(string text) => CitedLinks.Of([.. tools.SelectMany(static tool => tool.Found).DistinctBy(static result => result.Url)], text);

    public override bool WriteStage(Utf8JsonWriter json)
    {
        if (Calls == 0)
            return false;
        json.WriteString("type"u8, "server_tools"u8);
        json.WriteString("name"u8, Id);
        json.WriteStartObject("data"u8);
        json.WriteNumber("turns"u8, turns + 1);
        foreach (var tool in tools)
            json.WriteNumber(tool.Type, tool.Uses);
        json.WriteEndObject();
        if (Fee is { } fee)
            json.WriteNumber("cost_usd"u8, fee.Total.Dollars);
        return true;
    }

    private int UsesOf(string type) => tools.Where(tool => tool.Type == type).Sum(static tool => tool.Uses);

    private static Usage Sum(in Usage a, in Usage b) => new()
    {
        PromptTokens = a.PromptTokens + b.PromptTokens,
        CompletionTokens = a.CompletionTokens + b.CompletionTokens,
        CachedTokens = a.CachedTokens + b.CachedTokens,
        CacheWriteTokens = a.CacheWriteTokens + b.CacheWriteTokens,
        CacheWrite1hTokens = a.CacheWrite1hTokens + b.CacheWrite1hTokens,
        ReasoningTokens = a.ReasoningTokens + b.ReasoningTokens,
        AudioPromptTokens = a.AudioPromptTokens + b.AudioPromptTokens,
        CachedAudioTokens = a.CachedAudioTokens + b.CachedAudioTokens,
        ImagePromptTokens = a.ImagePromptTokens + b.ImagePromptTokens,
        CachedImageTokens = a.CachedImageTokens + b.CachedImageTokens,
        VideoPromptTokens = a.VideoPromptTokens + b.VideoPromptTokens,
        AudioCompletionTokens = a.AudioCompletionTokens + b.AudioCompletionTokens,
        ImageCompletionTokens = a.ImageCompletionTokens + b.ImageCompletionTokens,
        // Where one turn says what it bills, the other bills what it read.
        BilledPromptTokens = a.BilledPromptTokens is null && b.BilledPromptTokens is null ? null : (a.BilledPromptTokens ?? a.PromptTokens) + (b.BilledPromptTokens ?? b.PromptTokens),
        BilledCompletionTokens = a.BilledCompletionTokens is null && b.BilledCompletionTokens is null
            ? null
            : (a.BilledCompletionTokens ?? a.CompletionTokens) + (b.BilledCompletionTokens ?? b.CompletionTokens),
        WebSearchRequests = a.WebSearchRequests + b.WebSearchRequests,
        Estimated = a.Estimated || b.Estimated,
    };
}
