using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>Middle-out compression (routing R-43): by example, and what holds of every conversation.</summary>
public sealed class MiddleOutTests
{
    private static string Message(string role, string text) => new JsonObject { ["role"] = role, ["content"] = text }.ToJsonString();

    private static string Words(int count) => string.Join(' ', Enumerable.Repeat("word", count));

    private static CanonicalRequest Read(IEnumerable<string> messages)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"a/b","messages":[{{string.Join(',', messages)}}]}""");
        var (request, error) = RequestReader.Read(body, 0);
        Assert.True(request is not null, error?.Message);
        return request;
    }

    private static List<string>? Compress(IReadOnlyList<string> messages, int budget, int most = int.MaxValue)
    {
        var request = Read(messages);
        return MiddleOut.Compress(ChatMessages.Of(request).Items, request.Content, most, facts => facts.PromptTokens <= budget)?.Select(item => Encoding.UTF8.GetString(item.Span)).ToList();
    }

    [Fact]
    public void WhatFits_IsTheSameList()
    {
        var request = Read([Message("user", "a"), Message("user", "b")]);
        var items = ChatMessages.Of(request).Items;
        Assert.Same(items, MiddleOut.Compress(items, request.Content, 2, static _ => true));
    }

    [Fact]
    public void TheMiddleGoesFirst_TheEarlierOfTwo_AndTheBytesOfTheRestStay()
    {
        // Each is four tokens: three for the message, one for its word; and three for the answer.
        string[] messages = [Message("system", "s"), Message("user", "0"), """{"role":"assistant", "content":"1", "x":1.50}""", Message("user", "2"), Message("assistant", "3"), Message("user", "4")];
        Assert.Equal(messages, Compress(messages, 27));
        Assert.Equal([messages[0], messages[1], messages[3], messages[4], messages[5]], Compress(messages, 26));
        Assert.Equal([messages[0], messages[1], messages[4], messages[5]], Compress(messages, 19));
        Assert.Equal([messages[0], messages[4], messages[5]], Compress(messages, 15));
        Assert.Equal([messages[0], messages[5]], Compress(messages, 11));
        Assert.Null(Compress(messages, 10));
    }

    [Fact]
    public void ACallAndItsResultsGoTogether_AndTheNewestTurnStays()
    {
        const string Calls = """{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]}""";
        string Result(string id) => $$"""{"role":"tool","tool_call_id":"{{id}}","content":"{{Words(20)}}"}""";
        string[] messages =
        [
            Message("developer", "rules"), Message("user", "first"), Calls, Result("a"), Result("b"), Message("assistant", "so"), Message("user", "go on"),
            Calls.Replace("\"a\"", "\"c\"", StringComparison.Ordinal).Replace("\"b\"", "\"d\"", StringComparison.Ordinal), Result("c"), Result("d"),
        ];
        var all = Read(messages).Content.PromptTokens;
        Assert.Equal([messages[0], messages[1], .. messages[5..]], Compress(messages, all - 1));
        string[] least = [messages[0], .. messages[6..]];
        Assert.Equal(least, Compress(messages, Read(least).Content.PromptTokens));
    }

    [Fact]
    public void OfTooManyMessages_TheFirstAndLastHalfStay_AndNoResultWithoutItsCall()
    {
        var messages = Enumerable.Range(0, 11).Select(i => Message(i % 2 == 0 ? "user" : "assistant", $"{i}")).ToList();
        Assert.Equal([.. messages[..3], .. messages[9..]], Compress(messages, int.MaxValue, most: 5));

        messages[2] = """{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}""";
        messages[3] = """{"role":"tool","tool_call_id":"a","content":"r"}""";
        Assert.Equal([.. messages[..2], .. messages[9..]], Compress(messages, int.MaxValue, most: 5));
        messages[4] = Message("system", "stays");
        Assert.Equal([.. messages[..2], messages[4], .. messages[9..]], Compress(messages, int.MaxValue, most: 5));
    }

    [Fact]
    public void WhenNothingMoreMayGo_TheLongestTextLosesItsMiddle()
    {
        var text = string.Join(' ', Enumerable.Range(0, 2000)) + " 😀😀😀";
        string[] messages = [Message("system", "Be brief."), new JsonObject { ["role"] = "user", ["name"] = "n", ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "short" }, new JsonObject { ["type"] = "text", ["text"] = text, ["x"] = 1 }) }.ToJsonString()];
        var kept = Compress(messages, 1000)!;
        Assert.Equal(messages[0], kept[0]);
        var part = JsonNode.Parse(kept[1])!["content"]![1]!;
        Assert.Equal((1, "n", "short"), ((int)part["x"]!, (string?)JsonNode.Parse(kept[1])!["name"], (string?)JsonNode.Parse(kept[1])!["content"]![0]!["text"]));
        var halves = ((string)part["text"]!).Split("\n…\n");
        Assert.True(text.StartsWith(halves[0], StringComparison.Ordinal) && text.EndsWith(halves[1], StringComparison.Ordinal));
        Assert.InRange(Math.Abs(halves[0].Length - halves[1].Length), 0, 1);
        Assert.InRange(Read(kept).Content.PromptTokens, 950, 1000);
        Assert.Null(Compress(messages, 15));
    }

    [Fact]
    public void EveryConversation_FitsOrIsRefused_KeepsOrderAndWhatIsProtected()
    {
        for (var round = 0; round < 300; round++)
        {
            var random = new Random(round);
            var messages = Conversation(random);
            var all = Read(messages).Content.PromptTokens;
            var (budget, most) = (random.Next(5, all + 5), random.Next(4) == 0 ? random.Next(2, 12) : int.MaxValue);
            var kept = Compress(messages, budget, most);
            Assert.Equal(kept, Compress(messages, budget, most));
            if (kept is null)
                continue;
            // Reading checks that no result has lost its call.
            Assert.True(Read(kept).Content.PromptTokens <= budget, $"round {round}");
            var cut = kept.Where(message => !messages.Contains(message)).ToList();
            Assert.True(cut.Count <= 1, $"round {round}");
            var places = kept.Where(messages.Contains).Select(message => messages.IndexOf(message)).ToList();
            Assert.Equal(places.Order(), places);
            bool Stays(string message) => kept.Contains(message) || (cut.Count == 1 && (string?)JsonNode.Parse(cut[0])!["role"] == (string?)JsonNode.Parse(message)!["role"]);
            Assert.All(messages.Where(message => message.Contains("\"system\"", StringComparison.Ordinal)), message => Assert.True(Stays(message), $"round {round}"));
            Assert.True(Stays(messages.Last(message => message.Contains("\"user\"", StringComparison.Ordinal))), $"round {round}");
            Assert.True(Stays(messages[^1]), $"round {round}");
        }
    }

    private static List<string> Conversation(Random random)
    {
        var messages = new List<string>();
        var calls = 0;
        for (var turns = random.Next(1, 15); turns > 0; turns--)
        {
            // Numbered, so that no two are the same.
            messages.Add(Message(random.Next(6) == 0 ? "system" : "user", $"{messages.Count} {Words(random.Next(60))}"));
            if (random.Next(3) == 0)
            {
                calls += 2;
                messages.Add($$$"""{"role":"assistant","content":null,"tool_calls":[{"id":"c{{{calls}}}","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c{{{calls + 1}}}","type":"function","function":{"name":"f","arguments":"{}"}}]}""");
                messages.Add($$"""{"role":"tool","tool_call_id":"c{{calls}}","content":"{{messages.Count}} {{Words(random.Next(40))}}"}""");
                messages.Add($$"""{"role":"tool","tool_call_id":"c{{calls + 1}}","content":"{{messages.Count}}"}""");
            }

            messages.Add(Message("assistant", $"{messages.Count} {Words(random.Next(30))}"));
        }

        messages.Add(Message("user", $"{messages.Count} {Words(random.Next(80))}"));
        return messages;
    }

    [Fact]
    public void AHundredThousandMessages_AreNoTrouble()
    {
        var messages = Enumerable.Range(0, 100_000).Select(i => Message(i % 2 == 0 ? "user" : "assistant", "m")).ToList();
        Assert.Equal(25, Compress(messages, 103)!.Count);
    }
}
