using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>The assistant message of an answer as a client sends it back: of a stream, its fragments as they came.</summary>
internal static class ReplyMessages
{
    public static JsonObject Message(this ChatReply reply, bool stream) => stream ? Gathered(reply) : reply.Json["choices"]![0]!["message"]!.AsObject();

    private static JsonObject Gathered(ChatReply reply)
    {
        var details = new JsonArray();
        var calls = new JsonArray();
        var reasoning = "";
        foreach (var delta in reply.Events.SelectMany(e => e["choices"]!.AsArray()).Select(choice => choice!["delta"]!))
        {
            reasoning += (string?)delta["reasoning"];
            foreach (var detail in delta["reasoning_details"]?.AsArray() ?? [])
                details.Add(detail!.DeepClone());
            foreach (var call in delta["tool_calls"]?.AsArray() ?? [])
            {
                if (call!["id"] is null)
                    calls[(int)call["index"]!]!["function"]!["arguments"] = (string)calls[(int)call["index"]!]!["function"]!["arguments"]! + (string?)call["function"]!["arguments"];
                else
                    calls.Add(call.DeepClone());
            }
        }

        var message = new JsonObject { ["role"] = "assistant", ["content"] = reply.Content, ["reasoning"] = reasoning, ["reasoning_details"] = details };
        if (calls.Count > 0)
            message["tool_calls"] = calls;
        return message;
    }
}
