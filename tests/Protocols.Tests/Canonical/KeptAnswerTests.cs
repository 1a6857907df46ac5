using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.Responses.Client;

namespace Fairlead.Protocols.Tests.Canonical;

/// <summary>An answer given again is the same but for id, time and what it counted.</summary>
public sealed class KeptAnswerTests
{
    private const string Old = "gen-1700000000-aaaaaaaaaaaaaaaaaaaa";
    private const string New = "gen-1800000000-bbbbbbbbbbbbbbbbbbbb";

    [Fact]
    public void Whole_HasAnotherIdAndTime_CountsNothing_AndSaysNothingOfItsRoute() => Same(
        $$$$"""{"id":"{{{{New}}}}","created":1800000001,"choices":[{"message":{"content":"usage: 5 {{{{New}}}}","usage":7}}],"usage":{"prompt_tokens":0,"is_byok":false,"cost":0,"cost_details":{"a":0,"b":null},"list":[0,"x"]}}""",
        $$$$"""{ "id": "{{{{Old}}}}", "created": 1700000000, "choices": [{"message":{"content":"usage: 5 {{{{Old}}}}","usage":7}}], "openrouter_metadata": {"x":1}, "usage": {"prompt_tokens": 12, "is_byok":false,"cost": 1.5e-7, "cost_details":{"a":-1,"b":null},"list":[9,"x"]}}""",
        ClientDialect.ChatCompletions, isStream: false);

    [Fact]
    public void Stream_HasTheSameEvents_WithoutComments() => Same(
        $$$$"""data: {"id":"{{{{New}}}}","created":1800000001,"choices":[]}""" + "\n\n" + """data: {"usage":{"cost":0}}""" + "\n\ndata: [DONE]\n\n",
        ": OPENROUTER PROCESSING\n\n" + $$$$"""data: {"id":"{{{{Old}}}}","created":1700000000,"choices":[]}""" + "\n\n: x\n\n" + """data: {"usage":{"cost":3}}""" + "\n\ndata: [DONE]\n\n",
        ClientDialect.ChatCompletions, isStream: true);

    [Fact]
    public void Messages_CountNothingInStartAndEnd() => Same(
        "event: message_start\n" + $$$$"""data: {"type":"message_start","message":{"id":"{{{{New}}}}","usage":{"input_tokens":0,"service_tier":"standard"}}}""" + "\n\n",
        "event: message_start\n" + $$$$"""data: {"type":"message_start","message":{"id":"{{{{Old}}}}","usage":{"input_tokens":8,"service_tier":"standard"}}}""" + "\n\n",
        ClientDialect.Messages, isStream: true);

    [Fact]
    public void Responses_HaveAnotherResponseId()
    {
        var (old, @new) = (ResponsesClientDialect.ResponseId(Old), ResponsesClientDialect.ResponseId(New));
        Assert.NotEqual(old, @new);
        Same(
            $$$$"""data: {"type":"response.completed","response":{"id":"{{{{@new}}}}","created_at":1800000001,"completed_at":1800000001,"usage":{"total_tokens":0}}}""" + "\n\n",
            $$$$"""data: {"type":"response.completed","response":{"id":"{{{{old}}}}","created_at":1700000000,"completed_at":1700000009,"usage":{"total_tokens":9}}}""" + "\n\n",
            ClientDialect.Responses, isStream: true);
    }

    private static void Same(string expected, string sent, ClientDialect dialect, bool isStream)
    {
        var kept = KeptAnswer.Of(Encoding.UTF8.GetBytes(sent), isStream, dialect, Old);
        Assert.Equal(expected, Encoding.UTF8.GetString(kept.Again(New, 1_800_000_001)));
        Assert.Equal(expected.Length, kept.Length);
    }
}
