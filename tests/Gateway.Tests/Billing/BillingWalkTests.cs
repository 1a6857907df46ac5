using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Tokens;
using static Fairlead.Gateway.Tests.Billing.AnswerScript;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>
/// Walks the billing matrix over real sockets: for each dialect the caller leaves, or the provider fails, after every event. What is charged is what
/// the table says, the record says so, nothing stays held, and the balance is the sum.
/// </summary>
public sealed class BillingWalkTests(BillingHost host) : IClassFixture<BillingHost>
{
    private static readonly string[] Protocols = [.. All.Select(script => script.Protocol)];

    public static TheoryData<string, bool> Streams()
    {
        var data = new TheoryData<string, bool>();
        foreach (var protocol in Protocols)
        {
            data.Add(protocol, true);
            data.Add(protocol, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task CallerLeavesAStreamAfterEveryEvent_PaysByTheTable(string protocol, bool canAbort)
    {
        var script = Of(protocol);
        var sums = new Sums(host);
        var told = new List<double>();
        for (var sent = 0; sent < (script.HasTerminator ? script.Events.Count : script.Events.Count + 1); sent++)
        {
            using var call = host.Send(protocol, canAbort, stream: true);
            using var upstream = await host.Upstream.RequestAsync();
            await PlayAsync(upstream, script, 0, sent);
            if (script.WordsIn(sent) is > 0 and var words)
                await call.ReadUntilAsync(Words[words - 1]);
            var leftAt = await call.LeaveAsync();
            if (canAbort)
            {
                told.Add(Stopwatch.GetElapsedTime(leftAt, await upstream.WhenClosed.WaitAsync(TimeSpan.FromSeconds(5))).TotalMilliseconds);
            }
            else
            {
                Assert.False(upstream.WhenClosed.IsCompleted, $"after event {sent}: an endpoint that cannot abort was cut off");
                await PlayAsync(upstream, script, sent, script.Events.Count);
                await upstream.EndAsync();
            }

            var record = await call.RecordAsync();
            sums.Add(record);
            Assert.True((bool)record["cancelled"]!, $"after event {sent}");
            if (!canAbort)
                Reported(record, $"after event {sent}");
            else if (script.WordsIn(sent) == 0)
                Free(record, finish: null, $"after event {sent}");
            else
                UntilThen(record, script, sent);
        }

        sums.AreTheBalance();
        // 100 ms is the goal. A busy machine is late now and then, a gateway that polls or waits always is: the quicker ones tell.
        if (canAbort)
            Assert.True(told.Order().ElementAt(told.Count / 4) <= 100, $"told to stop after {string.Join(", ", told.Select(ms => $"{ms:0}"))} ms");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task ProviderFailsWithinAStreamAfterEveryEvent_NothingIsPaid_UnlessTheFinishWasSeen(string protocol, bool canAbort)
    {
        var script = Of(protocol);
        var sums = new Sums(host);
        foreach (var inBand in (bool[])[false, true])
        {
            for (var sent = 0; sent <= (inBand ? script.Events.TakeWhile(e => !e.HasFinish).Count() : script.Events.Count); sent++)
            {
                var what = $"{(inBand ? "an error event" : "a cut")} after event {sent}";
                using var call = host.Send(protocol, canAbort, stream: true);
                using var over = new CancellationTokenSource();
                var playing = PlayToEveryAttemptAsync(upstream => FailAsync(upstream, script, sent, inBand), over.Token);
                await call.ReadToEndAsync();
                var record = await call.RecordAsync();
                await over.CancelAsync();
                await playing;

                sums.Add(record);
                if (script.FinishIn(sent))
                {
                    Assert.Contains("[DONE]", call.Received, StringComparison.Ordinal);
                    UntilThen(record, script, sent, whole: true);
                    continue;
                }

                Assert.Contains("\"error\"", call.Received, StringComparison.Ordinal);
                Free(record, finish: "error", what);
                Insured(record, script.WordsIn(sent), what);
                Assert.False((bool)record["cancelled"]!, what);
            }
        }

        sums.AreTheBalance();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task CallerLeavesAndTheProviderFails_NothingIsPaid(string protocol, bool canAbort)
    {
        var script = Of(protocol);
        var sums = new Sums(host);
        foreach (var stream in (bool[])[true, false])
        {
            // Where the provider is told to stop, there is nothing left to fail.
            if (stream && canAbort)
                continue;
            using var call = host.Send(protocol, canAbort, stream);
            using var upstream = await host.Upstream.RequestAsync();
            if (stream)
            {
                await PlayAsync(upstream, script, 0, script.Events.Count - 2);
                await call.ReadUntilAsync(Words[0]);
            }
            else
            {
                await upstream.StartWholeAsync(Encoding.UTF8.GetByteCount(script.Whole));
                await upstream.WriteAsync(script.Whole[..20]);
            }

            await call.LeaveAsync();
            upstream.Cut();
            var record = await call.RecordAsync();
            sums.Add(record);
            Assert.True((bool)record["cancelled"]!);
            if (!stream || !script.FinishIn(script.Events.Count - 2))
                Free(record, finish: stream ? "error" : null, "cut");
        }

        sums.AreTheBalance();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task CallerLeavesAWholeAnswer_ItIsReadToItsEndAndPaid(string protocol, bool canAbort)
    {
        var script = Of(protocol);
        var sums = new Sums(host);
        var length = Encoding.UTF8.GetByteCount(script.Whole);
        foreach (var sent in (int[])[0, 1, length / 2, length - 1])
        {
            using var call = host.Send(protocol, canAbort, stream: false);
            using var upstream = await host.Upstream.RequestAsync();
            if (sent > 0)
            {
                await upstream.StartWholeAsync(length);
                await upstream.WriteAsync(script.Whole[..sent]);
            }

            await call.LeaveAsync();
            Assert.False(upstream.WhenClosed.IsCompleted, $"cut off after byte {sent}");
            if (sent == 0)
                await upstream.StartWholeAsync(length);
            await upstream.WriteAsync(script.Whole[sent..]);
            await upstream.EndAsync();

            var record = await call.RecordAsync();
            sums.Add(record);
            Assert.True((bool)record["cancelled"]!);
            Reported(record, $"after byte {sent}");
        }

        sums.AreTheBalance();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task ProviderFailsAWholeAnswer_NothingIsPaid(string protocol, bool canAbort)
    {
        var script = Of(protocol);
        var sums = new Sums(host);
        var length = Encoding.UTF8.GetByteCount(script.Whole);
        foreach (var sent in (int[])[0, 1, length / 2, length - 1])
        {
            using var call = host.Send(protocol, canAbort, stream: false);
            using var over = new CancellationTokenSource();
            var playing = PlayToEveryAttemptAsync(
                async upstream =>
                {
                    if (sent > 0)
                    {
                        await upstream.StartWholeAsync(length);
                        await upstream.WriteAsync(script.Whole[..sent]);
                    }

                    upstream.Cut();
                },
                over.Token);
            Assert.InRange(await call.ReadToEndAsync(), 500, 599);
            var record = await call.RecordAsync();
            await over.CancelAsync();
            await playing;
            sums.Add(record);
            Free(record, finish: "error", $"cut after byte {sent}");
        }

        sums.AreTheBalance();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task FailedAttemptBeforeAGoodOne_OnlyTheGoodOneIsPaid(string protocol, bool canAbort)
    {
        var script = Of(protocol);
        var sums = new Sums(host);
        foreach (var stream in (bool[])[true, false])
        {
            using var call = host.Send(protocol, canAbort, stream);
            using (var failing = await host.Upstream.RequestAsync())
                failing.Cut();
            using var good = await host.Upstream.RequestAsync();
            if (stream)
            {
                await PlayAsync(good, script, 0, script.Events.Count);
            }
            else
            {
                await good.StartWholeAsync(Encoding.UTF8.GetByteCount(script.Whole));
                await good.WriteAsync(script.Whole);
            }

            await good.EndAsync();
            Assert.Equal(200, await call.ReadToEndAsync());
            var record = await call.RecordAsync();
            sums.Add(record);
            Assert.Equal(2, record["provider_responses"]!.AsArray().Count);
            Assert.False((bool)record["cancelled"]!);
            Reported(record, "the second attempt");
        }

        sums.AreTheBalance();
    }

    /// <summary>Sends events from one to another; the head first.</summary>
    private static async Task PlayAsync(StepConnection upstream, AnswerScript script, int from, int to)
    {
        if (from == 0 && to > 0)
            await upstream.StartStreamAsync(script.MediaType);
        for (var i = from; i < to; i++)
            await upstream.WriteAsync(script.Events[i].Text);
    }

    private static async Task FailAsync(StepConnection upstream, AnswerScript script, int sent, bool inBand)
    {
        await PlayAsync(upstream, script, 0, sent);
        if (!inBand)
        {
            upstream.Cut();
            return;
        }

        if (sent == 0)
            await upstream.StartStreamAsync(script.MediaType);
        await upstream.WriteAsync(script.ErrorEvent);
        await upstream.EndAsync();
    }

    private async Task PlayToEveryAttemptAsync(Func<StepConnection, Task> play, CancellationToken over)
    {
        try
        {
            while (true)
            {
                using var upstream = await host.Upstream.RequestAsync(over);
                await play(upstream);
                await upstream.WhenClosed.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The request is over.
        }
    }

    private static decimal CostOf(JsonNode record) =>
        ((int)record["native_tokens_prompt"]! * BillingHost.PromptPrice) + ((int)record["native_tokens_completion"]! * BillingHost.CompletionPrice);

    private static void Free(JsonNode record, string? finish, string what)
    {
        Assert.True((decimal)record["total_cost"]! == 0, $"{what}: {record["total_cost"]}");
        Assert.Equal(finish, (string?)record["finish_reason"]);
    }

    /// <summary>Zero completion insurance (R-46): the record shows what was used, beside a cost of nothing.</summary>
    private static void Insured(JsonNode record, int words, string what)
    {
        Assert.True((decimal)record["usage"]! == 0, what);
        if (words > 0)
            Assert.True((int)record["native_tokens_prompt"]! > 0 && (int)record["native_tokens_completion"]! > 0, $"{what}: {record}");
    }

    private static void Reported(JsonNode record, string what)
    {
        Assert.True((int)record["native_tokens_prompt"]! == ReportedPrompt && (int)record["native_tokens_completion"]! == ReportedCompletion, $"{what}: {record}");
        Assert.Equal(CostOf(record), (decimal)record["total_cost"]!);
        Assert.Equal("stop", (string?)record["finish_reason"]);
    }

    /// <summary>
    /// By our own count of the words that were there, or by the report where it had been sent: whether the gateway had read it already, nobody sees.
    /// </summary>
    private static void UntilThen(JsonNode record, AnswerScript script, int sent, bool whole = false)
    {
        var counted = (int)Tokenizer.O200k.Count(Encoding.UTF8.GetBytes(string.Concat(Words.Take(script.WordsIn(sent)))));
        var prompt = (int)record["native_tokens_prompt"]!;
        var completion = (int)record["native_tokens_completion"]!;
        if (!script.UsageIn(sent) || completion != ReportedCompletion)
        {
            Assert.Equal(counted, completion);
            Assert.Equal(script.PromptFirst ? ReportedPrompt : (int)record["tokens_prompt"]!, prompt);
        }
        else
        {
            Assert.Equal(ReportedPrompt, prompt);
        }

        Assert.Equal(CostOf(record), (decimal)record["total_cost"]!);
        Assert.True((decimal)record["total_cost"]! > 0);
        var finish = (string?)record["finish_reason"];
        Assert.True(whole ? finish == "stop" : finish is null || (finish == "stop" && script.FinishIn(sent)), $"after event {sent}: finish {finish}");
    }

    /// <summary>What the records of a walk add up to.</summary>
    private sealed class Sums(BillingHost host)
    {
        private readonly decimal before = host.Balance().TotalUsage.Dollars;
        private decimal charged;

        public void Add(JsonNode record) => charged += (decimal)record["total_cost"]!;

        public void AreTheBalance()
        {
            var balance = host.Balance();
            Assert.Equal((before + charged, 0m, 0m), (balance.TotalUsage.Dollars, balance.Held.Dollars, balance.Pending.Dollars));
            Assert.Equal("", host.Verify());
        }
    }
}
