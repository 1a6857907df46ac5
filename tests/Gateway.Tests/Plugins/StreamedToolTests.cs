using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Messages;
using Fairlead.Gateway.Tests.Responses;
using Fairlead.Ledger.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Streams of requests whose tools the gateway runs: what every turn says comes as it arrives, and the end is that of all of them.</summary>
public sealed class StreamedToolTests(StreamedToolTests.Host host) : IClassFixture<StreamedToolTests.Host>
{
    private const string Clock = """[{"type":"openrouter:datetime"}]""";
    private const string ClockAndOwn = """[{"type":"openrouter:datetime"},{"type":"function","function":{"name":"own","parameters":{"type":"object","properties":{}}}}]""";

    /// <summary>A gateway over a provider of chat completions that says what the test wants, turn by turn.</summary>
    public sealed class Host : IAsyncLifetime
    {
        internal FakeService Model { get; private set; } = null!;

        internal GatewayHost Gateway { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Model = await FakeService.StartAsync();
            Gateway = await GatewayHost.StartAsync(new() { Config = Config(Model), Credits = 100 });
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Model.DisposeAsync();
        }

        internal static string Config(FakeService model) => UpstreamConfig.Of(new UpstreamSetup { BaseUrl = model.Address + "/v1" }, "m");

        internal void Says(params string[][] turns)
        {
            var left = new Queue<string[]>(turns);
            Model.Pieces = _ => left.Dequeue().ToAsyncEnumerable();
        }
    }

    private static JsonObject Body(string tools = Clock)
    {
        var body = ChatClient.Body("What time is it?", stream: true);
        body["tools"] = JsonNode.Parse(tools);
        body["max_tokens"] = 100;
        return body;
    }

    private static string Chunk(string delta, string? finish = null)
    {
        var reason = finish is null ? "null" : JsonValue.Create(finish).ToJsonString();
        return $$$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":{{{reason}}}}]}""" + "\n\n";
    }

    private static string Text(string text) => Chunk($$$"""{"content":"{{{text}}}"}""");

    private static string Call(string name, int index = 0) => Chunk($$$"""{"tool_calls":[{"index":{{{index}}},"id":"{{{name}}}-{{{index}}}","type":"function","function":{"name":"{{{name}}}","arguments":"{}"}}]}""");

    /// <summary>A hundred tokens read and ten written.</summary>
    private static string End(string finish) => Chunk("{}", finish)
        + """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}""" + "\n\ndata: [DONE]\n\n";

    private static string[] Looks(string call = "openrouter_datetime") => [Text("Let me "), Text("look."), Call(call), End("tool_calls")];

    [Fact]
    public async Task WhatATurnSays_ComesBeforeItsEnd()
    {
        var heard = new TaskCompletionSource();
        var turn = 0;
        host.Model.Pieces = _ => Interlocked.Increment(ref turn) == 1 ? Looks().ToAsyncEnumerable() : Waits();
        using var request = ChatClient.Request(Body());

        using var response = await host.Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var text = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            text += line + "\n";
            if (line.Contains("It is", StringComparison.Ordinal))
                heard.TrySetResult();
        }

        Assert.Contains("late.", text, StringComparison.Ordinal);

        async IAsyncEnumerable<string> Waits()
        {
            yield return Text("It is ");
            await heard.Task.WaitAsync(TimeSpan.FromSeconds(20));
            yield return Text("late.");
            yield return End("stop");
        }
    }

    [Fact]
    public async Task OnEverySurface_TheTurnsAreOneAnswer_WithOneEnd_PaidTogether()
    {
        string[] last = [Text("It is "), Text("late."), End("stop")];
        host.Says(Looks(), last);
        var chat = await host.Gateway.ChatAsync(Body());
        Assert.Equal(("Let me look.\n\nIt is late.", "stop", true), (chat.Content, chat.Finish, chat.Done));
        Assert.Equal(4, chat.Events.Count(e => (string?)e["choices"]?.AsArray().FirstOrDefault()?["delta"]?["content"] is { Length: > 0 }));
        Assert.DoesNotContain("\"tool_calls\"", chat.Text, StringComparison.Ordinal);
        Assert.Equal((200, 20, 0.00024m), ((int)chat.Usage!["prompt_tokens"]!, (int)chat.Usage["completion_tokens"]!, chat.Cost));
        Assert.Equal(0.00024m, (decimal)(await host.Gateway.GenerationAsync(chat.GenerationId))["total_cost"]!);

        host.Says(Looks(), last);
        var message = MessagesClient.Body("What time is it?", stream: true, model: UpstreamConfig.Model);
        message["tools"] = JsonNode.Parse(Clock);
        var reply = await host.Gateway.MessageAsync(message);
        Assert.Equal(("Let me look.\n\nIt is late.", "end_turn"), (reply.Content, (string?)reply.Message["stop_reason"]));
        Assert.Empty(reply.Blocks("tool_use"));

        host.Says(Looks(), last);
        var input = ResponsesCaller.Body("What time is it?", stream: true, model: UpstreamConfig.Model);
        input["tools"] = JsonNode.Parse(Clock);
        var responded = await host.Gateway.RespondAsync(input);
        Assert.Equal("Let me look.\n\nIt is late.", responded.Content);
        Assert.DoesNotContain("openrouter_datetime\",", responded.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACallOfTheCallersOwn_EndsTheStreamWithThatCallAlone()
    {
        host.Says(Looks(), [Text("Yours."), Call("openrouter_datetime"), Call("own", 1), End("tool_calls")]);

        var reply = await host.Gateway.ChatAsync(Body(ClockAndOwn));

        Assert.Equal(("Let me look.\n\nYours.", "tool_calls"), (reply.Content, reply.Finish));
        var call = Assert.Single(reply.Events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(c => c!["delta"]!["tool_calls"]?.AsArray() ?? []), c => c!["function"]?["name"] is not null);
        Assert.Equal((0, "own"), ((int)call!["index"]!, (string?)call["function"]!["name"]));
    }

    [Fact]
    public async Task ATurnThatBreaks_BreaksTheAnswer_AndNothingIsPaid()
    {
        host.Says(Looks(), [Text("It is ")]);
        var shown = await host.Gateway.ChatAsync(Body());
        Assert.Equal(200, shown.Status);
        Assert.Equal("error", shown.Finish);
        Assert.Equal(0, (decimal)(await host.Gateway.GenerationAsync(shown.GenerationId))["total_cost"]!);

        // Before anything was shown it is an error with a status.
        host.Says([Call("openrouter_datetime"), End("tool_calls")], ["data: {\"error\":{\"message\":\"down\",\"code\":503}}\n\n"], ["data: {\"error\":{\"message\":\"down\",\"code\":503}}\n\n"]);
        var unseen = await host.Gateway.ChatAsync(Body());
        Assert.True(unseen.Status >= 500, unseen.Text);
        Assert.Equal(0, (decimal)(await host.Gateway.GenerationAsync(unseen.GenerationId))["total_cost"]!);
    }

    [Fact]
    public async Task ACallerThatLeavesWithinALaterTurn_PaysForTheTurnsBeforeIt_AndWhatItGotOfThatOne()
    {
        var over = new TaskCompletionSource();
        var turn = 0;
        host.Model.Pieces = _ => Interlocked.Increment(ref turn) == 1 ? Looks().ToAsyncEnumerable() : Waits();
        string id;
        using (var request = ChatClient.Request(Body()))
        using (var response = await host.Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            id = response.Headers.GetValues("X-Generation-Id").Single();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line && !line.Contains("It is", StringComparison.Ordinal))
            {
            }
        }

        var record = await host.Gateway.GenerationAsync(id);
        over.SetResult();
        Assert.True((bool)record["cancelled"]!);
        // A hundred and ten tokens of the first turn; of the second the prompt, and two or three words of ours.
        Assert.InRange((decimal)record["total_cost"]!, 0.000121m, 0.0004m);
        Assert.InRange((long)record["native_tokens_completion"]!, 11, 14);

        async IAsyncEnumerable<string> Waits()
        {
            yield return Text("It is ");
            await over.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task CreditsThatEndBetweenTurns_EndTheStreamWithLength_AndWhatWasDoneIsPaid()
    {
        // Enough for the worst case of one turn, not for that of another beside what the first one used.
        await using var poor = await GatewayHost.StartAsync(new() { Config = Host.Config(host.Model), Credits = 0.0004m });
        host.Says(Looks());

        var reply = await poor.ChatAsync(Body());

        Assert.Equal(("Let me look.", "length", 0.00012m), (reply.Content, reply.Finish, reply.Cost));
        Assert.Equal(0.00012m, await poor.SpentAsync());
        using var report = new StringWriter();
        Assert.True(poor.Services.GetRequiredService<LedgerVerifier>().Verify(report), report.ToString());
    }
}
